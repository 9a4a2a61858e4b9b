"""The module's own Lambda authorizer for `auth.type = "token"`.

Standard library only: importing botocore alone would take several times as long as all the rest of a cold start.
"""

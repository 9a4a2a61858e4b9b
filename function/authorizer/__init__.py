"""The module's own Lambda authorizer for `auth.type = "token"`.

Standard library only, as its zip has no packages.
"""

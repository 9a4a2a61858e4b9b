"""Asks services of AWS, for the host and for the authorizer.

Standard library only: importing botocore alone would take several times as long as the calls.
"""

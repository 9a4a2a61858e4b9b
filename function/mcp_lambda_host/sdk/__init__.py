"""The only place that knows how the SDK, Pydantic and Python's import system work inside.

tests/unit/test_sdk.py looks up each private name that is used here: after an upgrade it says which one is gone.
"""

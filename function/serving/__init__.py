"""Runs a server on this machine as Lambda would: for `check.py` and `serve.py`, with the standard library alone.

The zip has none of it. A process of its own (`worker.py`) is the execution environment, which sees the files of the zip
and the standard library, and gets the events that API Gateway would send to the host's own handler.
"""

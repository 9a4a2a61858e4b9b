"""Leads names to the tests' internet (internet.py), in the local AWS's gateway and in its functions for auth.login.

A name resolves to a public address, and that address leads to a port of this machine. So a function resolves, checks
and connects as it does at AWS, and nothing in it knows of the tests.
"""

# mypy: ignore-errors

import os

ADDRESS = "93.184.216.34"

if os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "-login").endswith("-login"):
    import socket

    resolve, connect = socket.getaddrinfo, socket.socket.connect
    port = int(os.environ["TESTS_INTERNET_PORT"])

    def resolve_to_internet(host, *rest, **named):
        is_name = isinstance(host, str) and "." in host and host[-1].isalpha() and not host.startswith("localhost")
        return resolve(ADDRESS if is_name else host, *rest, **named)

    def connect_to_internet(self, address):
        return connect(self, ("127.0.0.1", port) if address[:2] == (ADDRESS, 443) else address)

    socket.getaddrinfo, socket.socket.connect = resolve_to_internet, connect_to_internet

"""Hosts an author's MCP server, or any ASGI application, in an AWS Lambda function behind API Gateway."""

__version__ = "0.1.0"

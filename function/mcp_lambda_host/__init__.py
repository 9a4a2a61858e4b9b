"""Hosts an author's MCP server, or any ASGI application, in an AWS Lambda function behind API Gateway.

The package has rooms, and imports run one way: a module imports from its own room and from those named before it.

ground: contract, errors, messages, own_log, settings
    What every other module may know.
sdk
    The only place that knows how the SDK, Pydantic and Python's import system work inside.
http
    What a request passes on its way to the author's server, and its answer on the way back.
telemetry
    What is written, counted and traced of a request.
tasks
    Calls of tools that take longer than the gateway waits.
top: all others
    The life of the function: from the start of an execution environment to the answer to an event.
"""

__version__ = "0.1.0"

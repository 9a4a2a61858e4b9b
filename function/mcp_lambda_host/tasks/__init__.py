"""The tasks extension: calls of tools that take longer than the gateway waits.

It is written to SEP-2663 (https://github.com/modelcontextprotocol/ext-tasks, e434597). The function that the gateway
calls keeps a task in a DynamoDB table and has Lambda invoke a second function, the worker, with the client's own event.
The worker runs the same host around the same server, and writes what came of the call to the table, where the client
asks for it through the first function.
"""

"""How tutorials put a server of the official SDK on Lambda."""

from fastapi import FastAPI
from mangum import Mangum
from mcp.server.transport_security import TransportSecuritySettings
from server import mcp

ANY_HOST = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # else every request to AWS gets 421


def handler(event, context):
    """Build the application for each event: the session manager of one that is kept can be started only once."""
    served = mcp.streamable_http_app(stateless_http=True, json_response=True, transport_security=ANY_HOST)
    app = FastAPI(lifespan=served.router.lifespan_context)
    app.mount("/", served)
    return Mangum(app)(event, context)

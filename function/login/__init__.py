"""The module's own authorization server for people (`auth.login`), which does what a provider cannot.

It keeps nothing. What it must remember between two requests travels with the client or the browser, sealed. Tokens are
the provider's. The SDK's handlers of an authorization server do not fit: they know neither RFC 9207's `iss` nor RFC
8252's loopback ports nor `resource`, and would bring pydantic and Starlette into each cold start.
"""

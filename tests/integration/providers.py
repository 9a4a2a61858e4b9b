"""The tests' identity provider with the addresses, tokens and refusals of Entra ID and Okta, as their pages have them.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/CustomAS
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.authorization_server import AuthorizationServer, read_form
from tests.integration.internet import Internet, Reply


class Provider(AuthorizationServer):
    """A site of the tests' internet where people log in."""

    def __init__(self, issuer: str, internet: Internet, authority: AuthorizationServer) -> None:
        super().__init__(issuer, internet.certificate_file, authority.authority)
        internet.sites[urlsplit(issuer).netloc] = self.reply

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer to a request."""
        place = urlsplit(path.removeprefix(urlsplit(self.issuer).path))
        if place.path == "/authorize":
            refused = self.refused({name: values[0] for name, values in parse_qs(place.query).items()})
            return refused or Reply(302, [("location", self.log_in(place.query))], b"")
        form = read_form(body.decode(), headers.get("authorization", "")) if method == "POST" else {}
        answer = self.refused(form) or self.answer(place.path, form)
        if isinstance(answer, Reply):
            return answer
        return Reply.json({"error": "invalid_grant"}, 400) if answer is None else Reply.json(answer)

    def refused(self, asked: dict[str, str]) -> Reply | None:
        """What the provider says to a request that it does not take."""
        raise NotImplementedError


class EntraID(Provider):
    """Entra ID with version 2 tokens of one app registration."""

    def claims_of_person(self, asked: dict[str, str]) -> dict[str, Any]:
        application = asked["client_id"]
        return {"aud": application, "azp": application, "client_id": None, "scp": "call", "ver": "2.0"}

    def refused(self, asked: dict[str, str]) -> Reply | None:
        if "resource" in asked:
            return Reply.json({"error": "invalid_target", "error_codes": [9010010]}, 400)
        # By "api://…" an application gets a token for itself once, and not when it is to be renewed (AADSTS90009).
        if "scope" in asked and asked["scope"].split() != [f"{asked['client_id']}/call", "offline_access"]:
            return Reply.json({"error": "invalid_scope", "error_codes": [70011]}, 400)
        return None


class Okta(Provider):
    """The custom authorization server of an Okta organisation."""

    def claims_of_person(self, asked: dict[str, str]) -> dict[str, Any]:
        return {
            "aud": "api://default",
            "cid": asked["client_id"],
            "client_id": None,
            "scp": ["stock", "offline_access"],
        }

    def refused(self, asked: dict[str, str]) -> Reply | None:
        if "scope" in asked and asked["scope"].split() != ["stock", "offline_access"]:
            return Reply.json({"error": "invalid_scope"}, 400)
        return None

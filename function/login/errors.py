"""What a client is refused with."""

from __future__ import annotations


class OAuthError(Exception):
    """A request is refused for a reason that OAuth has a name for; the message is for developers.

    Attributes:
        code: The name.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

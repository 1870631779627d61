"""Errors that mean something to whoever made the call."""

from typing import Any


class StartError(Exception):
    """The service or a command cannot start; the message is the one line the user sees."""


class RequestError(Exception):
    """A request that cannot be fulfilled, for a reason the client can understand and mend.

    Becomes a GraphQL error with `extensions.code` = `code`; further `details` are added to the extensions.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class BadInput(RequestError):
    """An argument that has the right type but no acceptable value."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__("BAD_USER_INPUT", message, **details)

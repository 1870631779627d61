"""The messages of graphql-transport-ws, and the codes with which a socket is closed.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from enum import IntEnum
from typing import Any

import orjson

from transport.extensions import encode

PROTOCOL = "graphql-transport-ws"
# Clients make ids of a few characters; they stand in each message.
LONGEST_ID = 200


class Close(IntEnum):
    """Why a socket is closed. A client that is told one below 4000, 4403 or 4408 may try again."""

    RESTART = 1012
    TRY_AGAIN_LATER = 1013
    TOO_BIG = 1009
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITIALISATIONS = 4429
    INTERNAL = 4500


class Closing(Exception):
    """The socket has to be closed, with this code and reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def message_of(event: dict[str, Any], longest: int) -> dict[str, Any]:
    """The message a client sent: an object with a `type`. Raises Closing for anything else."""
    text = event.get("text")
    if not isinstance(text, str):
        raise Closing(Close.BAD_REQUEST, "messages are texts")
    if len(text) > longest:
        raise Closing(Close.TOO_BIG, f"a message has at most {longest} bytes")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closing(Close.BAD_REQUEST, "the message is not valid JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closing(Close.BAD_REQUEST, "a message is an object with a type")
    return message


def id_of(message: dict[str, Any]) -> str:
    """The id of the operation a message is about. Raises Closing."""
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise Closing(Close.BAD_REQUEST, f"id: a string of 1 to {LONGEST_ID} characters")
    return found


def payload_of(message: dict[str, Any]) -> dict[str, Any]:
    """The payload, empty where there is none. Raises Closing where it is no object."""
    found = message.get("payload")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Closing(Close.BAD_REQUEST, "payload: an object")
    return found


def text_of(kind: str, operation: str | None = None, payload: Any = None) -> str:
    """A message of ours."""
    message: dict[str, Any] = {"type": kind} if operation is None else {"id": operation, "type": kind}
    if payload is not None:
        message["payload"] = payload
    return encode(message).decode()

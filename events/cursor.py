"""The cursor of the feed: the number of an event in it, and a part of that event's id.

The number says where to go on. The part of the id says whether it is still the same feed: a database that was restored
from an older backup, or a replica that took over without the last transactions, gives numbers anew, and a cursor from
before must then be refused, not go on behind events that its owner has never seen.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from uuid import UUID

from core.errors import RequestError

_VERSION = 1
# Version, number, and the last eight bytes of the event's id, which are random in a UUIDv7.
_LAYOUT = struct.Struct(">BQ8s")


class CursorInvalid(RequestError):
    """What was given is no cursor of this feed."""

    def __init__(self, message: str) -> None:
        super().__init__("CURSOR_INVALID", f"after: {message}", argument="after")


class CursorTooOld(RequestError):
    """Events after the cursor are older than the feed reaches back."""

    def __init__(self, days: int) -> None:
        message = f"after: events were missed that are older than {days} days; read the customers anew, then follow"
        super().__init__("CURSOR_TOO_OLD", message, argument="after", days=days)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed: the number of an event, and the last eight bytes of its id."""

    number: int
    check: bytes

    @classmethod
    def of(cls, number: int, event_id: str) -> "Position":
        """The place of an event, by its number and its row id (UUID text)."""
        return cls(number, UUID(event_id).bytes[8:])


# Before the first event.
BEGINNING = Position(0, bytes(8))


def encode(position: Position) -> str:
    """The opaque text that clients keep."""
    return base64.urlsafe_b64encode(_LAYOUT.pack(_VERSION, position.number, position.check)).rstrip(b"=").decode()


def decode(cursor: str) -> Position:
    """The place a cursor stands for. Raises CursorInvalid for what is none."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, number, check = _LAYOUT.unpack(data)
    except (binascii.Error, ValueError, struct.error):
        raise CursorInvalid("this is not a cursor of the event feed") from None
    if version != _VERSION:
        raise CursorInvalid(f"this is a cursor of version {version}, and {_VERSION} is understood")
    if number >= 2**63:
        raise CursorInvalid("this is not a cursor of the event feed")
    return Position(number, check)

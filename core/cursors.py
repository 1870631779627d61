"""Cursors: where a page begins, by value, so that pages stay right while rows are added or removed.

A cursor holds the order it was made for and the row's values in it, the id last. It is opaque to clients.
"""

import base64
import binascii
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from core.errors import BadInput

Position = tuple[Any, ...]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def encode(order: str, position: Position) -> str:
    """The cursor of a row at `position` (its values in `order`, its id last)."""
    data = orjson.dumps([order, *(_plain(value) for value in position)])
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(cursor: str, order: str, length: int, argument: str) -> Position:
    """The position a cursor stands for; `length` values.

    Raises BadInput when it is no cursor of ours, or was made for another order.
    """
    try:
        parts = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        parts = None
    if not (isinstance(parts, list) and len(parts) == length + 1 and isinstance(parts[0], str)):
        raise BadInput(f"{argument}: this is not a cursor of this list", argument=argument)
    if parts[0] != order:
        raise BadInput(f"{argument}: this cursor was made for another orderBy", argument=argument)
    if not all(isinstance(part, str | int | float | None) for part in parts[1:]) or not isinstance(parts[-1], str):
        raise BadInput(f"{argument}: this is not a cursor of this list", argument=argument)
    return tuple(parts[1:])

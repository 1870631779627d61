"""Ids: a row has a UUIDv7, the outside sees it with the prefix of its kind (`cus_0192f0c1-…`).

The prefix makes an id readable in a log and lets a wrong kind be refused with a clear message
(docs/adr/0002-ids.md). UUIDv7 (RFC 9562) is ordered by time, so new rows go to the end of every index.
"""

from uuid import UUID

import uuid_utils

from core.errors import BadInput


def new_id() -> UUID:
    """A new UUIDv7 as a standard library UUID."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def public_id(prefix: str, row_id: str) -> str:
    """The id the outside sees: `cus_` and the row's UUID."""
    return f"{prefix}_{row_id}"


def row_id(value: str, prefix: str, kind: str) -> str:
    """The row's UUID in a public id of the given kind.

    Raises BadInput when the id is of another kind or is no id at all.
    """
    found, separator, rest = value.partition("_")
    if separator and found != prefix:
        raise BadInput(f"expected a {kind} id ({prefix}_…), got {found[:12]}_…")
    try:
        return str(UUID(rest))
    except ValueError:
        raise BadInput(f"expected a {kind} id ({prefix}_ and a UUID), got something else") from None

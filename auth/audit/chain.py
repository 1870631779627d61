"""The chain of hashes over the audit log: what is hashed, and how a link follows from the one before it.

    hash(n) = SHA-256(hash(n - 1) + canonical(entry))

`canonical` is a JSON array without spaces (RFC 8785) of every column of the entry, as text, whole numbers, nulls and
arrays of text; times are microseconds since 1970. hash(0) is `GENESIS`.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Self

import orjson

# Any fixed number that nothing else in the database uses for an advisory lock: only one process extends the chain.
CHAIN_LOCK = 0x6333363061756474

GENESIS = hashlib.sha256(b"customer360 audit log, chain 1").digest()

# Every column of an entry `e`, in the order of the table, in a form that is the same on every server.
COLUMNS = (
    "e.id::text",
    "e.position",
    "e.transaction_id",
    "(extract(epoch from e.recorded_at) * 1000000)::bigint",
    "e.kind",
    "e.actor_kind",
    "e.actor_id::text",
    "e.session_id::text",
    "e.operation",
    "e.document_hash",
    "e.customer_ids::text[]",
    "e.sensitive_fields",
    "e.purpose",
    "e.details::text",
    "e.request_id::text",
)
SELECT = ", ".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries it seals, and its last hash. Written as `4711:` and 64 digits."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The head that `text` stands for. Raises ValueError."""
        found = re.fullmatch(r"([0-9]{1,19}):([0-9a-f]{64})", text.strip())
        if found is None:
            raise ValueError("a head is written as a number, a colon and 64 hexadecimal digits")
        return cls(int(found[1]), bytes.fromhex(found[2]))


START = Head(0, GENESIS)


def link(previous: bytes, entry: tuple[Any, ...]) -> bytes:
    """The hash of the seal over `entry`, the values of COLUMNS, after a seal with the hash `previous`."""
    return hashlib.sha256(previous + orjson.dumps(entry)).digest()

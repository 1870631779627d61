"""Idempotency: a command that comes again with the same key is not carried out again, and gets the first answer.

The key is claimed by the transaction that carries the command out. A second one with the same key waits for the first
to end: if that commits, its answer is there; if it is rolled back, the key is free again.
"""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from changes.commands import Command, Made, Part
from changes.errors import KeyReused
from changes.rows import Connection
from core.errors import BadInput

LONGEST_KEY = 200

_CLAIM = """
insert into idempotency_keys (actor, key, command, input_digest, created_at) values (%s, %s, %s, %s, %s)
on conflict (actor, key) do nothing"""
_FIRST = "select command, input_digest, result from idempotency_keys where actor = %s and key = %s"
_KEEP = "update idempotency_keys set result = %s where actor = %s and key = %s"
_FORGET = "delete from idempotency_keys where created_at < %s"


def checked_key(key: str) -> str:
    """The key. Raises BadInput for one that is empty, too long or not printable."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise BadInput(f"1 to {LONGEST_KEY} printable ASCII characters", argument="idempotencyKey")
    return key


async def claim(connection: Connection, actor: str, key: str, command: Command, now: datetime) -> Made | None:
    """Claim the key in this transaction; what came of its first use if it was claimed before. Raises KeyReused."""
    digest = _digest(command)
    claimed = await connection.execute(_CLAIM, [actor, key, type(command).__name__, digest, now])
    if claimed.rowcount:
        return None
    found = await (await connection.execute(_FIRST, [actor, key])).fetchone()
    assert found is not None
    name, first_digest, result = found
    if name != type(command).__name__ or bytes(first_digest) != digest:
        raise KeyReused
    return dict(result)


async def keep(connection: Connection, actor: str, key: str, made: Made) -> None:
    """Remember what came of the command whose key was claimed."""
    await connection.execute(_KEEP, [Jsonb(made, dumps=orjson.dumps), actor, key])


async def forget(connection: Connection, before: datetime) -> int:
    """Forget the keys that were first used before a moment; returns how many."""
    return (await connection.execute(_FORGET, [before])).rowcount


def _digest(command: Command) -> bytes:
    return hashlib.sha256(orjson.dumps(_plain(command), option=orjson.OPT_SORT_KEYS, default=str)).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return {name: _plain(member) for name, member in value.given_values().items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value

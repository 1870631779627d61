"""Entries into the table: one statement with one parameter, in a transaction of one's own or of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson
import psycopg

from auth.audit.entries import Entry

LONGEST_TEXT = 1000

# One parameter, whatever the number of entries. An entry that is there already is left alone: a writer that lost its
# connection while committing does not know whether it has to send its entries again.
INSERT = """
insert into audit_entries (id, recorded_at, kind, actor_kind, actor_id, session_id, operation, document_hash,
                           customer_ids, sensitive_fields, purpose, details, request_id)
select id, recorded_at, kind, actor_kind, actor_id, session_id, operation, document_hash,
       customer_ids, sensitive_fields, purpose, details, request_id
from json_to_recordset(%s::json) as entry(
    id uuid, recorded_at timestamptz, kind text, actor_kind text, actor_id uuid, session_id uuid, operation text,
    document_hash text, customer_ids uuid[], sensitive_fields text[], purpose text, details jsonb, request_id uuid)
on conflict (id) do nothing"""


def _clean(value: Any) -> Any:
    """The value without what PostgreSQL's text cannot hold: NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return str.__str__(value).encode("utf-8", "replace").decode().replace("\0", "�")
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(member) for key, member in value.items()}
    return [_clean(member) for member in value] if isinstance(value, list | tuple) else value


def payload(entries: Iterable[Entry]) -> str:
    """The parameter of `INSERT` for these entries. Never fails for what a text holds: clients choose some of them."""
    shortened = [_shortened(entry) for entry in entries]
    try:
        data = orjson.dumps(shortened)
    except TypeError:
        data = b""
    if not data or b"\\u0000" in data:
        data = orjson.dumps([_clean(asdict(entry)) for entry in shortened], default=str)
    return data.decode()


def _shortened(entry: Entry) -> Entry:
    operation, purpose = entry.operation, entry.purpose
    if len(operation or "") <= LONGEST_TEXT and len(purpose or "") <= LONGEST_TEXT:
        return entry
    return replace(entry, operation=operation and operation[:LONGEST_TEXT], purpose=purpose and purpose[:LONGEST_TEXT])


async def append(connection: psycopg.AsyncConnection[Any], *entries: Entry) -> None:
    """Write entries in the connection's own transaction: they stand in the log if, and only if, that commits.

    Raises psycopg.Error.
    """
    await connection.execute(INSERT, (payload(entries),))

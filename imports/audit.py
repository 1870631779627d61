"""What changes data in bulk leaves a line in the audit log, like any other change."""

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from core.ids import new_id
from models.audit import ActorKind, AuditKind

_ADD = """
insert into audit_entries (id, kind, actor_kind, operation, customer_ids, details)
values (%s, %s, %s, %s, %s::uuid[], %s)"""


def note(connection: psycopg.Connection[Any], command: str, details: Mapping[str, str | int]) -> None:
    """Add the entry that an operator ran `command`, in the connection's transaction."""
    _add(connection, AuditKind.ADMINISTRATION, command, (), details)


def note_rows(
    connection: psycopg.Connection[Any], run: Mapping[str, str], customers: Collection[str], rows: Mapping[str, int]
) -> None:
    """Add the entry that an import, told by the facts of its `run`, changed these numbers of `rows`, in the transaction
    that changes them. `customers` are the ids of those concerned, who find it in their access log.

    It does not tell values before and after: the file does, which the digest in `run` identifies.
    """
    _add(connection, AuditKind.MUTATION, "import", sorted(customers), {**run, "rows": dict(rows)})


def _add(
    connection: psycopg.Connection[Any],
    kind: AuditKind,
    operation: str,
    customers: Collection[str],
    details: Mapping[str, Any],
) -> None:
    values = (new_id(), kind.value, ActorKind.SYSTEM.value, operation, list(customers), Jsonb(dict(details)))
    connection.execute(_ADD, values)

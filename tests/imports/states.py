"""What a database holds, as something that can be compared."""

from typing import Any

import psycopg
from psycopg import sql

import models

# Tells of each run, also of one that changes nothing.
_AUDIT = ("audit_entries", "audit_seals")

# Differ between two imports of the same file into two databases: ids, numbers given in turn, and times of recording.
_OWN = {
    "id",
    "number",
    "row_id",
    "position",
    "transaction_id",
    "created_at",
    "updated_at",
    "imported_at",
    "recorded_at",
}


def fingerprints(url: str) -> dict[str, str]:
    """A hash of every row of every table but the audit log, and where every sequence stands."""
    with psycopg.connect(url) as connection:
        found: dict[str, str] = {}
        for table in models.metadata.tables:
            if table in _AUDIT:
                continue
            query = (
                f"select md5(coalesce(string_agg(t::text, E'\\n' order by t::text collate \"C\"), '')) from {table} t"
            )
            [(found[table],)] = _rows(connection, query)
        for name, last in _rows(connection, "select sequencename, last_value from pg_sequences order by 1"):
            if name.startswith(_AUDIT):
                continue
            found[name] = str(last)
        return found


def contents(url: str) -> dict[str, list[Any]]:
    """All rows but the audit log's, without what differs between two databases, in an order of their own."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(url) as connection:
        for name, table in models.metadata.tables.items():
            if name in _AUDIT:
                continue
            columns = [c.name for c in table.columns if c.name not in _OWN and not c.name.endswith("_id")]
            query = sql.SQL("select {} from {}").format(
                sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns),
                sql.Identifier(name),
            )
            found[name] = sorted(_rows(connection, query), key=repr)
    return found


def _rows(connection: psycopg.Connection[Any], query: Any) -> list[Any]:
    return connection.execute(query).fetchall()


def rows(url: str, query: Any, *values: object) -> list[Any]:
    """The rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()

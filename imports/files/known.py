"""What the database knows already: rows imported before, keys seen in this file, rows found by a code."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from imports.files.copy import CopyQueue, copy_rows

Key = tuple[str, str]

Connection = psycopg.Connection[Any]

# Keys of the accepted rows of this run. On the server, because a file may hold more keys than fit in our memory.
_SEEN = """
create temp table import_seen (
    entity text collate "C", key text collate "C", line bigint not null, primary key (entity, key)
)
"""


@dataclass(slots=True)
class Known:
    """A row imported earlier: its id, its customer's ("" for none) and the digest of its values."""

    row_id: str
    customer_id: str
    digest: str


def create_seen(connection: Connection) -> None:
    """Make the table of this run's keys."""
    connection.execute(_SEEN)


def seen_lines(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """The lines in which the keys stood earlier in this file."""
    rows = connection.execute(
        """select entity, key, line from import_seen
        where (entity, key) in (select * from unnest(%s::text[], %s::text[]))""",
        _arrays(keys),
    )
    return {(entity, key): line for entity, key, line in rows}


def add_seen(connection: Connection, lines: Mapping[Key, int]) -> None:
    """Note the keys of accepted rows."""
    rows = [[entity, key, str(line)] for (entity, key), line in lines.items()]
    copy_rows(connection, "import_seen", ("entity", "key", "line"), rows)


def known_rows(connection: Connection, source: str, keys: Collection[Key]) -> dict[Key, Known]:
    """The rows that were imported from `source` under the keys."""
    rows = connection.execute(
        """select entity, key, row_id::text, coalesce(customer_id::text, ''), digest from source_keys
        where source = %s and (entity, key) in (select * from unnest(%s::text[], %s::text[]))""",
        (source, *_arrays(keys)),
    )
    return {(entity, key): Known(row_id, customer_id, digest) for entity, key, row_id, customer_id, digest in rows}


def add_known(copies: CopyQueue, source: str, rows: Mapping[Key, Known], now: str) -> None:
    """Remember rows that were just made."""
    lines = [
        [source, entity, key, known.row_id, known.customer_id, known.digest, now]
        for (entity, key), known in rows.items()
    ]
    columns = ("source", "entity", "key", "row_id", "customer_id", "digest", "imported_at")
    copies.add("source_keys", columns, lines)


def change_known(connection: Connection, source: str, rows: Mapping[Key, Known], now: str) -> None:
    """Remember the new digests of rows that came with other values."""
    if rows:
        connection.execute(
            """update source_keys k set digest = n.digest, imported_at = %s
            from unnest(%s::text[], %s::text[], %s::text[]) n(entity, key, digest)
            where k.source = %s and k.entity = n.entity and k.key = n.key""",
            (now, *_arrays(rows), [known.digest for known in rows.values()], source),
        )


def rows_by_code(connection: Connection, table: str, column: str, codes: Collection[str]) -> dict[str, str]:
    """The ids of the rows of `table` whose unique `column` has one of the values."""
    statement = sql.SQL("select {column}, id::text from {table} where {column} = any(%s)").format(
        column=sql.Identifier(column), table=sql.Identifier(table)
    )
    return dict(connection.execute(statement, (list(codes),)).fetchall())


def _arrays(keys: Collection[Key]) -> tuple[list[str], list[str]]:
    return [entity for entity, _ in keys], [key for _, key in keys]

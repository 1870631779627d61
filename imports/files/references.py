"""Reference rows a mapping declares, such as products: made when no row with their code is there yet."""

from collections import Counter
from typing import Any

import psycopg
from psycopg import sql

from core.errors import StartError
from core.ids import new_id
from imports.files.events import now_text
from imports.files.known import rows_by_code
from imports.mapping.catalogue import Entity, Kind, entity
from imports.mapping.constants import constant_text
from imports.mapping.structure import Constant, Mapping

Connection = psycopg.Connection[Any]


def ensure(connection: Connection, mapping: Mapping) -> Counter[tuple[str, str]]:
    """Make the missing reference rows in one transaction and count the rows of each table.

    Existing rows stay as they are: the catalogue belongs to the insurer, not to a file. Raises StartError when a row
    names another by a code that does not exist.
    """
    counts: Counter[tuple[str, str]] = Counter()
    with connection.transaction():
        for table, rows in mapping.references.items():
            for row in rows:
                made = _insert(connection, entity(table), row)
                counts[table, "inserted" if made else "unchanged"] += 1
    return counts


def _insert(connection: Connection, kind: Entity, row: dict[str, Constant]) -> bool:
    now = now_text()
    values: dict[str, str] = {"id": str(new_id())}
    values |= dict.fromkeys(kind.bookkeeping, now)
    values |= {name: constant_text(kind.targets[name], value) for name, value in kind.defaults.items()}
    for name, value in row.items():
        target = kind.targets[name]
        values[name] = constant_text(target, value)
        if target.kind is Kind.REFERENCE and target.target is not None:
            found = rows_by_code(connection, target.target, "code", [values[name]])
            if not found:
                raise StartError(f"references.{kind.name}.{name}: there is no {target.target} with code {value!r}")
            values[name] = found[values[name]]
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict (code) do nothing").format(
        sql.Identifier(kind.name),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    return connection.execute(statement, list(values.values())).rowcount == 1

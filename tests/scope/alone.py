"""A world in which somebody is alone with what they may see: everything else is deleted."""

import psycopg
from psycopg import sql

from core.scope import DatabaseRole
from models.grants import GRANTS
from models.scope_ddl import columns_of
from schema.registry import entities

_CONSTRAINTS = """
    select conrelid::regclass::text, conname::text from pg_constraint
    where connamespace = 'public'::regnamespace and contype in ('f', 'c') order by contype desc"""


def keep_only(url: str, rows: dict[str, set[str]], role: DatabaseRole) -> None:
    """Delete all rows of the graph's tables but those with ids in `rows`; empty the columns the role is not granted.

    Foreign keys, checks and triggers go first: what is left need not be whole.
    """
    with psycopg.connect(url) as connection:
        for table, name in connection.execute(_CONSTRAINTS).fetchall():
            connection.execute(f'alter table {table} drop constraint "{name}"'.encode())
        for entity in entities():
            table = entity.table
            place = sql.Identifier(table.name)
            connection.execute(sql.SQL("alter table {} disable trigger user").format(place))
            statement = sql.SQL("delete from {} where not id = any(%s::uuid[])").format(place)
            connection.execute(statement, [sorted(rows[table.name])])
            if table.name not in GRANTS[role.name]:
                continue
            granted = columns_of(role.name, table.name)
            for column in table.columns:
                sealed = column.name.endswith("_sealed")  # what is shown masked is computed of it
                if column.name not in granted and column.nullable and column.computed is None and not sealed:
                    empty = sql.SQL("update {} set {} = null")
                    connection.execute(empty.format(place, sql.Identifier(column.name)))
        connection.execute("analyze")

"""Changed rows: what differs from the stored row is written, and nothing else is touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from imports.files.copy import copy_rows
from imports.files.records import CompiledRecord

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What came with a file for a stored row: its id and all its values, in the record's order."""

    row_id: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a stored row differs from what came: the columns, and the states it is in, by their columns."""

    columns: list[str]
    states: dict[str, str]


def differences(connection: Connection, record: CompiledRecord, changes: Sequence[Change]) -> dict[str, Difference]:
    """For each stored row among `changes` how it differs; a row that is gone is not in the answer.

    Locks the rows, and leaves the values in a temporary table for `write`.
    """
    staged = _staged(record)
    columns = _columns(record)
    names = sql.SQL(", ").join(map(sql.Identifier, ("id", *columns)))
    connection.execute(
        sql.SQL("create temp table if not exists {} as select {} from {} with no data").format(
            staged, names, sql.Identifier(record.table)
        )
    )
    connection.execute(sql.SQL("delete from {}").format(staged))
    positions = [record.columns.index(name) for name in columns]
    rows = [[change.row_id, *(change.values[position] for position in positions)] for change in changes]
    copy_rows(connection, _staged_name(record), ("id", *columns), rows)
    differs = [
        sql.SQL("case when t.{0} is distinct from {1} then {2} end").format(
            sql.Identifier(name), _new(record, name), sql.Literal(name)
        )
        for name in columns
    ]
    states = [name for name, _, _ in record.states]
    found = connection.execute(
        sql.SQL(
            "select s.id::text, array_remove(array[{}]::text[], null), array[{}]::text[] from {} s join {} t using (id)"
            " order by s.id for update of t"
        ).format(
            sql.SQL(", ").join(differs),
            sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in states),
            staged,
            sql.Identifier(record.table),
        )
    )
    return {
        row_id: Difference(columns, dict(zip(states, before, strict=True)))
        for row_id, columns, before in found.fetchall()
    }


def write(connection: Connection, record: CompiledRecord, row_ids: Sequence[str], now: str) -> None:
    """Give the rows the values `differences` left, count their versions up and note the time."""
    columns = _columns(record)
    settings: list[sql.Composable] = [
        sql.SQL("{} = {}").format(sql.Identifier(name), _new(record, name)) for name in columns
    ]
    if record.entity.versioned:
        settings.append(sql.SQL("version = t.version + 1"))
        settings.append(sql.SQL("updated_at = {}").format(sql.Placeholder("now")))
    connection.execute(
        sql.SQL("update {} t set {} from {} s where t.id = s.id and t.id = any({}::uuid[])").format(
            sql.Identifier(record.table), sql.SQL(", ").join(settings), _staged(record), sql.Placeholder("ids")
        ),
        {"now": now, "ids": list(row_ids)},
    )


def _columns(record: CompiledRecord) -> list[str]:
    return [name for position, name in enumerate(record.columns) if position not in record.kept]


def _new(record: CompiledRecord, name: str) -> sql.Composable:
    """A column's new value. Of the attributes only those of the mapping are replaced; others may have added theirs."""
    if name == "attributes":
        mapped = sql.SQL(", ").join(sql.Literal(attribute) for attribute in record.attribute_names)
        return sql.SQL("((t.attributes - array[{}]::text[]) || s.attributes)").format(mapped)
    return sql.SQL("s.{}").format(sql.Identifier(name))


def _staged_name(record: CompiledRecord) -> str:
    return f"import_changed_{record.index}"


def _staged(record: CompiledRecord) -> sql.Identifier:
    return sql.Identifier(_staged_name(record))

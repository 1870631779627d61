"""Rows of the tables as objects of their models, read and written by psycopg.

No session, no identity map, nothing lazy: a row is read, changed and written where one sees it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from models.base import ChoiceText

M = TypeVar("M", bound=SQLModel)
Connection = AsyncConnection[Any]


def table_of(model: type[SQLModel]) -> Table:
    """The model's table."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@cache
def _readable(model: type[SQLModel]) -> tuple[Column[Any], ...]:
    """The columns a row is read with: all but the sealed ones, which are opened through another door."""
    return tuple(column for column in table_of(model).columns if not column.name.endswith("_sealed"))


@cache
def columns_of(model: type[SQLModel]) -> sql.Composed:
    """The select list of the model's rows."""
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in _readable(model))


def made(model: type[M], values: tuple[Any, ...]) -> M:
    """The row as an object of its model."""
    found = {
        column.name: column.type.kind(value)  # type: ignore[call-arg]
        if isinstance(column.type, ChoiceText) and value is not None
        else value
        for column, value in zip(_readable(model), values, strict=True)
    }
    return model(**found)


def _bound(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, JSONB) and value is not None:
        return Jsonb(value)
    return str.__str__(value) if isinstance(value, str) else value


def _given(row: SQLModel) -> dict[str, Any]:
    """The values to insert: not what the database computes, numbers or counts by itself."""
    values = {}
    for column in table_of(type(row)).columns:
        if column.computed is not None or column.name == "restricted":
            continue
        value = getattr(row, column.name)
        if column.server_default is not None and value in (None, ""):
            continue
        values[column.name] = _bound(column, value)
    return values


async def insert(connection: Connection, row: M) -> M:
    """Write a new row; returns it as the database has it, with its number. Raises psycopg.Error."""
    model, values = type(row), _given(row)
    statement = sql.SQL("insert into {table} ({names}) values ({values}) returning {columns}").format(
        table=sql.Identifier(table_of(model).name),
        names=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(sql.Placeholder() * len(values)),
        columns=columns_of(model),
    )
    found = await (await connection.execute(statement, list(values.values()))).fetchone()
    assert found is not None
    return made(model, found)


async def update(connection: Connection, row: M, values: Mapping[str, Any]) -> M:
    """Set columns of a row; returns it as the database has it then. Raises psycopg.Error."""
    model = type(row)
    table = table_of(model)
    bound = {name: _bound(table.columns[name], value) for name, value in values.items()}
    statement = sql.SQL("update {table} set {assignments} where id = {id} returning {columns}").format(
        table=sql.Identifier(table.name),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in bound
        ),
        id=sql.Placeholder(),
        columns=columns_of(model),
    )
    identity: UUID = row.id  # type: ignore[attr-defined]
    found = await (await connection.execute(statement, [*bound.values(), identity])).fetchone()
    assert found is not None
    return made(model, found)


async def delete(connection: Connection, row: SQLModel) -> None:
    """Delete a row. Raises psycopg.Error, such as when others refer to it."""
    statement = sql.SQL("delete from {} where id = %s").format(sql.Identifier(table_of(type(row)).name))
    await connection.execute(statement, [row.id])  # type: ignore[attr-defined]


async def select(
    connection: Connection, model: type[M], conditions: Mapping[str, Any], *, lock: bool = False, order: str = "id"
) -> list[M]:
    """Rows whose columns have these values (a list or tuple: one of them), in `order` ("-" for descending), locked
    for a change if wanted. Raises psycopg.Error.
    """
    terms, values = [], []
    for name, value in conditions.items():
        column = table_of(model).columns[name]
        if value is None:
            terms.append(sql.SQL("{} is null").format(sql.Identifier(name)))
        elif isinstance(value, list | tuple):
            terms.append(sql.SQL("{} = any({})").format(sql.Identifier(name), sql.Placeholder()))
            values.append([_bound(column, member) for member in value])
        else:
            terms.append(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()))
            values.append(_bound(column, value))
    statement = sql.SQL("select {columns} from {table} where {terms} order by {order}{id}{lock}").format(
        columns=columns_of(model),
        table=sql.Identifier(table_of(model).name),
        terms=sql.SQL(" and ").join(terms),
        order=sql.SQL("{}{}, ").format(
            sql.Identifier(order.lstrip("-")), sql.SQL(" desc" if order.startswith("-") else "")
        ),
        id=sql.Identifier("id"),
        lock=sql.SQL(" for no key update" if lock else ""),
    )
    return [made(model, found) for found in await (await connection.execute(statement, values)).fetchall()]

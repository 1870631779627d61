"""`@entity`: makes a GraphQL type of a class whose fields are columns and edges, and fills in what the model knows.

The class is a whitelist: a column nobody declared is not shown. Descriptions, names of columns, and the types of
`where` and `orderBy` are taken from the table.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Table
from sqlmodel import SQLModel

from loaders import base as edges
from schema.fields import ColumnField, EdgeField, IdField, MoneyField
from schema.filters import order_input, where_input
from schema.registry import Entity, register

C = TypeVar("C", bound=type)


def row_id_field() -> Any:
    """The field of the typed id."""
    return IdField()


@strawberry.interface(description="An object with an id of its own, which `node(id)` finds again (Relay).")
class Node:
    """Relay's Node."""

    id: strawberry.ID = row_id_field()


def _complete(name: str, field: Any, table: Table) -> None:
    """Fill in a field's columns from its name, and its description from the column's comment."""
    if isinstance(field, MoneyField) and not field.columns:
        field.columns = (f"{name}_amount", "currency")
    elif isinstance(field, ColumnField) and not field.columns:
        field.columns = (name,)
    if field.description is None:
        column = field.columns[0] if field.columns else name
        field.description = table.columns[column].comment


def entity(
    model: type[SQLModel],
    prefix: str,
    by_id: edges.One,
    *,
    where: tuple[str, ...] = (),
    order_by: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
) -> Callable[[C], C]:
    """Show the rows of `model` as the decorated type, with ids that begin with `prefix`.

    `where` and `order_by` name the columns its lists can be filtered and ordered by; `hidden` those that are
    deliberately not shown.
    """
    table: Table = model.__table__  # type: ignore[attr-defined]

    def decorate(cls: C) -> C:
        for name, field in vars(cls).items():
            if isinstance(field, ColumnField | MoneyField | EdgeField):
                _complete(name, field, table)
        cls.is_type_of = classmethod(lambda _, value, info: value.source.name == table.name)  # type: ignore[attr-defined]
        # What the compiler needs to know of a type: where its rows come from and how its ids begin.
        cls.__source__ = edges.source(model)  # type: ignore[attr-defined]
        cls.__prefix__ = prefix  # type: ignore[attr-defined]
        decorated = strawberry.type(cls, description=(cls.__doc__ or "").strip())
        register(
            Entity(
                cls.__name__,
                model,
                prefix,
                decorated,
                by_id,
                where_input(cls.__name__, table, where) if where else None,
                order_input(cls.__name__, table, order_by) if order_by else None,
                frozenset(hidden),
                {c.name: k.column.table.name for c in table.columns for k in c.foreign_keys},
            )
        )
        return decorated

    return decorate

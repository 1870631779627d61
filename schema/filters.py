"""Filters and orders: the typed `where` and `orderBy` inputs of lists, over indexed columns only.

An entity lists the columns; the inputs are made from them, with the column's type, values and description.
"""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric, Table, Uuid
from strawberry import UNSET

from core.errors import BadInput
from core.ids import row_id
from loaders.request import Condition, Operator, Where
from models.base import Choice, ChoiceText

T = TypeVar("T")

_OPERATORS: dict[str, Operator] = {
    "eq": "eq",
    "in_": "in",
    "not_in": "not_in",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
    "starts_with": "starts_with",
    "is_null": "is_null",
}

MAX_MEMBERS = 500


def _op(description: str, name: str | None = None) -> Any:
    return strawberry.field(default=UNSET, description=description, name=name)


@strawberry.input(description="Compare a text.")
class TextFilter:
    """Comparisons with a text."""

    eq: str | None = _op("Equals this text.")
    in_: list[str] | None = _op("Equals one of these texts.", "in")
    starts_with: str | None = _op("Begins with this text.")


@strawberry.input(description="Compare an id.")
class IdFilter:
    """Comparisons with a typed id."""

    eq: strawberry.ID | None = _op("Is the object with this id.")
    in_: list[strawberry.ID] | None = _op("Is one of the objects with these ids.", "in")


@strawberry.input(description="Compare one value of an enumeration.")
class EnumFilter(Generic[T]):
    """Comparisons with a value of an enumeration."""

    eq: T | None = _op("Is this value.")
    in_: list[T] | None = _op("Is one of these values.", "in")
    not_in: list[T] | None = _op("Is none of these values.")


@strawberry.input(description="Compare a whole number.")
class IntFilter:
    """Comparisons with a whole number."""

    eq: int | None = _op("Equals.")
    gt: int | None = _op("Is greater.")
    gte: int | None = _op("Is greater or equal.")
    lt: int | None = _op("Is less.")
    lte: int | None = _op("Is less or equal.")


@strawberry.input(description="Compare a decimal number or the amount of a sum of money.")
class DecimalFilter:
    """Comparisons with an exact decimal number."""

    eq: Decimal | None = _op("Equals.")
    gt: Decimal | None = _op("Is greater.")
    gte: Decimal | None = _op("Is greater or equal.")
    lt: Decimal | None = _op("Is less.")
    lte: Decimal | None = _op("Is less or equal.")


@strawberry.input(description="Compare a calendar date.")
class DateFilter:
    """Comparisons with a date."""

    eq: date | None = _op("Is this day.")
    gt: date | None = _op("Is later.")
    gte: date | None = _op("Is this day or later.")
    lt: date | None = _op("Is earlier.")
    lte: date | None = _op("Is this day or earlier.")
    is_null: bool | None = _op("Whether there is no date.")


@strawberry.input(description="Compare a point in time.")
class DateTimeFilter:
    """Comparisons with a point in time."""

    gt: datetime | None = _op("Is later.")
    gte: datetime | None = _op("Is this moment or later.")
    lt: datetime | None = _op("Is earlier.")
    lte: datetime | None = _op("Is this moment or earlier.")
    is_null: bool | None = _op("Whether there is no such moment.")


@strawberry.enum(description="Direction of an order.")
class OrderDirection(Enum):
    """Ascending or descending."""

    ASC = strawberry.enum_value(
        "ASC", description="Least, oldest or first in the alphabet first; rows without value last."
    )
    DESC = strawberry.enum_value("DESC", description="Greatest or newest first; rows without value first.")


def _filter_type(column: Any) -> Any:
    kind = column.type
    if isinstance(kind, ChoiceText):
        return EnumFilter[kind.kind]  # type: ignore[name-defined]
    for sql_type, filter_type in (
        (Uuid, IdFilter),
        (DateTime, DateTimeFilter),
        (Date, DateFilter),
        (Numeric, DecimalFilter),
        (Boolean, None),
        (Integer, IntFilter),
    ):
        if isinstance(kind, sql_type):
            if filter_type is None:
                raise TypeError(f"{column}: a boolean column is not worth a filter")
            return filter_type
    return TextFilter


def where_input(name: str, table: Table, columns: tuple[str, ...]) -> type:
    """The `where` input of an entity: one optional comparison for each of `columns`, all of which must hold."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__, "__doc__": f"Conditions on {name}."}
    for column_name in columns:
        column = table.columns[column_name]
        namespace["__annotations__"][field_name(column_name)] = _filter_type(column) | None
        namespace[field_name(column_name)] = strawberry.field(default=UNSET, description=column.comment)
    cls = type(f"{name}Where", (), namespace)
    cls.__columns__ = {field_name(column): column for column in columns}  # type: ignore[attr-defined]
    return strawberry.input(cls, description=f"Conditions on {name} objects; all that are given must hold.")


def order_input(name: str, table: Table, columns: tuple[str, ...]) -> type:
    """The `orderBy` input of an entity: one of `columns`, and a direction."""
    members = {field_name(c).upper(): (c, str(table.columns[c].comment)) for c in columns}
    fields = Choice(f"{name}OrderField", {key: (c, text) for key, (c, text) in members.items()})  # type: ignore[arg-type]
    fields.__doc__ = f"What {name} objects can be ordered by."
    namespace: dict[str, Any] = {
        "__annotations__": {"field": fields, "direction": OrderDirection},
        "__module__": __name__,
        "field": strawberry.field(description="What to order by."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="In which direction."),
    }
    return strawberry.input(type(f"{name}Order", (), namespace), description=f"An order of {name} objects.")


def field_name(column: str) -> str:
    """The Python name of a column's field: amounts of money drop their suffix."""
    return column.removesuffix("_amount")


def _value(value: Any, path: str, decode_id: Callable[[str], str] | None) -> Any:
    if isinstance(value, list):
        if len(value) > MAX_MEMBERS:
            raise BadInput(f"{path}: at most {MAX_MEMBERS} values", argument=path)
        return tuple(_value(member, path, decode_id) for member in value)
    if decode_id is not None:
        return decode_id(value)
    if isinstance(value, str) and "\0" in value:
        raise BadInput(f"{path}: a text has no NUL character", argument=path)
    return str.__str__(value) if isinstance(value, Choice) else value


def conditions(where: Any, id_decoders: dict[str, tuple[str, str]]) -> Where:
    """The conditions of a `where` input. `id_decoders` maps id columns to (prefix, kind) of what they refer to.

    Raises BadInput for a null comparison, an id of the wrong kind, or too many values.
    """
    return tuple(_conditions(where, id_decoders)) if where else ()


def _conditions(where: Any, id_decoders: dict[str, tuple[str, str]]) -> Iterator[Condition]:
    for field, column in type(where).__columns__.items():
        comparison = getattr(where, field)
        if comparison is UNSET or comparison is None:
            continue
        decoder: Callable[[str], str] | None = None
        if column in id_decoders:
            prefix, kind = id_decoders[column]
            decoder = lambda value, p=prefix, k=kind: row_id(value, p, k)  # noqa: E731
        for part in dataclasses.fields(comparison):
            value = getattr(comparison, part.name)
            if value is UNSET:
                continue
            path = f"where.{field}.{part.name.rstrip('_')}"
            if value is None:
                hint = ", or use isNull" if hasattr(comparison, "is_null") else ""
                raise BadInput(f"{path}: null compares with nothing; leave it out{hint}", argument=path)
            yield Condition(column, _OPERATORS[part.name], _value(value, path, decoder))

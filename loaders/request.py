"""What is asked of an edge: which columns, which rows, in which order, which page."""

from dataclasses import dataclass
from typing import Any, Literal

from core.cursors import Position

Operator = Literal["eq", "in", "not_in", "gt", "gte", "lt", "lte", "is_null", "starts_with"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a column with a bound value; for `in` and `not_in` the value is a tuple."""

    column: str
    operator: Operator
    value: Any


Where = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an edge besides its keys. Hashable: equal requests share a loader.

    `order` overrides the edge's own order ("-" for descending). `limit` is the size of the page; one row more is
    fetched to know whether there are more. `backward` takes the page from the end.
    """

    columns: tuple[str, ...]
    where: Where = ()
    order: tuple[str, ...] = ()
    limit: int | None = None
    backward: bool = False
    after: Position | None = None
    before: Position | None = None

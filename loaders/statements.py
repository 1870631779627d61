"""The SQL of an edge: statements made of our own fragments, with every value bound.

The keys of a batch are always parameter `$1`; conditions and cursor follow. Limits stand in the text as integers: a
plan that is made once for all executions has to know them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.cursors import Position
from loaders.base import Column, Edge, One, Source
from loaders.request import Condition, Operator, Request, Where

_COMPARE: dict[Operator, str] = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def order_of(edge: Edge, request: Request) -> tuple[str, ...]:
    """The columns rows are ordered by, "-" for descending, ending with the id that breaks ties."""
    order = request.order or edge.order
    if "id" in edge.source.columns and order[-1:] not in (("id",), ("-id",)):
        descending = bool(order) and order[0].startswith("-")
        order = (*order, "-id" if descending else "id")
    return order


class _Statement:
    """SQL under construction and the values bound to it, in order."""

    def __init__(self, *, keyed: bool) -> None:
        self.values: list[Any] = []
        self._before = int(keyed)  # the keys are $1

    def bind(self, value: Any, sql_type: str) -> str:
        self.values.append(value)
        return f"${len(self.values) + self._before}::{sql_type}"

    def condition(self, source: Source, condition: Condition) -> str:
        column = source.column(condition.column)
        name, operator, value = f"t.{column.name}", condition.operator, condition.value
        if operator in ("in", "not_in"):
            members = self.bind(list(value), f"{column.sql_type}[]")
            return f"{name} = any({members})" if operator == "in" else f"not {name} = any({members})"
        if operator == "is_null":
            return f"{name} is null" if value else f"{name} is not null"
        if operator == "starts_with":
            return f"starts_with({name}, {self.bind(value, 'text')})"
        return f"{name} {_COMPARE[operator]} {self.bind(value, column.sql_type)}"

    def beyond(self, columns: list[Column], position: Position, *, descending: bool) -> str:
        """Rows that come after `position`; a null counts as the greatest value, as PostgreSQL sorts it."""
        first, rest = columns[0], columns[1:]
        sign = "<" if descending else ">"
        if position[0] is None:
            tail = self._compare(rest, position[1:], sign)
            same = f"t.{first.name} is null and {tail}"
            return f"(({same}) or t.{first.name} is not null)" if descending else f"({same})"
        condition = self._compare(columns, position, sign)
        return f"({condition} or t.{first.name} is null)" if first.nullable and not descending else condition

    def _compare(self, columns: list[Column], position: Position, sign: str) -> str:
        left = ", ".join(f"t.{column.name}" for column in columns)
        right = ", ".join(self.bind(v, c.sql_type) for c, v in zip(columns, position, strict=True))
        return f"({left}) {sign} ({right})"

    def where(self, source: Source, where: Where, *more: str) -> str:
        parts = [*more, *(self.condition(source, condition) for condition in where)]
        return f" where {' and '.join(parts)}" if parts else ""


def _tie(edge: Edge) -> str:
    """The condition that ties a row `t` to one key `k.key`."""
    return edge.match or f"t.{edge.key_column} = k.key"


def _keys(edge: Edge) -> str:
    keys = f"unnest($1::{edge.key_type}[]) k(key)"
    # `offset 0` keeps the planner from moving the query to where it is used.
    return keys if edge.found is None else f"(select k.key, ({edge.found}) as found from {keys} offset 0) k"


def _key_as_text(edge: Edge, key: str) -> str:
    return f"{key}::text" if edge.key_type == "uuid" else key


def _book(edge: Edge, *, of_book: bool) -> list[str]:
    """The condition by which the rows are sought in a partner's book, if they are to be."""
    return [edge.book] if of_book and edge.book is not None else []


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A statement and the values bound to it besides the keys; `keyed` statements take an array of keys first.

    Equal questions have the same Query, so that loaders can be told apart by identity.
    """

    edge: Edge
    request: Request
    sql: bytes
    values: tuple[Any, ...]
    keyed: bool
    counting: bool = False

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement with the values for `keys`."""
        return self.sql, [keys, *self.values] if self.keyed else list(self.values)


# The same requests come again and again; making a statement costs more than finding it here.
@lru_cache(maxsize=4096)
def rows(edge: Edge, request: Request, *, of_book: bool = False) -> Query:
    """What fetches a batch of rows; the key comes first in each row of a keyed edge. `of_book` see `within_book`."""
    keyed = edge.keyed
    source, statement = edge.source, _Statement(keyed=keyed)
    order = () if isinstance(edge, One) else order_of(edge, request)
    names = [name.lstrip("-") for name in order]
    descending = bool(order) and order[0].startswith("-")
    backward = request.backward
    sort = ", ".join(
        f"t.{n}{' desc' if o.startswith('-') != backward else ''}" for n, o in zip(names, order, strict=True)
    )
    columns = [source.column(name) for name in names]
    seek = _book(edge, of_book=of_book)
    if request.after is not None:
        seek.append(statement.beyond(columns, request.after, descending=descending))
    if request.before is not None:
        seek.append(statement.beyond(columns, request.before, descending=not descending))
    select = [source.column(name).select for name in request.columns]
    from_rows = source.query(request.columns)
    order_by = f" order by {sort}" if sort else ""
    if not keyed:
        where = statement.where(source, request.where, *seek)
        limit = "" if request.limit is None else f" limit {request.limit + 1:d}"
        sql = f"select {', '.join(select) or '1'} from {from_rows} t{where}{order_by}{limit}"
    elif request.limit is None and edge.match is None:
        key = _key_as_text(edge, f"t.{edge.key_column}")
        where = statement.where(source, request.where, f"t.{edge.key_column} = any($1::{edge.key_type}[])", *seek)
        sql = f"select {', '.join([key, *select])} from {from_rows} t{where}{order_by}"
    else:
        # A lateral join runs its right side once a key, in order: each key's rows arrive together and sorted. Without
        # the limit it would be the planner's choice to join all keys at once, to all rows of a table.
        key = _key_as_text(edge, "k.key")
        where = statement.where(source, request.where, _tie(edge), *seek)
        size = 1 if isinstance(edge, One) else None if request.limit is None else request.limit + 1
        limit = "" if size is None else f" limit {size:d}"
        inner = f"select {', '.join(select) or '1'} from {from_rows} t{where}{order_by}{limit}"
        sql = f"select {key}, r.* from {_keys(edge)} cross join lateral ({inner}) r"
    return Query(edge, request, sql.encode(), tuple(statement.values), keyed)


@lru_cache(maxsize=1024)
def counts(edge: Edge, where: Where, *, of_book: bool = False) -> Query:
    """What counts the rows of each key; for an edge without keys a single row with the number of all rows."""
    keyed = edge.keyed
    source, statement = edge.source, _Statement(keyed=keyed)
    book = _book(edge, of_book=of_book)
    if not keyed:
        sql = f"select count(*) from {source.sql} t{statement.where(source, where, *book)}"
    elif edge.match is None:
        key = f"t.{edge.key_column}"
        condition = statement.where(source, where, f"{key} = any($1::{edge.key_type}[])", *book)
        sql = f"select {_key_as_text(edge, key)}, count(*) from {source.sql} t{condition} group by {key}"
    else:
        key = _key_as_text(edge, "k.key")
        condition = statement.where(source, where)
        sql = f"select {key}, count(*) from {_keys(edge)} join {source.sql} t on {edge.match}{condition} group by k.key"
    return Query(edge, Request((), where), sql.encode(), tuple(statement.values), keyed, counting=True)


def within_book(query: Query) -> Query:
    """The same question as one asks it for a partner: a list of any length begins with the partner's book."""
    if query.edge.book is None:
        return query
    if query.counting:
        return counts(query.edge, query.request.where, of_book=True)
    return rows(query.edge, query.request, of_book=True)

"""What an edge is: a declared way to get from rows one has to rows one wants, in batches.

Four kinds, each one line in the module of its area:

    by_id = one(Contract)                               one row for a key: `id = key`
    parties_of = children(ContractParty, "contract_id", order="role")      a short list, all of it
    of_customer = page(Contract, "customer_id", order="-started_on")       a long list, by pages and counted
    totals_of = derived(...)                            rows computed by a query of its own

Nothing here is SQL from outside: table, columns and fragments are written by us, values are always bound.
"""

from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Date, DateTime, Numeric, Table, Uuid
from sqlmodel import SQLModel


@dataclass(frozen=True)
class Column:
    """A column as a loader sees it: how it is selected, and how a value to compare it with is bound."""

    name: str
    sql_type: str
    nullable: bool

    @cached_property
    def select(self) -> str:
        """The select expression: ids and decimals travel as text, which is what the answer needs."""
        return f"t.{self.name}::text" if self.sql_type in ("uuid", "numeric") else f"t.{self.name}"


@dataclass(frozen=True)
class Source:
    """Rows that can be loaded: a table, or a query that acts as one."""

    name: str
    sql: str
    columns: dict[str, Column] = field(compare=False)

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError when there is none."""
        return self.columns[name]


_SQL_TYPES: tuple[tuple[type, str], ...] = (
    (Uuid, "uuid"),
    (Numeric, "numeric"),
    (DateTime, "timestamptz"),
    (Date, "date"),
)


def _sql_type(column: "SqlColumn[object]") -> str:
    for kind, name in _SQL_TYPES:
        if isinstance(column.type, kind):
            return name
    visit = column.type.__visit_name__
    return {"integer": "int", "big_integer": "bigint", "boolean": "boolean", "JSONB": "jsonb"}.get(visit, "text")


_SOURCES: dict[str, Source] = {}


def source(model: type[SQLModel]) -> Source:
    """The source of a table's rows."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    if table.name not in _SOURCES:
        columns = {c.name: Column(c.name, _sql_type(c), bool(c.nullable)) for c in table.columns}
        _SOURCES[table.name] = Source(table.name, table.name, columns)
    return _SOURCES[table.name]


@dataclass(frozen=True, eq=False)
class Edge:
    """A way to rows of `source`.

    `match` is the SQL condition that ties a row `t` to a key `k.key`; `key_column` is set where that is simply
    a column of the row. `order` names the columns rows come in, "-" for descending; the id is added to break ties.
    """

    source: Source
    key_column: str | None
    match: str | None
    key_type: str = "uuid"
    order: tuple[str, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether rows hang on a key, which then comes first in each row."""
        return self.key_column is not None or self.match is not None


class One(Edge):
    """At most one row for a key."""


class Children(Edge):
    """A short, bounded list of rows for a key, fetched whole."""


class Page(Edge):
    """A list of any length for a key, fetched by pages; without key the list of all rows."""


EDGES: list[Edge] = []


def _declared(edge: Edge) -> None:
    EDGES.append(edge)


def one(model: type[SQLModel], key: str = "id", match: str | None = None) -> One:
    """The row of `model` whose unique column `key` has the key's value; or, with `match`, for which that holds."""
    rows = source(model)
    edge = One(rows, key, None, rows.column(key).sql_type) if match is None else One(rows, None, match)
    _declared(edge)
    return edge


def children(model: type[SQLModel], key: str, order: str) -> Children:
    """All rows of `model` whose column `key` has the key's value."""
    rows = source(model)
    edge = Children(rows, key, None, rows.column(key).sql_type, tuple(order.split()))
    _declared(edge)
    return edge


def page(model: type[SQLModel], key: str | None = None, *, order: str, match: str | None = None) -> Page:
    """Rows of `model` by pages: those whose column `key` has the key's value, those for which `match` holds, or all."""
    edge = Page(source(model), key, match, order=tuple(order.split()))
    _declared(edge)
    return edge


def derived(name: str, sql: str, key: str, columns: dict[str, str], order: str) -> Children:
    """Rows that the query `sql` computes, tied to a key by its column `key`; `columns` maps names to SQL types."""
    rows = Source(name, f"({sql})", {n: Column(n, kind, True) for n, kind in columns.items()})
    edge = Children(rows, key, None, rows.column(key).sql_type, tuple(order.split()))
    _declared(edge)
    return edge

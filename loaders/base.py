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
from typing import Any

from sqlalchemy import ARRAY, Date, DateTime, Numeric, Table, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from loaders.book import CONDITIONS, WIDE_KEYS


@dataclass(frozen=True)
class Column:
    """A column as a loader sees it: how it is selected, and how a value to compare it with is bound."""

    name: str
    sql_type: str
    nullable: bool

    @cached_property
    def select(self) -> str:
        """The select expression: ids and decimals travel as text, which is what the answer needs."""
        if self.sql_type == "uuid[]":
            return f"t.{self.name}::text[]"
        return f"t.{self.name}::text" if self.sql_type in ("uuid", "numeric") else f"t.{self.name}"


@dataclass(frozen=True)
class Source:
    """Rows that can be loaded: a table, or a query that acts as one.

    `optional` are columns that the query computes only where they are asked for, with the expression that stands for
    `{column}` in `sql` then; a reader without a right to what it names can have the others.
    """

    name: str
    sql: str
    columns: dict[str, Column] = field(compare=False)
    optional: dict[str, str] = field(compare=False, default_factory=dict)

    def query(self, columns: tuple[str, ...]) -> str:
        """The SQL of the rows with these columns, as it stands in a FROM."""
        if not self.optional:
            return self.sql
        parts = {
            name: expression if name in columns else f"null::{self.columns[name].sql_type}"
            for name, expression in self.optional.items()
        }
        return self.sql.format(**parts)

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError when there is none."""
        return self.columns[name]


_SQL_TYPES: tuple[tuple[type, str], ...] = (
    (Uuid, "uuid"),
    (Numeric, "numeric"),
    (DateTime, "timestamptz"),
    (Date, "date"),
)


def _sql_type(kind_of: TypeEngine[Any]) -> str:
    if isinstance(kind_of, ARRAY):
        return f"{_sql_type(kind_of.item_type)}[]"
    for kind, name in _SQL_TYPES:
        if isinstance(kind_of, kind):
            return name
    visit = kind_of.__visit_name__
    names = {"integer": "int", "big_integer": "bigint", "boolean": "boolean", "JSONB": "jsonb", "large_binary": "bytea"}
    return names.get(visit, "text")


_SOURCES: dict[str, Source] = {}


def source(model: type[SQLModel] | Source) -> Source:
    """The source of a table's rows; or the one given."""
    if isinstance(model, Source):
        return model
    table: Table = model.__table__  # type: ignore[attr-defined]
    if table.name not in _SOURCES:
        columns = {c.name: Column(c.name, _sql_type(c.type), bool(c.nullable)) for c in table.columns}
        _SOURCES[table.name] = Source(table.name, table.name, columns)
    return _SOURCES[table.name]


@dataclass(frozen=True, eq=False)
class Edge:
    """A way to rows of `source`.

    `match` is the SQL condition that ties a row `t` to a key `k.key`; `key_column` is set where that is simply
    a column of the row. `order` names the columns rows come in, "-" for descending; the id is added to break ties.
    `found` is what a query makes of the key, `k.found` to the match.
    """

    source: Source
    key_column: str | None
    match: str | None
    key_type: str = "uuid"
    order: tuple[str, ...] = ()
    found: str | None = None

    @property
    def keyed(self) -> bool:
        """Whether rows hang on a key, which then comes first in each row."""
        return self.key_column is not None or self.match is not None

    @property
    def book(self) -> str | None:
        """The condition by which a partner's list begins with its book; none where the key leads to few rows."""
        wide = not self.keyed or self.key_column in WIDE_KEYS
        return CONDITIONS.get(self.source.name) if wide else None


class One(Edge):
    """At most one row for a key."""


class Children(Edge):
    """A short, bounded list of rows for a key, fetched whole."""


class Page(Edge):
    """A list of any length for a key, fetched by pages; without key the list of all rows."""


EDGES: list[Edge] = []


def _declared(edge: Edge) -> None:
    EDGES.append(edge)


def query(name: str, sql: str, columns: dict[str, str]) -> Source:
    """What `one` and `page` take in place of a table: the rows of a query; `columns` maps names to SQL types."""
    return Source(name, f"({sql})", {n: Column(n, kind, True) for n, kind in columns.items()})


def one(model: type[SQLModel] | Source, key: str = "id", found: str | None = None) -> One:
    """The row of `model` whose unique column `key` has the key's value; or whose id the query `found` makes of it.

    With both, `found` finds more than the column alone would, such as by numbers that a row had before.

    A query must stand in `found` and not in a condition beside the row: where row-level security holds, PostgreSQL
    trusts no subquery to be evaluated before the policy, and would read the whole table instead of an index.
    """
    rows = source(model)
    known = None if found is not None and key == "id" else key
    match = None if found is None else "t.id = k.found"
    edge = One(rows, known, match, rows.column(key).sql_type, found=found)
    _declared(edge)
    return edge


def children(model: type[SQLModel], key: str, order: str, rows: str | None = None) -> Children:
    """All rows of `model` whose column `key` has the key's value; of those, the ones the query `rows` brings."""
    table = source(model)
    found = table if rows is None else Source(table.name, f"({rows})", table.columns)
    edge = Children(found, key, None, table.column(key).sql_type, tuple(order.split()))
    _declared(edge)
    return edge


def page(
    model: type[SQLModel] | Source,
    key: str | None = None,
    *,
    order: str,
    match: str | None = None,
    found: str | None = None,
) -> Page:
    """Rows of `model` by pages: those whose column `key` has the key's value, those for which `match` holds, or all.

    `found` is a query (see `one`) that makes of the key what `match` calls `k.found`.
    """
    edge = Page(source(model), key, match, order=tuple(order.split()), found=found)
    _declared(edge)
    return edge


def derived(
    name: str, sql: str, key: str, columns: dict[str, str], order: str, optional: dict[str, str] | None = None
) -> Children:
    """Rows that the query `sql` computes, tied to a key by its column `key`; `columns` maps names to SQL types."""
    rows = Source(name, f"({sql})", {n: Column(n, kind, True) for n, kind in columns.items()}, optional or {})
    edge = Children(rows, key, None, rows.column(key).sql_type, tuple(order.split()))
    _declared(edge)
    return edge

"""Loading: the batch functions behind every edge, as DataLoaders that live as long as one operation."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader

from core.snapshot import Row, Snapshot
from loaders import statements
from loaders.base import Children, Edge, One, Source
from loaders.request import Request, Where
from loaders.search import SearchLoader

# The one key of a list that hangs on nothing, such as all customers.
EVERYTHING = "*"


class Record:
    """A row: the selected columns of `source`, by name."""

    __slots__ = ("_positions", "_values", "source")

    def __init__(self, source: Source, positions: dict[str, int], values: Row) -> None:
        self.source = source
        self._positions = positions
        self._values = values

    def __getitem__(self, column: str) -> Any:
        return self._values[self._positions[column]]


@dataclass(frozen=True, slots=True)
class PageRows:
    """One page of a key's rows, in order; `more` tells whether rows follow in the direction of paging."""

    rows: Sequence[Record]
    more: bool


_NO_ROWS = PageRows((), False)


class EdgeLoader(DataLoader[str, Any]):
    """Rows of an edge for one request: a Record or None, a list of Records, or PageRows, by the kind of edge."""

    def __init__(self, snapshot: Snapshot, edge: Edge, request: Request) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.edge = edge
        self.request = request
        self.keyed = edge.key_column is not None or edge.match is not None
        offset = 1 if self.keyed else 0
        self.positions = {column: index + offset for index, column in enumerate(request.columns)}

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        """One statement for all keys."""
        sql, values = statements.rows(self.edge, self.request, keys if self.keyed else None)
        fetched = await self.snapshot.fetch(sql, values)
        if not self.keyed:
            return [self._page(self._records(fetched))]
        if isinstance(self.edge, One):
            found = {row[0]: row for row in fetched}
            return [self._record(found[key]) if key in found else None for key in keys]
        lists: dict[str, list[Record]] = {key: [] for key in keys}
        for row in fetched:
            lists[row[0]].append(self._record(row))
        if isinstance(self.edge, Children):
            return list(lists.values())
        return [self._page(records) for records in lists.values()]

    def _record(self, row: Row) -> Record:
        return Record(self.edge.source, self.positions, row)

    def _records(self, rows: list[Row]) -> list[Record]:
        return [self._record(row) for row in rows]

    def _page(self, records: list[Record]) -> PageRows:
        limit = self.request.limit
        if not records:
            return _NO_ROWS
        more = limit is not None and len(records) > limit
        if more:
            del records[limit:]
        if self.request.backward:
            records.reverse()
        return PageRows(records, more)


class CountLoader(DataLoader[str, int]):
    """The number of rows of an edge for each key."""

    def __init__(self, snapshot: Snapshot, edge: Edge, where: Where) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.edge = edge
        self.where = where

    async def batch_load_fn(self, keys: list[str]) -> list[int]:
        """One statement for all keys."""
        keyed = self.edge.key_column is not None or self.edge.match is not None
        sql, values = statements.counts(self.edge, self.where, keys if keyed else None)
        rows = await self.snapshot.fetch(sql, values)
        if not keyed:
            return [rows[0][0]]
        found: dict[str, int] = dict(rows)
        return [found.get(key, 0) for key in keys]


class Loaders:
    """All loaders of one operation; equal requests share one, and so its cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._rows: dict[Hashable, EdgeLoader] = {}
        self._counts: dict[Hashable, CountLoader] = {}
        self._searches: dict[int, SearchLoader] = {}

    def search(self, first: int) -> SearchLoader:
        """The loader of the search box's first hits."""
        if first not in self._searches:
            self._searches[first] = SearchLoader(self.snapshot, first)
        return self._searches[first]

    def rows(self, edge: Edge, request: Request) -> EdgeLoader:
        """The loader of the edge's rows for a request."""
        loader = self._rows.get((edge, request))
        if loader is None:
            loader = self._rows[edge, request] = EdgeLoader(self.snapshot, edge, request)
        return loader

    def counts(self, edge: Edge, where: Where) -> CountLoader:
        """The loader of the edge's number of rows."""
        loader = self._counts.get((edge, where))
        if loader is None:
            loader = self._counts[edge, where] = CountLoader(self.snapshot, edge, where)
        return loader

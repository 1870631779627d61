"""Loading: the batch functions behind every edge, as DataLoaders that live as long as one operation."""

from asyncio import Future
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader

from core.pipeline import Row
from core.snapshot import Snapshot
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


class LevelLoader(DataLoader[str, Any]):
    """A DataLoader that also answers for all keys of a level at once.

    Only the interpreter calls `load`; what a DataLoader needs for that is set up at its first call, because the
    compiled driver makes a loader for every edge of every operation and never needs it.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._loading = False

    def load(self, key: str) -> "Future[Any]":
        """The value for a key, batched with all others asked for in the same turn of the event loop."""
        if not self._loading:
            self._loading = True
            super().__init__()
        return super().load(key)


class EdgeLoader(LevelLoader):
    """Rows of an edge for one request, for two drivers with one cache.

    The interpreter calls `load(key)` for every object and gets a Record or None, a list of Records, or PageRows, by
    the kind of edge. The compiled driver asks for all keys of a level at once: `missing`, `statement`, `store`, and
    then reads `lists`, the rows of each key.
    """

    def __init__(self, snapshot: Snapshot, edge: Edge, request: Request) -> None:
        super().__init__(snapshot)
        self.edge = edge
        self.request = request
        self.positions = {column: index + edge.keyed for index, column in enumerate(request.columns)}
        self.lists: dict[str, list[Row]] = {}

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those of `keys` whose rows are not there yet, each once."""
        lists = self.lists
        return [key for key in dict.fromkeys(keys) if key not in lists]

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement that fetches the rows of `keys`."""
        return statements.rows(self.edge, self.request, keys if self.edge.keyed else None)

    def store(self, keys: list[str], rows: list[Row]) -> None:
        """Take in what the statement for `keys` brought."""
        if len(keys) == 1:
            self.lists[keys[0]] = rows
            return
        lists = self.lists
        for key in keys:
            lists[key] = []
        for row in rows:
            lists[row[0]].append(row)

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        """One statement for all keys."""
        missing = self.missing(keys)
        if missing:
            self.store(missing, await self.snapshot.fetch(*self.statement(missing)))
        return [self._result(self.lists[key]) for key in keys]

    def _result(self, rows: list[Row]) -> Any:
        if isinstance(self.edge, One):
            return self._record(rows[0]) if rows else None
        records = [self._record(row) for row in rows]
        return records if isinstance(self.edge, Children) else self._page(records)

    def _record(self, row: Row) -> Record:
        return Record(self.edge.source, self.positions, row)

    def _page(self, records: list[Record]) -> PageRows:
        limit = self.request.limit
        more = limit is not None and len(records) > limit
        if more:
            del records[limit:]
        if self.request.backward:
            records.reverse()
        return PageRows(records, more)


class CountLoader(LevelLoader):
    """The number of rows of an edge for each key, for both drivers like EdgeLoader."""

    def __init__(self, snapshot: Snapshot, edge: Edge, where: Where) -> None:
        super().__init__(snapshot)
        self.edge = edge
        self.where = where
        self.counts: dict[str, int] = {}

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those of `keys` that are not counted yet, each once."""
        counts = self.counts
        return [key for key in dict.fromkeys(keys) if key not in counts]

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement that counts the rows of `keys`."""
        return statements.counts(self.edge, self.where, keys if self.edge.keyed else None)

    def store(self, keys: list[str], rows: list[Row]) -> None:
        """Take in what the statement for `keys` brought."""
        if not self.edge.keyed:
            self.counts[keys[0]] = rows[0][0]
            return
        self.counts.update(dict.fromkeys(keys, 0))
        self.counts.update(dict(rows))

    async def batch_load_fn(self, keys: list[str]) -> list[int]:
        """One statement for all keys."""
        missing = self.missing(keys)
        if missing:
            self.store(missing, await self.snapshot.fetch(*self.statement(missing)))
        return [self.counts[key] for key in keys]


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

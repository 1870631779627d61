"""Loading: the batch functions behind every edge, as DataLoaders that live as long as one operation."""

from asyncio import Future
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aiodataloader import DataLoader

from core.pipeline import Row
from core.snapshot import Snapshot
from loaders.base import Children, One, Source
from loaders.search import SearchLoader
from loaders.statements import Query, within_book

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

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        super().__init__(snapshot)
        self.query = query if snapshot.partner_id is None else within_book(query)
        self.lists: dict[str, list[Row]] = {}

    def missing(self, keys: Iterable[str | None]) -> list[str]:
        """Those of `keys` whose rows are not there yet, each once; a key that is None has none."""
        lists = self.lists
        return [key for key in dict.fromkeys(keys) if key is not None and key not in lists]

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement that fetches the rows of `keys`."""
        return self.query.statement(keys)

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

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {column: index + self.query.keyed for index, column in enumerate(self.query.request.columns)}

    def _result(self, rows: list[Row]) -> Any:
        edge = self.query.edge
        if isinstance(edge, One):
            return self._record(rows[0]) if rows else None
        records = [self._record(row) for row in rows]
        return records if isinstance(edge, Children) else self._page(records)

    def _record(self, row: Row) -> Record:
        return Record(self.query.edge.source, self._positions, row)

    def _page(self, records: list[Record]) -> PageRows:
        limit = self.query.request.limit
        more = limit is not None and len(records) > limit
        if more:
            del records[limit:]
        if self.query.request.backward:
            records.reverse()
        return PageRows(records, more)


class CountLoader(LevelLoader):
    """The number of rows of an edge for each key, for both drivers like EdgeLoader."""

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        super().__init__(snapshot)
        self.query = query if snapshot.partner_id is None else within_book(query)
        self.counts: dict[str, int] = {}

    def missing(self, keys: Iterable[str | None]) -> list[str]:
        """Those of `keys` that are not counted yet, each once."""
        counts = self.counts
        return [key for key in dict.fromkeys(keys) if key is not None and key not in counts]

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement that counts the rows of `keys`."""
        return self.query.statement(keys)

    def store(self, keys: list[str], rows: list[Row]) -> None:
        """Take in what the statement for `keys` brought."""
        if not self.query.keyed:
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
    """All loaders of one operation; equal queries share one, and so its cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._rows: dict[Query, EdgeLoader] = {}
        self._counts: dict[Query, CountLoader] = {}
        self._searches: dict[tuple[str, int, frozenset[str]], SearchLoader] = {}

    def search(self, text: str, first: int, tables: frozenset[str]) -> SearchLoader:
        """The loader of the first hits for a text in some tables."""
        key = (text, first, tables)
        if key not in self._searches:
            self._searches[key] = SearchLoader(self.snapshot, first, tables)
        return self._searches[key]

    def rows(self, query: Query) -> EdgeLoader:
        """The loader of the rows a query brings (loaders.statements.rows)."""
        loader = self._rows.get(query)
        if loader is None:
            loader = self._rows[query] = EdgeLoader(self.snapshot, query)
        return loader

    def used(self) -> Iterable[EdgeLoader]:
        """All loaders of rows so far."""
        return self._rows.values()

    def counts(self, query: Query) -> CountLoader:
        """The loader of the numbers a query counts (loaders.statements.counts)."""
        loader = self._counts.get(query)
        if loader is None:
            loader = self._counts[query] = CountLoader(self.snapshot, query)
        return loader

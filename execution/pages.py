"""Links to connections: pages of rows with their counts, cursors and page info."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from auth.actor import Actor
from core.pipeline import Row
from execution.arguments import Arguments
from execution.builders import BuildConnections
from execution.plan import Finish, Following, Object, RowsPlan, Run, descend
from loaders import statements
from loaders.base import Edge
from loaders.batching import EVERYTHING, CountLoader, EdgeLoader
from loaders.request import Request, Where
from loaders.statements import Query


@dataclass
class PageLink:
    """A link over an edge to a connection. `local` is None for a list that hangs on nothing.

    `nodes` are the plans of its selections of nodes (below `nodes` and `edges`), with the response keys that lead to
    them; `build` makes the connections of all parents from the objects of those plans.
    """

    key: str
    edge: Edge
    local: int | None
    columns: tuple[str, ...]
    arguments: Arguments
    request: Callable[[dict[str, Any], Actor], Request]
    visible: Where
    nodes: list[tuple[str, RowsPlan]]
    build: BuildConnections
    fetches: bool
    counts: bool

    def __post_init__(self) -> None:
        self.deep = any(plan.links for _, plan in self.nodes)
        self._constant: tuple[Query, Query] | None = None

    def queries(self, run: Run) -> tuple[Query, Query]:
        """What fetches the page and what counts the list in this run."""
        if self._constant is not None:
            return self._constant
        request = self.request(self.arguments.known(run.variables), run.actor)
        request = replace(request, columns=self.columns, where=(*request.where, *self.visible))
        queries = statements.rows(self.edge, request), statements.counts(self.edge, request.where)
        if self.arguments.make is None:
            self._constant = queries
        return queries

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the page of each key, and its count if that was asked for."""
        local = self.local
        keys = [EVERYTHING] if local is None else [row[local] for row in rows]
        query, count = self.queries(run)
        loader = counter = None
        if self.fetches:
            loader = run.loaders.rows(query)
            run.want(loader, keys)
        if self.counts:
            counter = run.loaders.counts(count)
            run.want(counter, keys)
        return partial(self._finish, query.request, loader, counter, keys, objects)

    def _finish(
        self,
        request: Request,
        loader: EdgeLoader | None,
        counter: CountLoader | None,
        keys: list[str],
        objects: list[Object],
        following: Following,
    ) -> None:
        limit, backward = request.limit, request.backward
        all_rows: list[Row] = []
        pages: list[tuple[list[Row], bool, int, int, int | None]] = []
        for key in keys:
            rows = loader.lists[key] if loader is not None else []
            more = limit is not None and len(rows) > limit
            if more:
                rows = rows[:limit]
            if backward:
                rows = rows[::-1]
            start = len(all_rows)
            all_rows += rows
            pages.append((rows, more, start, len(all_rows), counter.counts[key] if counter is not None else None))
        built = [descend(plan, all_rows, following) for _, plan in self.nodes]
        # Whether rows lie on the other side of the page, where the cursor stands.
        behind = (request.before if backward else request.after) is not None
        connections = self.build(pages, built, backward, behind)
        for target, connection in zip(objects, connections, strict=True):
            target[self.key] = connection

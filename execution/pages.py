"""Links to connections: pages of rows with their counts, cursors and page info."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core import cursors
from core.pipeline import Row
from execution.plan import Arguments, Finish, Following, Object, Run, Surprise, descend
from loaders.base import Edge
from loaders.batching import EVERYTHING
from loaders.request import Request
from loaders.statements import order_of

# The parts of a connection, in the order they were asked for: (part, key, what is needed to make it).
Parts = list[tuple[str, str, Any]]


@dataclass
class PageLink:
    """A link over an edge to a connection. `local` is None for a list that hangs on nothing."""

    key: str
    edge: Edge
    local: int | None
    columns: tuple[str, ...]
    arguments: Arguments
    request: Callable[[dict[str, Any]], Request]
    parts: Parts
    positions: dict[str, int]
    fetches: bool
    counts: bool
    ready: Request | None = None

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the page of each key, and its count if that was asked for."""
        local = self.local
        keys = [EVERYTHING] if local is None else [row[local] for row in rows]
        request = self.ready
        if request is None:
            request = replace(self.request(self.arguments.values(run)), columns=self.columns)
            if self.arguments.make is None:
                self.ready = request
        loader = run.loaders.rows(self.edge, request)
        if self.fetches:
            run.want(loader, keys)
        counter = None
        if self.counts:
            counter = run.loaders.counts(self.edge, request.where)
            run.want(counter, keys)
        page = request

        def finish(following: Following) -> None:
            all_rows: list[Row] = []
            seen: list[tuple[list[Row], bool]] = []
            for key in keys:
                found, more = self._page(loader.lists[key], page) if self.fetches else ([], False)
                seen.append((found, more))
                all_rows += found
            built = self._built(all_rows, following)
            start = 0
            for (found, more), key, target in zip(seen, keys, objects, strict=True):
                end = start + len(found)
                count = counter.counts[key] if counter is not None else None
                target[self.key] = self._connection(found, more, page, count, built, start, end)
                start = end

        return finish

    @staticmethod
    def _page(rows: list[Row], request: Request) -> tuple[list[Row], bool]:
        limit = request.limit
        more = limit is not None and len(rows) > limit
        if more:
            rows = rows[:limit]
        return (rows[::-1] if request.backward else rows), more

    def _built(self, rows: list[Row], following: Following) -> list[list[Object]]:
        """The objects of all keys' rows, for each selection of nodes in the order of the parts."""
        built = []
        for part, _, detail in self.parts:
            if part == "nodes":
                built.append(descend(detail, rows, following))
            elif part == "edges":
                built += [descend(plan, rows, following) for inner, _, plan in detail if inner == "node"]
        return built

    def _connection(
        self,
        rows: list[Row],
        more: bool,
        request: Request,
        count: int | None,
        built: list[list[Object]],
        start: int,
        end: int,
    ) -> Object:
        connection: Object = {}
        selections = iter(built)
        for part, key, detail in self.parts:
            if part == "nodes":
                connection[key] = next(selections)[start:end]
            elif part == "edges":
                nodes = [next(selections)[start:end] for inner, _, _ in detail if inner == "node"]
                connection[key] = [self._edge(detail, row, nodes, i, request) for i, row in enumerate(rows)]
            elif part == "pageInfo":
                connection[key] = self._page_info(detail, rows, more, request)
            elif part == "totalCount":
                if count is None or count > 2_147_483_647:
                    raise Surprise("count")
                connection[key] = count
            else:
                connection[key] = detail
        return connection

    def _edge(self, parts: Parts, row: Row, nodes: list[list[Object]], index: int, request: Request) -> Object:
        edge: Object = {}
        selections = iter(nodes)
        for part, key, detail in parts:
            if part == "node":
                edge[key] = next(selections)[index]
            elif part == "cursor":
                edge[key] = self._cursor(row, request)
            else:
                edge[key] = detail
        return edge

    def _page_info(self, parts: Parts, rows: list[Row], more: bool, request: Request) -> Object:
        info: Object = {}
        for part, key, detail in parts:
            if part == "hasNextPage":
                info[key] = request.before is not None if request.backward else more
            elif part == "hasPreviousPage":
                info[key] = more if request.backward else request.after is not None
            elif part in ("startCursor", "endCursor"):
                info[key] = self._cursor(rows[0 if part == "startCursor" else -1], request) if rows else None
            else:
                info[key] = detail
        return info

    def _cursor(self, row: Row, request: Request) -> str:
        order = order_of(self.edge, request)
        return cursors.encode(",".join(order), tuple(row[self.positions[name.lstrip("-")]] for name in order))

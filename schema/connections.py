"""Lists by pages, as the Relay connection specification has it, with `nodes` for those who need no cursors."""

from typing import Any, Generic, TypeVar

import strawberry

from core import cursors
from core.errors import BadInput
from execution.context import OperationContext
from execution.permissions import INHERITED
from loaders import statements
from loaders.base import Edge as LoaderEdge
from loaders.batching import EVERYTHING, EdgeLoader, PageRows, Record
from loaders.request import Request, Where
from loaders.statements import order_of

T = TypeVar("T")

DEFAULT_PAGE = 20
MAX_PAGE = 100


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's PageInfo."""

    __permission__ = INHERITED

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows precede this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row of the page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row of the page.")


class Slice:
    """A page of an edge for one parent, loaded when one of its parts is asked for."""

    def __init__(self, context: OperationContext, edge: LoaderEdge, key: str | None, request: Request) -> None:
        self.context = context
        self.edge = edge
        self.key = EVERYTHING if key is None else key
        self.request = request

    @property
    def order(self) -> tuple[str, ...]:
        """The order of the rows, ending with the id."""
        return order_of(self.edge, self.request)

    async def page(self) -> PageRows:
        """The rows."""
        loader: EdgeLoader = self.context.loaders.rows(statements.rows(self.edge, self.request))
        page: PageRows = await loader.load(self.key)
        return page

    async def count(self) -> int:
        """How many rows the list has over all pages."""
        count: int = await self.context.loaders.counts(statements.counts(self.edge, self.request.where)).load(self.key)
        return count

    def cursor(self, record: Record) -> str:
        """The cursor of a row."""
        order = self.order
        return cursors.encode(",".join(order), tuple(record[name.lstrip("-")] for name in order))


def paged(
    edge: LoaderEdge,
    where: Where,
    order: tuple[str, ...],
    first: int | None,
    last: int | None,
    after: str | None,
    before: str | None,
) -> Request:
    """The request for a page, still without columns.

    Raises BadInput when `first` and `last` are both given or out of range, or a cursor is not of this list.
    """
    if first is not None and last is not None:
        raise BadInput("first and last cannot both be given", argument="last")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 0 <= size <= MAX_PAGE:
            raise BadInput(f"{name} is between 0 and {MAX_PAGE}, got {size}", argument=name)
    request = Request((), where, order)
    full_order = order_of(edge, request)
    signature = ",".join(full_order)
    size = len(full_order)
    return Request(
        columns=(),
        where=where,
        order=order,
        limit=last if last is not None else DEFAULT_PAGE if first is None else first,
        backward=last is not None,
        after=None if after is None else cursors.decode(after, signature, size, "after"),
        before=None if before is None else cursors.decode(before, signature, size, "before"),
    )


@strawberry.type(description="A row of a list, with its cursor.")
class Edge(Generic[T]):
    """Relay's edge."""

    __permission__ = INHERITED

    cursor: str = strawberry.field(description="Where the row stands in the list; give it to `after` or `before`.")
    node: T = strawberry.field(description="The row.")


class _EdgeValue:
    __slots__ = ("_slice", "node")

    def __init__(self, of: Slice, node: Record) -> None:
        self._slice = of
        self.node = node

    @property
    def cursor(self) -> str:
        return self._slice.cursor(self.node)


@strawberry.type(description="A list by pages.")
class Connection(Generic[T]):
    """Relay's connection; its resolvers work on a Slice."""

    __permission__ = INHERITED

    @strawberry.field(description="The rows of the page.")
    async def nodes(self: Any) -> list[T]:
        """The rows."""
        rows: Any = (await self.page()).rows
        return rows  # type: ignore[no-any-return]

    @strawberry.field(description="The rows of the page with their cursors.")
    async def edges(self: Any) -> list[Edge[T]]:
        """The rows, each with its cursor."""
        edges: Any = [_EdgeValue(self, record) for record in (await self.page()).rows]
        return edges  # type: ignore[no-any-return]

    @strawberry.field(description="Where the page lies in the list.")
    async def page_info(self: Any) -> PageInfo:
        """Relay's PageInfo."""
        slice_: Slice = self
        page = await slice_.page()
        request, rows = slice_.request, page.rows
        # Cursors are made only if asked for: then, and only then, the order's columns were fetched.
        has_cursors = rows and all(name.lstrip("-") in request.columns for name in slice_.order)
        return PageInfo(
            has_next_page=request.before is not None if request.backward else page.more,
            has_previous_page=page.more if request.backward else request.after is not None,
            start_cursor=slice_.cursor(rows[0]) if has_cursors else None,
            end_cursor=slice_.cursor(rows[-1]) if has_cursors else None,
        )

    @strawberry.field(description="How many rows the list has over all pages. Counted only when asked for.")
    async def total_count(self: Any) -> int:
        """The count."""
        count: int = await self.count()
        return count

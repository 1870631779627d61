"""The search box."""

from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

from auth.actor import Actor
from core.errors import BadInput
from execution.context import OperationContext
from execution.fields import RootSearchField
from execution.permissions import SIGNED_IN, lacking
from loaders.batching import Record
from loaders.search import HITS, NUMBERED
from schema.fields import argument
from schema.registry import entity_of
from schema.search import SearchHit

DEFAULT_HITS = 10
MAX_HITS = 50
MAX_LENGTH = 200

_POSITIONS = {name: position for position, name in enumerate(HITS.columns)}


class SearchField(RootSearchField):
    """The root field of the search box."""

    # Which tables are searched depends on what the actor may see.
    permission = SIGNED_IN
    sized_by, largest = "first", MAX_HITS

    def __init__(self) -> None:
        super().__init__(
            description="Find customers by name (accents and small typing errors do not matter), e-mail address, phone "
            "number in any notation or identifier, and customers, contracts, orders, claims, complaints and households "
            "by number."
        )

    def declared_arguments(self) -> list[StrawberryArgument]:
        """What to look for, and how many hits to give."""
        return [
            argument("query", str, "What to look for."),
            argument("first", int, "How many hits at most, up to 50.", default=DEFAULT_HITS),
        ]

    def search(self, arguments: dict[str, Any]) -> tuple[int, str]:
        """The arguments, checked. Raises BadInput for a query that is too long or a number out of range."""
        query, first = arguments["query"], arguments["first"]
        if not 0 <= first <= MAX_HITS:
            raise BadInput(f"first is between 0 and {MAX_HITS}, got {first}", argument="first")
        if len(query) > MAX_LENGTH or "\0" in query:
            raise BadInput(f"query: a text of at most {MAX_LENGTH} characters without NUL", argument="query")
        return first, query

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the hits, best first."""
        assert info is not None
        first, query = self.search(kwargs)
        context: OperationContext = info._raw_info.context
        return self._records(context, first, query)

    def tables(self, actor: Actor) -> frozenset[str]:
        """The tables whose rows the actor may see."""
        kinds = {table: entity_of(table).permission for table in NUMBERED.values()}
        return frozenset(table for table, permission in kinds.items() if not lacking(permission, actor))

    async def _records(self, context: OperationContext, first: int, query: str) -> list[Record]:
        loader = context.loaders.search(query, first, self.tables(context.actor))
        return [Record(HITS, _POSITIONS, row) for row in await loader.load(query)]


def _search() -> Any:
    return SearchField()


@strawberry.type
class Query:
    """Root field of the search."""

    search: list[SearchHit] | None = _search()

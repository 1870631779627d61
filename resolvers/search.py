"""The search box."""

from collections.abc import Awaitable
from typing import Annotated, Any

import strawberry
from strawberry.types.info import Info

from core.errors import BadInput
from execution.context import OperationContext
from schema.search import SearchHit

MAX_HITS = 50
MAX_LENGTH = 200


@strawberry.type
class Query:
    """Root field of the search."""

    @strawberry.field(
        description="Find customers by name (accents and small typing errors do not matter), e-mail address, phone "
        "number in any notation or identifier, and customers, contracts, orders, claims, complaints and households by "
        "number."
    )
    def search(
        self,
        info: Info[Any, Any],
        query: Annotated[str, strawberry.argument(description="What to look for.")],
        first: Annotated[int, strawberry.argument(description="How many hits at most, up to 50.")] = 10,
    ) -> list[SearchHit]:
        """The hits, best first. Raises BadInput for a query that is too long or a number out of range."""
        if not 0 <= first <= MAX_HITS:
            raise BadInput(f"first is between 0 and {MAX_HITS}, got {first}", argument="first")
        if len(query) > MAX_LENGTH or "\0" in query:
            raise BadInput(f"query: a text of at most {MAX_LENGTH} characters without NUL", argument="query")
        context: OperationContext = info.context
        hits: Awaitable[Any] = context.loaders.search(first).load(query)
        return hits  # type: ignore[return-value]

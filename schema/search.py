"""The search box's answer: a hit, what it is, and what of it matched."""

from enum import auto
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo
from strawberry.types.info import Info

from loaders.search import Hit
from models.base import Choice
from schema.nodes import load_row
from schema.registry import entity_of

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.households import Household
    from schema.orders import Order

Found = Annotated[
    "Customer | Contract | Order | Claim | Complaint | Household",
    strawberry.union("Found", description="What a search can find."),
]


class MatchedField(Choice):
    """What of an object matched the search."""

    NAME = auto(), "The customer's name, also with other accents or a typing error."
    EMAIL = auto(), "An e-mail address."
    PHONE = auto(), "A phone number, in whatever notation."
    NUMBER = auto(), "The object's number."
    IDENTIFIER = auto(), "The customer's identifier in another system."


class _ObjectField(strawberry.types.field.StrawberryField):
    """An edge to the row a hit stands for."""

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the row."""
        assert info is not None
        raw: GraphQLResolveInfo[Any] = info._raw_info
        hit: Hit = source
        return load_row(raw, entity_of(hit.table), hit.row_id)


def found() -> Any:
    """The edge from a hit to what was found."""
    return _ObjectField(description="What was found.")


@strawberry.type(description="Something a search found.")
class SearchHit:
    """A hit; its resolvers work on a loaders.search.Hit."""

    score: float = strawberry.field(description="How well it matches, from 0 to 1; hits come best first.")
    matched_field: MatchedField = strawberry.field(description="What of the object matched.")
    matched_text: str = strawberry.field(description="The text that matched, as stored.")
    object: "Found | None" = found()

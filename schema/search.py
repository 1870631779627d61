"""The search box's answer: a hit, what it is, and what of it matched."""

from enum import auto
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types.info import Info

from execution.fields import PolymorphicField
from execution.permissions import INHERITED
from models.base import Choice
from schema.fields import column
from schema.nodes import Target, load_target, table_target

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


class FoundField(PolymorphicField):
    """An edge to the row a hit stands for."""

    def __init__(self) -> None:
        super().__init__(description="What was found.")
        self.columns = ("place", "row_id")

    def target(self, values: Any) -> Target:
        """The row that was found."""
        return table_target(values["place"], values["row_id"])

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the row."""
        assert info is not None
        return load_target(info._raw_info, self.target(source))


def found() -> Any:
    """The edge from a hit to what was found."""
    return FoundField()


@strawberry.type(description="Something a search found.")
class SearchHit:
    """A hit: a row of loaders.search.HITS."""

    __permission__ = INHERITED

    score: float = column("score", description="How well it matches, from 0 to 1; hits come best first.")
    matched_field: MatchedField = column("matched_field", description="What of the object matched.")
    matched_text: str = column("matched_text", description="The text that matched, as stored.")
    object: "Found | None" = found()

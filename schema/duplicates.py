"""Customers that may be one and the same, with the reasons."""

from enum import auto
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.arguments import StrawberryArgument

import loaders
from auth.actor import Actor
from execution.permissions import INHERITED
from loaders import base as edges
from loaders.request import Request
from models.base import Choice
from schema.connections import paged
from schema.fields import PageField, column, one

if TYPE_CHECKING:
    from schema.customers import Customer


class DuplicateReason(Choice):
    """Why two customers may be the same."""

    NAME = auto(), "Their names are alike, apart from accents and case."
    BIRTH_DATE = auto(), "They were born on the same day, and their names are alike."
    EMAIL = auto(), "They share an e-mail address."
    PHONE = auto(), "They share a phone number."


def _reasons() -> Any:
    return column(
        "reasons",
        read=lambda row: [DuplicateReason[name] for name in row["reasons"]],
        description="Why, the strongest reason first.",
    )


def _score() -> Any:
    return column("score", description="How likely it is, from 0 to 1: the sum of what the reasons count.")


@strawberry.type(description="Another customer that may be the same.")
class DuplicateCandidate:
    """Rows of a derived edge."""

    __permission__ = INHERITED

    candidate: "Customer | None" = one(loaders.customers.by_id, "candidate_id", "The other customer.")
    score: float = _score()
    reasons: list[DuplicateReason] = _reasons()


@strawberry.type(description="Two customers that may be one and the same.")
class DuplicatePair:
    """Rows of a query."""

    __permission__ = ("customers:read", "customers:merge", "customers:read_birth_date", "internal:read")
    __source__ = loaders.duplicates.PAIRS

    customer: "Customer | None" = one(loaders.customers.by_id, "customer_id", "The one.")
    candidate: "Customer | None" = one(loaders.customers.by_id, "candidate_id", "The other.")
    score: float = _score()
    reasons: list[DuplicateReason] = _reasons()


class PairsField(PageField):
    """A list of pairs, which has an order of its own."""

    def own_arguments(self) -> list[StrawberryArgument]:
        """None."""
        return []

    def request(self, arguments: dict[str, Any], actor: Actor) -> Request:
        """The page that the arguments ask for. Raises BadInput."""
        paging: dict[str, Any] = {name: arguments.get(name) for name in ("first", "last", "after", "before")}
        return paged(self.edge, (), (), **paging)


def pairs(edge: edges.Page, description: str) -> Any:
    """The list of all pairs."""
    return PairsField(edge, None, description)

"""Merges of duplicate customers as the graph shows them, and what the mutations about them answer."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

import loaders
from execution.permissions import INHERITED
from models import merges as models
from schema.commands import Result, result_of
from schema.entity import Node, entity
from schema.fields import column, one
from schema.mutations import payload

if TYPE_CHECKING:
    from schema.customers import Customer


def _former_id() -> Any:
    return column("merged_id", read=lambda row: f"cus_{row['merged_id']}")


@entity(models.CustomerMerge, "mrg", loaders.merges.by_id, "customers:merge")
class CustomerMerge(Node):
    """A duplicate customer that was merged into another. By it the old id and the old number lead to the survivor."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    merged_id: strawberry.ID = _former_id()
    merged_number: str = column()
    reason: str | None = column()
    merged_at: datetime | None = column()
    merged_by: str | None = column()
    undone_at: datetime | None = column()
    undone_by: str | None = column()


@strawberry.type(description="How many rows of a table a merge moved, changed or removed.")
class MergeMove:
    """A line of what a merge does."""

    __permission__ = INHERITED

    table: str = strawberry.field(description="The table.")
    effect: models.MergeEffect = strawberry.field(description="What is done to the rows.")
    count: int = strawberry.field(description="How many rows.")


@strawberry.type(description="Whose value a merge keeps.")
class MergedField:
    """A line of the survivorship."""

    __permission__ = INHERITED

    field: models.MergeField = strawberry.field(description="What it is about.")
    side: models.MergeSide = strawberry.field(description="Whose value is kept.")


def _moves(root: Any) -> list[MergeMove] | None:
    result: Result = root
    made = result["moves"]
    if made is None:
        return None
    return [MergeMove(table=m["place"], effect=models.MergeEffect[m["effect"]], count=m["count"]) for m in made]


def _fields(root: Any) -> list[MergedField] | None:
    result: Result = root
    made = result["fields"]
    if made is None:
        return None
    return [MergedField(field=models.MergeField[f["field"]], side=models.MergeSide[f["side"]]) for f in made]


def _merge() -> Any:
    return result_of(loaders.merges.by_id, "merge", "The merge; none after a dry run.")


@payload("Two customers that were merged.")
class MergePayload:
    """Of merging."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", "The survivor as it is now.")
    merge: CustomerMerge | None = _merge()
    moves: list[MergeMove] | None = strawberry.field(resolver=_moves, description="What was moved, or would be.")
    fields: list[MergedField] | None = strawberry.field(
        resolver=_fields, description="Whose values are kept; without those that one may not see."
    )


@payload("Two customers who are apart again.")
class UnmergePayload:
    """Of taking a merge back."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", "The survivor as it is now.")
    merged: "Customer | None" = result_of(loaders.customers.by_id, "merged", "The customer who is there again.")
    merge: CustomerMerge | None = _merge()

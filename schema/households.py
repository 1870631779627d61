"""Relationships and households as the graph shows them: the family's view."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import households as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, one, page

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.contracts import Contract
    from schema.customers import Customer, Totals
    from schema.history import Event


@entity(models.Relationship, "rel", loaders.households.relationship_by_id, "customers:read", where=("kind",))
class Relationship(Node):
    """A directed connection: the related customer is the customer's spouse, child, employer …"""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    related_customer: "Customer" = one(loaders.customers.by_id, "related_customer_id")
    kind: models.RelationshipKind = column()
    started_on: date | None = column()
    ended_on: date | None = column()
    source: models.RecordSource | None = column()
    created_at: datetime | None = column()


@entity(
    models.Household,
    "hhd",
    loaders.households.by_id,
    "customers:read",
    where=("number", "name", "formed_on"),
    order_by=("name", "number", "formed_on"),
)
class Household(Node):
    """People who live and budget together: the family's view over its members' contracts."""

    number: str = column()
    name: str = column()
    formed_on: date = column()
    dissolved_on: date | None = column()
    version: int | None = column()
    created_at: datetime | None = column()
    updated_at: datetime | None = column()

    members: list["HouseholdMember"] | None = children(loaders.households.members_of, "Members, former ones included.")
    totals: list["Totals"] | None = children(
        loaders.households.totals_of,
        "What the members hold in force together, one entry for each currency.",
        permission=("contracts:read", "claims:read"),
    )
    contracts: Connection["Contract"] | None = page(
        loaders.households.contracts_of, "Contracts of the present members."
    )
    claims: Connection["Claim"] | None = page(loaders.households.claims_of, "Claims of the present members.")
    open_claims: Connection["Claim"] | None = page(
        loaders.households.open_claims_of, "Claims of the present members that are not yet settled or closed."
    )
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the household.")


@entity(models.HouseholdMember, "hhm", loaders.households.member_by_id, "customers:read")
class HouseholdMember(Node):
    """A customer's membership in a household."""

    household: Household = one(loaders.households.by_id, "household_id")
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    role: models.HouseholdRole = column()
    joined_on: date = column()
    left_on: date | None = column()

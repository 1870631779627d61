"""Customers as the graph shows them: the entry to everything else."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import strawberry

import loaders
from models import customers as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.history import timeline
from schema.scalars import CountryCode, Json, LanguageTag, Money

if TYPE_CHECKING:
    from schema.billing import Payment
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.contact_points import Address, EmailAddress, Phone
    from schema.contracts import Contract, ContractParty
    from schema.history import Event
    from schema.households import Household, HouseholdMember, Relationship
    from schema.interactions import Interaction
    from schema.orders import Order


@entity(
    models.Customer,
    "cus",
    loaders.customers.by_id,
    where=(
        "number",
        "kind",
        "status",
        "kyc_status",
        "risk_band",
        "segment",
        "gender",
        "marital_status",
        "education",
        "employment_status",
        "language",
        "birth_date",
        "risk_score",
        "lifetime_value_amount",
        "customer_since",
        "created_at",
        "updated_at",
    ),
    order_by=(
        "sort_name",
        "number",
        "birth_date",
        "customer_since",
        "risk_score",
        "lifetime_value_amount",
        "created_at",
        "updated_at",
    ),
    hidden=("search_name",),
)
class Customer(Node):
    """A person or organisation the insurer deals with: the centre of the graph."""

    number: str = column()
    kind: models.CustomerKind = column()
    title: str | None = column()
    first_name: str | None = column()
    last_name: str | None = column()
    organisation_name: str | None = column()
    display_name: str = column()
    sort_name: str = column()
    birth_date: date | None = column()
    gender: models.Gender | None = column()
    marital_status: models.MaritalStatus | None = column()
    education: models.Education | None = column()
    employment_status: models.EmploymentStatus | None = column()
    occupation: str | None = column()
    income: Money | None = money()
    language: LanguageTag = column()
    nationality: CountryCode | None = column()
    status: models.CustomerStatus = column()
    kyc_status: models.KycStatus = column()
    kyc_verified_at: datetime | None = column()
    risk_score: int | None = column()
    risk_band: models.RiskBand | None = column()
    lifetime_value: Money = money()
    segment: models.Segment = column()
    customer_since: date = column()
    attributes: Json = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    identifiers: list["CustomerIdentifier"] | None = children(
        loaders.customers.identifiers_of, "How the customer is called in other systems."
    )
    addresses: list["Address"] | None = children(loaders.contact_points.addresses_of, "Postal addresses.")
    phones: list["Phone"] | None = children(loaders.contact_points.phones_of, "Phone numbers.")
    emails: list["EmailAddress"] | None = children(loaders.contact_points.emails_of, "E-mail addresses.")
    relationships: Connection["Relationship"] | None = page(
        loaders.households.relationships_of, "Relationships from this customer to others."
    )
    inverse_relationships: Connection["Relationship"] | None = page(
        loaders.households.inverse_relationships_of, "Relationships from others to this customer."
    )
    household: "Household | None" = one(loaders.households.current_of, "id", "The household the customer lives in now.")
    household_memberships: list["HouseholdMember"] | None = children(
        loaders.households.memberships_of, "Memberships in households, the newest first, former ones included."
    )
    totals: list["Totals"] | None = children(
        loaders.customers.totals_of, "What the customer holds in force, one entry for each currency."
    )
    contracts: Connection["Contract"] | None = page(loaders.contracts.of_customer, "Contracts the customer holds.")
    contract_parts: Connection["ContractParty"] | None = page(
        loaders.contracts.parts_of_customer, "The parts the customer plays in contracts, its own and those of others."
    )
    payments: Connection["Payment"] | None = page(loaders.billing.of_customer, "Premiums, fees and refunds.")
    orders: Connection["Order"] | None = page(loaders.orders.of_customer, "Orders (applications).")
    claims: Connection["Claim"] | None = page(loaders.claims.of_customer, "Claims under the customer's contracts.")
    open_claims: Connection["Claim"] | None = page(
        loaders.claims.open_of_customer, "Claims that are not yet settled, rejected, withdrawn or closed."
    )
    interactions: Connection["Interaction"] | None = page(
        loaders.interactions.of_customer, "Contacts with the customer."
    )
    complaints: Connection["Complaint"] | None = page(loaders.complaints.of_customer, "Complaints of the customer.")
    timeline: Connection["Event"] | None = timeline(
        loaders.history.timeline_of, "Everything that happened to the customer, in one order."
    )


@entity(models.CustomerIdentifier, "cid", loaders.customers.identifier_by_id)
class CustomerIdentifier(Node):
    """A name for the customer in another system: the reference one finds them by over there."""

    customer: Customer = one(loaders.customers.by_id, "customer_id")
    scheme: str = column()
    value: str = column()
    issued_on: date | None = column()
    created_at: datetime = column()


@strawberry.type(description="What a customer or a household has in force, in one currency.")
class Totals:
    """Sums over contracts in force; rows of a derived edge."""

    contract_count: int = column("contract_count", description="Contracts in force.")
    annual_premium: Money = money("annual_premium_amount", "currency", description="Premiums of a year.")
    open_claim_count: int = column("open_claim_count", description="Claims that are not yet settled or closed.")
    open_reserve: Money = money("open_reserve_amount", "currency", description="What is set aside for open claims.")

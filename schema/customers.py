"""Customers as the graph shows them: the entry to everything else."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import strawberry

import loaders
from execution.permissions import INHERITED
from models import customers as models
from schema.audit import audit_log
from schema.connections import Connection
from schema.entity import Node, entity
from schema.feed import feed
from schema.fields import children, column, money, one, page
from schema.history import timeline
from schema.masking import MaskedValue, masked
from schema.rights import viewer_can
from schema.scalars import CountryCode, Json, LanguageTag, Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.audit import AuditEntry
    from schema.billing import Payment
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.consents import Consent
    from schema.contact_points import Address, EmailAddress, Phone
    from schema.contracts import Contract, ContractParty
    from schema.duplicates import DuplicateCandidate
    from schema.feed import CustomerUpdate
    from schema.follow_ups import FollowUp
    from schema.history import Event
    from schema.households import Household, HouseholdMember, Relationship
    from schema.interactions import Interaction
    from schema.merges import CustomerMerge
    from schema.orders import Order
    from schema.receipts import Receipt
    from schema.sealed import BankAccount


@entity(
    models.Customer,
    "cus",
    loaders.customers.by_any_id,
    "customers:read",
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
    hidden=("search_name", "national_id_sealed", "national_id_index"),
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
    birth_date: date | None = column(permission="customers:read_birth_date")
    gender: models.Gender | None = column()
    marital_status: models.MaritalStatus | None = column()
    education: models.Education | None = column()
    employment_status: models.EmploymentStatus | None = column()
    occupation: str | None = column()
    income: Money | None = money(permission="customers:read_income")
    language: LanguageTag = column()
    nationality: CountryCode | None = column()
    national_id: MaskedValue | None = masked()
    status: models.CustomerStatus = column()
    kyc_status: models.KycStatus | None = column()
    kyc_verified_at: datetime | None = column()
    risk_score: int | None = column()
    risk_band: models.RiskBand | None = column()
    lifetime_value: Money | None = money()
    segment: models.Segment | None = column()
    customer_since: date = column()
    restricted: bool | None = column(permission="customers:read_restricted")
    restricted_at: datetime | None = column(permission="customers:read_restricted")
    restriction_reason: str | None = column(permission="customers:read_restricted")
    attributes: Json | None = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    identifiers: list["CustomerIdentifier"] | None = children(
        loaders.customers.identifiers_of, "How the customer is called in other systems."
    )
    addresses: list["Address"] | None = children(loaders.contact_points.addresses_of, "Postal addresses.")
    phones: list["Phone"] | None = children(loaders.contact_points.phones_of, "Phone numbers.")
    emails: list["EmailAddress"] | None = children(loaders.contact_points.emails_of, "E-mail addresses.")
    bank_accounts: list["BankAccount"] | None = children(loaders.sealed.bank_accounts_of, "Bank accounts.")
    consents: Connection["Consent"] | None = page(
        loaders.consents.of_customer, "What the customer said about the use of personal data, the newest first."
    )
    current_consents: list["Consent"] | None = children(
        loaders.consents.current_of, "What counts now: the newest consent for each purpose and partner."
    )
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
        loaders.customers.totals_of,
        "What the customer holds in force, one entry for each currency.",
        permission=("contracts:read", "claims:read"),
    )
    contracts: Connection["Contract"] | None = page(loaders.contracts.of_customer, "Contracts the customer holds.")
    contract_parts: Connection["ContractParty"] | None = page(
        loaders.contracts.parts_of_customer, "The parts the customer plays in contracts, its own and those of others."
    )
    payments: Connection["Payment"] | None = page(loaders.billing.of_customer, "Premiums, fees and refunds.")
    receipts: Connection["Receipt"] | None = page(
        loaders.receipts.of_customer, "Sums that came in and are matched for the customer."
    )
    orders: Connection["Order"] | None = page(loaders.orders.of_customer, "Orders (applications).")
    claims: Connection["Claim"] | None = page(loaders.claims.of_customer, "Claims under the customer's contracts.")
    open_claims: Connection["Claim"] | None = page(
        loaders.claims.open_of_customer, "Claims that are not yet settled, rejected, withdrawn or closed."
    )
    interactions: Connection["Interaction"] | None = page(
        loaders.interactions.of_customer, "Contacts with the customer."
    )
    follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.of_customer, "Tasks that contacts with the customer left behind."
    )
    complaints: Connection["Complaint"] | None = page(loaders.complaints.of_customer, "Complaints of the customer.")
    duplicate_candidates: list["DuplicateCandidate"] | None = children(
        loaders.duplicates.candidates_of,
        "Other customers that may be the same, the likeliest first, and why; at most 20.",
        permission=("customers:merge", "customers:read_birth_date"),
    )
    merges: list["CustomerMerge"] | None = children(
        loaders.merges.merges_of, "Duplicates that were merged into the customer, the newest first."
    )
    timeline: Connection["Event"] | None = timeline(
        loaders.history.timeline_of, "Everything that happened to the customer, in one order."
    )
    events: Connection["CustomerUpdate"] | None = feed(
        "The same events in the order in which they were recorded, each with the cursor to follow on from."
    )
    viewer_can: list[str] = viewer_can("customers", "consents", "interactions", "complaints", "history")
    available_transitions: list[str] = transitions(models.CUSTOMER_WORKFLOW)
    available_kyc_transitions: list[str] | None = transitions(models.KYC_WORKFLOW, "kyc_status")
    access_log: Connection["AuditEntry"] | None = audit_log(
        loaders.audit.of_customer, "Who looked at or changed the customer's data, the newest first."
    )


@entity(models.CustomerIdentifier, "cid", loaders.customers.identifier_by_id, "customers:read")
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

    __permission__ = INHERITED

    contract_count: int = column("contract_count", description="Contracts in force.")
    annual_premium: Money = money("annual_premium_amount", "currency", description="Premiums of a year.")
    open_claim_count: int = column("open_claim_count", description="Claims that are not yet settled or closed.")
    open_reserve: Money | None = money(
        "open_reserve_amount",
        "currency",
        description="What is set aside for open claims.",
        permission="internal:read",
    )

"""Contracts and their parties as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import loaders
from models import contracts as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.rights import viewer_can
from schema.scalars import Json, Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.billing import Payment
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.customers import Customer
    from schema.history import Event
    from schema.interactions import Interaction
    from schema.orders import Order
    from schema.products import Product
    from schema.receipts import Receipt
    from schema.staff import Agent, Partner


@entity(
    models.Contract,
    "con",
    loaders.contracts.by_id,
    "contracts:read",
    where=(
        "number",
        "status",
        "coverage_level",
        "billing_frequency",
        "product_id",
        "partner_id",
        "agent_id",
        "started_on",
        "ends_on",
        "renewal_on",
        "premium_amount",
        "created_at",
    ),
    order_by=("started_on", "ends_on", "renewal_on", "premium_amount", "number", "created_at"),
)
class Contract(Node):
    """An insurance policy: what is covered, for whom, from when to when, and at what price."""

    number: str = column()
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    product: "Product | None" = one(loaders.products.by_id, "product_id")
    order: "Order | None" = one(loaders.orders.by_id, "order_id")
    status: models.ContractStatus = column()
    coverage_level: models.CoverageLevel = column()
    coverage: Money | None = money()
    deductible: Money | None = money()
    started_on: date = column()
    ends_on: date | None = column()
    premium: Money = money()
    annual_premium: Money = money()
    billing_frequency: models.BillingFrequency = column()
    renewal_on: date | None = column()
    renewal_reminded_on: date | None = column()
    cash_value: Money | None = money()
    surrender_value: Money | None = money()
    grace_period_ends_on: date | None = column()
    ended_on: date | None = column()
    partner: "Partner | None" = one(loaders.staff.partner_by_id, "partner_id")
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    attributes: Json | None = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    parties: list["ContractParty"] | None = children(
        loaders.contracts.parties_of, "Policyholder, insured, payer and beneficiaries."
    )
    payments: Connection["Payment"] | None = page(
        loaders.billing.of_contract, "Premiums, fees and refunds of the contract."
    )
    receipts: Connection["Receipt"] | None = page(
        loaders.receipts.of_contract, "Sums that came in and pay something of the contract."
    )
    claims: Connection["Claim"] | None = page(loaders.claims.of_contract, "Claims under the contract.")
    interactions: Connection["Interaction"] | None = page(
        loaders.interactions.of_contract, "Contacts about the contract."
    )
    complaints: Connection["Complaint"] | None = page(loaders.complaints.of_contract, "Complaints about the contract.")
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the contract.")
    viewer_can: list[str] = viewer_can("contracts", "billing", "claims", "interactions")
    available_transitions: list[str] = transitions(models.CONTRACT_WORKFLOW)


@entity(models.ContractParty, "cpa", loaders.contracts.party_by_id, "contracts:read", where=("role",))
class ContractParty(Node):
    """Someone's part in a contract; a beneficiary need not be a customer."""

    contract: Contract = one(loaders.contracts.by_id, "contract_id")
    policyholder: "Customer" = one(loaders.customers.by_id, "customer_id")
    party: "Customer | None" = one(loaders.customers.by_id, "party_customer_id")
    name: str = column()
    birth_date: date | None = column(permission="customers:read_birth_date")
    role: models.PartyRole = column()
    rank: models.BeneficiaryRank | None = column()
    share_percent: Decimal | None = column()
    relationship: str | None = column()
    created_at: datetime = column()

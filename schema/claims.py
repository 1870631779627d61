"""Claims as the graph shows them, with notes, documents, approvals and payments."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import claims as models
from models.billing import PaymentMethod
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.rights import viewer_can
from schema.scalars import Json, Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.complaints import Complaint
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.history import Event
    from schema.interactions import Interaction
    from schema.staff import Agent


@entity(
    models.Claim,
    "clm",
    loaders.claims.by_id,
    "claims:read",
    where=("number", "status", "cause", "contract_id", "handler_id", "incident_on", "reported_at", "claimed_amount"),
    order_by=("reported_at", "incident_on", "claimed_amount", "number"),
)
class Claim(Node):
    """A demand for benefit under a contract."""

    number: str = column()
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    contract: "Contract | None" = one(loaders.contracts.by_id, "contract_id")
    status: models.ClaimStatus = column()
    is_open: bool = column(
        "status",
        read=lambda row: row["status"] in models.OPEN_CLAIM_STATUSES,
        description="Whether the claim is not yet settled, rejected, withdrawn or closed.",
    )
    cause: models.ClaimCause = column()
    incident_on: date = column()
    incident_place: str | None = column()
    description: str | None = column()
    reported_at: datetime = column()
    claimed: Money = money()
    reserve: Money | None = money()
    proposed: Money | None = money()
    proposed_at: datetime | None = column()
    proposed_by: str | None = column()
    approved: Money | None = money()
    paid: Money = money()
    handler: "Agent | None" = one(loaders.staff.agent_by_id, "handler_id")
    rejection_reason: models.ClaimRejectionReason | None = column()
    decision_note: str | None = column()
    closed_at: datetime | None = column()
    attributes: Json | None = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    notes: list["ClaimNote"] | None = children(
        loaders.claims.notes_of, "Notes of the investigation, the first one first."
    )
    documents: list["ClaimDocument"] | None = children(loaders.claims.documents_of, "Documents of the claim.")
    approvals: list["ClaimApproval"] | None = children(
        loaders.claims.approvals_of, "Approvals of amounts that were proposed, the first one first."
    )
    payments: list["ClaimPayment"] | None = children(loaders.claims.payments_of, "Payments on the claim.")
    interactions: Connection["Interaction"] | None = page(loaders.interactions.of_claim, "Contacts about the claim.")
    complaints: Connection["Complaint"] | None = page(loaders.complaints.of_claim, "Complaints about the claim.")
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the claim.")
    viewer_can: list[str] = viewer_can("claims")
    available_transitions: list[str] = transitions(models.CLAIM_WORKFLOW)


@entity(models.ClaimNote, "cln", loaders.claims.note_by_id, "claims:read")
class ClaimNote(Node):
    """A note of the investigation."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    claim: Claim = one(loaders.claims.by_id, "claim_id")
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    body: str = column()
    created_at: datetime = column()


@entity(models.ClaimDocument, "cld", loaders.claims.document_by_id, "claims:read")
class ClaimDocument(Node):
    """A document of a claim."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    claim: Claim = one(loaders.claims.by_id, "claim_id")
    kind: models.ClaimDocumentKind = column()
    status: models.ClaimDocumentStatus = column()
    name: str = column()
    requested_at: datetime | None = column()
    received_at: datetime | None = column()
    verified_at: datetime | None = column()
    verified_by: "Agent | None" = one(loaders.staff.agent_by_id, "verified_by_id")
    rejection_reason: str | None = column()
    available_transitions: list[str] = transitions(models.CLAIM_DOCUMENT_WORKFLOW)


@entity(models.ClaimPayment, "clp", loaders.claims.payment_by_id, "claims:read")
class ClaimPayment(Node):
    """A payment on a claim."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    claim: Claim = one(loaders.claims.by_id, "claim_id")
    status: models.ClaimPaymentStatus = column()
    amount: Money = money("amount")
    method: PaymentMethod = column()
    payee: str | None = column()
    approved_at: datetime = column()
    paid_at: datetime | None = column()
    available_transitions: list[str] = transitions(models.CLAIM_PAYMENT_WORKFLOW)


@entity(models.ClaimApproval, "cla", loaders.claims.approval_by_id, "claims:read")
class ClaimApproval(Node):
    """An approval of the amount that was proposed for a claim."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    claim: Claim = one(loaders.claims.by_id, "claim_id")
    level: int = column()
    amount: Money = money("amount")
    approved_by: str = column()
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    approved_at: datetime = column()

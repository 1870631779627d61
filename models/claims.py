"""Claims: what happened, what it costs, how it is investigated and settled."""

from enum import auto
from typing import Any

from sqlalchemy import CheckConstraint

from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
    Versioned,
    business_number,
    choice,
    date,
    datetime,
    day,
    document,
    index,
    moment,
    money,
    ref,
    text,
)
from models.billing import PaymentMethod


class ClaimStatus(Choice):
    """Where a claim stands."""

    SUBMITTED = auto(), "Reported, not yet acknowledged."
    ACKNOWLEDGED = auto(), "Receipt confirmed, a handler is being found."
    INVESTIGATING = auto(), "Cause, cover and amount are being examined."
    PENDING_INFO = auto(), "Waiting for information or documents."
    PENDING_APPROVAL = auto(), "Examined, waits for approval of the amount."
    APPROVED = auto(), "The amount is approved."
    REJECTED = auto(), "Not covered or not founded."
    SETTLED = auto(), "Paid."
    CLOSED = auto(), "Nothing more is to be done."
    WITHDRAWN = auto(), "Taken back by the customer."


OPEN_CLAIM_STATUSES: tuple[ClaimStatus, ...] = (
    ClaimStatus.SUBMITTED,
    ClaimStatus.ACKNOWLEDGED,
    ClaimStatus.INVESTIGATING,
    ClaimStatus.PENDING_INFO,
    ClaimStatus.PENDING_APPROVAL,
    ClaimStatus.APPROVED,
)


class ClaimCause(Choice):
    """What brought about the damage."""

    COLLISION = auto(), "A vehicle collided."
    THEFT = auto(), "Something was stolen."
    VANDALISM = auto(), "Something was damaged on purpose."
    FIRE = auto(), "Fire or explosion."
    WATER = auto(), "Escaping water."
    STORM = auto(), "Storm, hail or flood."
    GLASS = auto(), "Broken glass."
    LIABILITY = auto(), "Damage done to another."
    ILLNESS = auto(), "Illness or treatment."
    INJURY = auto(), "Accidental injury or disability."
    DEATH = auto(), "Death of the insured."
    CANCELLATION = auto(), "A journey or event was cancelled."
    LEGAL_DISPUTE = auto(), "A legal dispute."
    OTHER = auto(), "Another or an unknown cause."


class ClaimDocumentKind(Choice):
    """What a claim document is."""

    CLAIM_FORM = auto(), "The completed claim form."
    PHOTO = auto(), "Photograph of the damage."
    POLICE_REPORT = auto(), "Report of the police."
    ESTIMATE = auto(), "Estimate of costs."
    INVOICE = auto(), "Invoice or receipt."
    EXPERT_REPORT = auto(), "Report of an adjuster or expert."
    MEDICAL_REPORT = auto(), "Report of a physician."
    CORRESPONDENCE = auto(), "Letter or message."


class ClaimDocumentStatus(Choice):
    """Where a claim document stands."""

    REQUESTED = auto(), "Asked for, not received."
    RECEIVED = auto(), "Received, not yet looked at."
    VERIFIED = auto(), "Looked at and accepted."
    REJECTED = auto(), "Looked at and refused."


class ClaimPaymentStatus(Choice):
    """Where a payment on a claim stands."""

    APPROVED = auto(), "To be paid."
    PAID = auto(), "Paid out."
    FAILED = auto(), "Returned by the bank."


class Claim(CustomerOwned, Versioned, table=True):
    """A demand for benefit under a contract."""

    __tablename__ = "claims"
    __table_args__ = (
        index("customer_id", "reported_at", "id"),
        index("customer_id", "status"),
        index("contract_id", "reported_at", "id"),
        index("handler_id", "reported_at", "id"),
        index("reported_at", "id"),
        index("incident_on", "id"),
        index("claimed_amount", "id"),
        CheckConstraint("incident_on <= (reported_at at time zone 'UTC')::date + 1", name="incident_before_report"),
    )

    number: str = business_number("S", "claims", "Claim number, such as S-0000099.")
    contract_id: UUID = ref("contracts.id", "The contract it is made under.")
    status: ClaimStatus = choice(ClaimStatus, "Where the claim stands.", index=True)
    cause: ClaimCause = choice(ClaimCause, "What brought about the damage.", index=True)
    incident_on: date = day("Day of the incident.")
    incident_place: str | None = text("Where it happened.", nullable=True)
    description: str | None = text("What happened, as reported.", nullable=True)
    reported_at: datetime = moment("When it was reported.")
    currency: str = text("Currency of its amounts (ISO 4217).", max_length=3)
    claimed_amount: Decimal = money("What is claimed.")
    reserve_amount: Decimal = money("What is set aside for it.")
    approved_amount: Decimal | None = money("What was approved.", nullable=True)
    paid_amount: Decimal = money("What was paid so far.", default=0)
    handler_id: UUID | None = ref("agents.id", "The agent who handles it.", nullable=True)
    closed_at: datetime | None = moment("When it was settled, rejected, withdrawn or closed.", nullable=True)
    attributes: dict[str, Any] = document("Facts from source systems that have no column.")


class ClaimNote(CustomerOwned, table=True):
    """A note of the investigation."""

    __tablename__ = "claim_notes"
    __table_args__ = (index("claim_id", "created_at", "id"), index("customer_id", "id"))

    claim_id: UUID = ref("claims.id", "The claim.")
    agent_id: UUID | None = ref("agents.id", "Who wrote it.", nullable=True)
    body: str = text("The note.")
    created_at: datetime = moment("When it was written.")


class ClaimDocument(CustomerOwned, table=True):
    """A document of a claim."""

    __tablename__ = "claim_documents"
    __table_args__ = (index("claim_id", "kind", "id"), index("customer_id", "id"))

    claim_id: UUID = ref("claims.id", "The claim.")
    kind: ClaimDocumentKind = choice(ClaimDocumentKind, "What it is.")
    status: ClaimDocumentStatus = choice(ClaimDocumentStatus, "Where it stands.")
    name: str = text("Name of the file or paper.")
    requested_at: datetime | None = moment("When it was asked for.", nullable=True)
    received_at: datetime | None = moment("When it came.", nullable=True)


class ClaimPayment(CustomerOwned, table=True):
    """A payment on a claim."""

    __tablename__ = "claim_payments"
    __table_args__ = (index("claim_id", "approved_at", "id"), index("customer_id", "id"))

    claim_id: UUID = ref("claims.id", "The claim.")
    status: ClaimPaymentStatus = choice(ClaimPaymentStatus, "Where it stands.")
    amount: Decimal = money("The sum.")
    currency: str = text("Currency (ISO 4217).", max_length=3)
    method: PaymentMethod = choice(PaymentMethod, "How it is paid.")
    payee: str = text("Who receives it.")
    approved_at: datetime = moment("When it was approved.")
    paid_at: datetime | None = moment("When it was paid out.", nullable=True)

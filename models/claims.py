"""Claims: what happened, what it costs, how it is investigated and settled."""

from enum import auto
from typing import Any

from sqlalchemy import CheckConstraint

from core.workflow import Transition, Workflow
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
    integer,
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


UNPROPOSED_CLAIM_STATUSES: tuple[ClaimStatus, ...] = (
    ClaimStatus.SUBMITTED,
    ClaimStatus.ACKNOWLEDGED,
    ClaimStatus.INVESTIGATING,
    ClaimStatus.PENDING_INFO,
)
"""Reported and being examined: no amount is proposed yet."""

CLAIM_WORKFLOW = Workflow(
    "claim",
    ClaimStatus,
    initial=(ClaimStatus.SUBMITTED,),
    transitions=(
        Transition(
            "acknowledge",
            (ClaimStatus.SUBMITTED,),
            ClaimStatus.ACKNOWLEDGED,
            "claims:investigate",
            "Confirm the receipt.",
        ),
        Transition(
            "investigate",
            (
                ClaimStatus.SUBMITTED,
                ClaimStatus.ACKNOWLEDGED,
                ClaimStatus.PENDING_INFO,
                ClaimStatus.PENDING_APPROVAL,
            ),
            ClaimStatus.INVESTIGATING,
            "claims:investigate",
            "Examine cause, cover and amount; an amount that was proposed does not stand any more.",
            "somebody handles the claim",
        ),
        Transition(
            "requestInformation",
            (ClaimStatus.ACKNOWLEDGED, ClaimStatus.INVESTIGATING, ClaimStatus.PENDING_INFO),
            ClaimStatus.PENDING_INFO,
            "claims:investigate",
            "Wait for information or documents, and ask for further ones.",
        ),
        Transition(
            "proposeAmount",
            (ClaimStatus.INVESTIGATING,),
            ClaimStatus.PENDING_APPROVAL,
            "claims:investigate",
            "Hand the claim to those who approve amounts.",
            "no document is still to be looked at, and the amount is within the claim and the sum insured and not"
            " below what was paid",
        ),
        Transition(
            "approve",
            (ClaimStatus.PENDING_APPROVAL,),
            ClaimStatus.APPROVED,
            "claims:approve",
            "Approve the amount; above a sum the first approval leaves the claim where it is, for a second one.",
            "the amount is within the limit of whoever approves, who neither proposed it nor approved it before",
        ),
        Transition(
            "reject",
            (*UNPROPOSED_CLAIM_STATUSES, ClaimStatus.PENDING_APPROVAL),
            ClaimStatus.REJECTED,
            "claims:approve",
            "Refuse the claim as not covered or not founded.",
            "nothing was paid",
        ),
        Transition(
            "settle",
            (ClaimStatus.APPROVED,),
            ClaimStatus.SETTLED,
            "claims:approve",
            "End a claim that is paid; the last payment does so by itself.",
            "all that was approved is paid",
        ),
        Transition(
            "close",
            (ClaimStatus.SETTLED, ClaimStatus.REJECTED, ClaimStatus.WITHDRAWN),
            ClaimStatus.CLOSED,
            "claims:investigate",
            "End the matter.",
        ),
        Transition(
            "withdraw",
            (*UNPROPOSED_CLAIM_STATUSES, ClaimStatus.PENDING_APPROVAL, ClaimStatus.APPROVED),
            ClaimStatus.WITHDRAWN,
            "claims:write",
            "Take the claim back for the customer.",
            "nothing was paid, and no payment is under way",
        ),
        Transition(
            "reopen",
            (ClaimStatus.REJECTED, ClaimStatus.SETTLED, ClaimStatus.WITHDRAWN, ClaimStatus.CLOSED),
            ClaimStatus.INVESTIGATING,
            "claims:investigate",
            "Examine it anew.",
        ),
    ),
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


class ClaimRejectionReason(Choice):
    """Why a claim is refused."""

    NOT_COVERED = auto(), "The contract does not cover what happened."
    EXCLUDED = auto(), "The terms exclude the cause."
    NOT_IN_FORCE = auto(), "There was no cover on the day of the incident."
    BELOW_DEDUCTIBLE = auto(), "The damage does not exceed the deductible."
    NOT_PROVEN = auto(), "The incident or the amount is not proven."
    REPORTED_LATE = auto(), "It was reported too late to be examined."
    DUPLICATE = auto(), "It was reported before."
    OTHER = auto(), "Another reason."


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


CLAIM_DOCUMENT_WORKFLOW = Workflow(
    "claim document",
    ClaimDocumentStatus,
    initial=(ClaimDocumentStatus.REQUESTED, ClaimDocumentStatus.RECEIVED),
    transitions=(
        Transition(
            "receive",
            (ClaimDocumentStatus.REQUESTED, ClaimDocumentStatus.REJECTED),
            ClaimDocumentStatus.RECEIVED,
            "claims:write",
            "Note that the document came.",
            "the claim is open",
        ),
        Transition(
            "verify",
            (ClaimDocumentStatus.RECEIVED,),
            ClaimDocumentStatus.VERIFIED,
            "claims:investigate",
            "Accept the document.",
            "the claim is open",
        ),
        Transition(
            "refuse",
            (ClaimDocumentStatus.RECEIVED,),
            ClaimDocumentStatus.REJECTED,
            "claims:investigate",
            "Refuse the document; another one has to come.",
            "the claim is open",
        ),
    ),
)


class ClaimPaymentStatus(Choice):
    """Where a payment on a claim stands."""

    APPROVED = auto(), "To be paid."
    PAID = auto(), "Paid out."
    FAILED = auto(), "Returned by the bank."


CLAIM_PAYMENT_WORKFLOW = Workflow(
    "claim payment",
    ClaimPaymentStatus,
    initial=(ClaimPaymentStatus.APPROVED,),
    transitions=(
        Transition(
            "record",
            (ClaimPaymentStatus.APPROVED,),
            ClaimPaymentStatus.PAID,
            "claims:approve",
            "Note that it was paid out; with the last of what was approved the claim is settled.",
            "the claim's amount is approved",
        ),
        Transition(
            "fail",
            (ClaimPaymentStatus.APPROVED, ClaimPaymentStatus.PAID),
            ClaimPaymentStatus.FAILED,
            "claims:approve",
            "Note that the bank refused it or sent it back.",
            "the claim is open",
        ),
    ),
)


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
        index("restricted"),
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
    proposed_amount: Decimal | None = money("What its handler proposes to pay in all.", nullable=True)
    proposed_at: datetime | None = moment("When that was proposed; approvals count from then on.", nullable=True)
    proposed_by: str | None = text(
        "Who proposed it, as the history names them; they may not approve it.", nullable=True
    )
    approved_amount: Decimal | None = money("What was approved.", nullable=True)
    paid_amount: Decimal = money("What was paid so far.", default=0)
    handler_id: UUID | None = ref("agents.id", "The agent who handles it.", nullable=True)
    rejection_reason: ClaimRejectionReason | None = choice(ClaimRejectionReason, "Why it was rejected.", nullable=True)
    decision_note: str | None = text("Why it was rejected, withdrawn or reopened, in words.", nullable=True)
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
    verified_at: datetime | None = moment("When it was accepted or refused.", nullable=True)
    verified_by_id: UUID | None = ref("agents.id", "Who accepted or refused it.", nullable=True)
    rejection_reason: str | None = text("Why it was refused.", nullable=True)


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


class ClaimApproval(CustomerOwned, table=True):
    """An approval of the amount that was proposed for a claim."""

    __tablename__ = "claim_approvals"
    __table_args__ = (index("claim_id", "approved_at", "id"), index("customer_id", "id"))

    claim_id: UUID = ref("claims.id", "The claim.")
    level: int = integer("Which approval of the amount it is: 1, or 2 where the amount asks for a second one.")
    amount: Decimal = money("What was approved.")
    currency: str = text("Currency (ISO 4217).", max_length=3)
    approved_by: str = text("Who approved, as the history names them.")
    agent_id: UUID | None = ref("agents.id", "The agent who approved.", nullable=True)
    approved_at: datetime = moment("When.")

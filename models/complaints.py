"""Complaints: formal dissatisfaction that must be investigated and answered in time."""

from enum import auto

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Versioned,
    business_number,
    choice,
    date,
    datetime,
    day,
    index,
    moment,
    ref,
    text,
)
from models.interactions import Channel


class ComplaintCategory(Choice):
    """What a complaint is about (customer engagement model: COMPLAINT_CATEGORY)."""

    SERVICE_QUALITY = auto(), "How the customer was served."
    CLAIMS_HANDLING = auto(), "How a claim was handled."
    BILLING = auto(), "Premiums, invoices and collections."
    POLICY_TERMS = auto(), "Terms and conditions."
    SALES_PRACTICES = auto(), "How a contract was sold."
    COMMUNICATION = auto(), "Letters, calls and information."
    PRIVACY = auto(), "How personal data was treated."


class ComplaintStatus(Choice):
    """Where a complaint stands (customer engagement model: COMPLAINT_STATUS)."""

    RECEIVED = auto(), "Logged, not yet looked into."
    INVESTIGATING = auto(), "Being looked into."
    PENDING_RESPONSE = auto(), "Looked into; the answer is due."
    RESOLVED = auto(), "Answered to the customer's satisfaction or finally."
    CLOSED = auto(), "Nothing more is to be done."
    ESCALATED = auto(), "Taken to the regulator or ombudsman."


_UNDECIDED = (ComplaintStatus.RECEIVED, ComplaintStatus.INVESTIGATING, ComplaintStatus.PENDING_RESPONSE)

COMPLAINT_WORKFLOW = Workflow(
    "complaint",
    ComplaintStatus,
    initial=(ComplaintStatus.RECEIVED,),
    transitions=(
        Transition(
            "investigate",
            (ComplaintStatus.RECEIVED, ComplaintStatus.PENDING_RESPONSE),
            ComplaintStatus.INVESTIGATING,
            "complaints:write",
            "Look into it, or look again.",
            "somebody handles the complaint",
        ),
        Transition(
            "conclude",
            (ComplaintStatus.INVESTIGATING,),
            ComplaintStatus.PENDING_RESPONSE,
            "complaints:write",
            "End the investigation; the answer is due.",
        ),
        Transition(
            "resolve",
            (ComplaintStatus.INVESTIGATING, ComplaintStatus.PENDING_RESPONSE, ComplaintStatus.ESCALATED),
            ComplaintStatus.RESOLVED,
            "complaints:write",
            "Answer the customer: the matter is settled, or this is the final word.",
        ),
        Transition(
            "escalate",
            (*_UNDECIDED, ComplaintStatus.RESOLVED),
            ComplaintStatus.ESCALATED,
            "complaints:escalate",
            "Take it to the regulator or ombudsman.",
        ),
        Transition(
            "close",
            (ComplaintStatus.RESOLVED,),
            ComplaintStatus.CLOSED,
            "complaints:escalate",
            "End the matter.",
        ),
        Transition(
            "reopen",
            (ComplaintStatus.RESOLVED, ComplaintStatus.CLOSED),
            ComplaintStatus.INVESTIGATING,
            "complaints:write",
            "Look into it anew.",
            "somebody handles the complaint",
        ),
    ),
)


class Complaint(CustomerOwned, Versioned, table=True):
    """A formal expression of dissatisfaction."""

    __tablename__ = "complaints"
    __table_args__ = (
        index("customer_id", "filed_at", "id"),
        index("contract_id", "filed_at", "id"),
        index("claim_id", "filed_at", "id"),
        index("handler_id", "filed_at", "id"),
        index("filed_at", "id"),
        index("interaction_id", "filed_at", "id"),
        index("due_on", "id"),
        index("restricted"),
    )

    number: str = business_number("B", "complaints", "Complaint number, such as B-0000031.")
    category: ComplaintCategory = choice(ComplaintCategory, "What it is about.", index=True)
    status: ComplaintStatus = choice(ComplaintStatus, "Where it stands.", index=True)
    channel: Channel = choice(Channel, "How it was filed.")
    description: str = text("What the customer complains of.")
    filed_at: datetime = moment("When it was filed.")
    due_on: date = day("Last day to answer.")
    resolution: str | None = text("How it was resolved.", nullable=True)
    resolved_at: datetime | None = moment("When it was resolved.", nullable=True)
    regulator_reference: str | None = text("Reference at the regulator, once escalated.", nullable=True)
    handler_id: UUID | None = ref("agents.id", "The agent who handles it.", nullable=True)
    interaction_id: UUID | None = ref("interactions.id", "The contact it was made in.", nullable=True)
    contract_id: UUID | None = ref("contracts.id", "The contract it is about, if any.", nullable=True)
    claim_id: UUID | None = ref("claims.id", "The claim it is about, if any.", nullable=True)

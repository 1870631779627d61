"""Follow-up tasks: what remains to be done after a contact, by whom and until when."""

from enum import auto

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    Restrictable,
    Versioned,
    choice,
    datetime,
    index,
    moment,
    ref,
    text,
)


class FollowUpPriority(Choice):
    """How urgent a follow-up task is."""

    LOW = auto(), "Can wait."
    NORMAL = auto(), "In the usual order."
    HIGH = auto(), "Before others."
    URGENT = auto(), "Before all others."


class FollowUpStatus(Choice):
    """Where a follow-up task stands."""

    OPEN = auto(), "To be done."
    COMPLETED = auto(), "Done."
    CANCELLED = auto(), "No longer to be done."


_OPEN = (FollowUpStatus.OPEN,)

FOLLOW_UP_WORKFLOW = Workflow(
    "follow-up",
    FollowUpStatus,
    initial=_OPEN,
    transitions=(
        Transition(
            "reschedule",
            _OPEN,
            FollowUpStatus.OPEN,
            "interactions:write",
            "Let it be due at another time.",
            "that time lies ahead",
        ),
        Transition(
            "reassign",
            _OPEN,
            FollowUpStatus.OPEN,
            "interactions:write",
            "Give it to another agent.",
            "that agent is at work",
        ),
        Transition(
            "complete",
            _OPEN,
            FollowUpStatus.COMPLETED,
            "interactions:write",
            "Note that it was done, and what came of it.",
        ),
        Transition(
            "cancel",
            _OPEN,
            FollowUpStatus.CANCELLED,
            "interactions:write",
            "Give it up.",
        ),
    ),
)


class FollowUp(Restrictable, Versioned, table=True):
    """A task that a contact leaves behind, such as to call back on Tuesday about the quote."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        index("customer_id", "due_at", "id"),
        index("interaction_id", "due_at", "id"),
        index("completing_interaction_id", "due_at", "id"),
        index("assignee_id", "due_at", "id"),
        # An agent's work list.
        index("assignee_id", "status", "due_at", "id"),
        index("requester_id", "due_at", "id"),
        index("status", "due_at", "id"),
        index("due_at", "id"),
        index("restricted"),
    )

    customer_id: UUID | None = ref("customers.id", "The customer; none where the contact was anonymous.", nullable=True)
    interaction_id: UUID = ref("interactions.id", "The contact it came of.")
    assignee_id: UUID = ref("agents.id", "The agent who is to do it.")
    requester_id: UUID | None = ref("agents.id", "The agent who asked for it; none where no agent did.", nullable=True)
    subject: str = text("What is to be done, in a line.")
    note: str | None = text("What is good to know for it.", nullable=True)
    priority: FollowUpPriority = choice(FollowUpPriority, "How urgent it is.", index=True)
    due_at: datetime = moment("Until when it is to be done.")
    status: FollowUpStatus = choice(FollowUpStatus, "Where it stands.")
    outcome: str | None = text("What came of it; of a cancelled one, why it was cancelled.", nullable=True)
    completed_at: datetime | None = moment("When it was completed.", nullable=True)
    completing_interaction_id: UUID | None = ref(
        "interactions.id", "The contact in which it was done, if it was one.", nullable=True
    )

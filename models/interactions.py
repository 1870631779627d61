"""Interactions: every contact between a customer and the insurer, through any channel."""

from enum import auto
from typing import Any

from models.base import (
    UUID,
    Choice,
    Identified,
    Restrictable,
    choice,
    datetime,
    document,
    index,
    integer,
    moment,
    ref,
    text,
    utc_now,
)


class InteractionType(Choice):
    """What an interaction was about (customer engagement model: INTERACTION_TYPE)."""

    INQUIRY = auto(), "A general question."
    SERVICE_REQUEST = auto(), "A request for service."
    COMPLAINT = auto(), "An expression of dissatisfaction."
    CLAIM_INQUIRY = auto(), "A question about a claim."
    PAYMENT = auto(), "A matter of payment."
    POLICY_CHANGE = auto(), "A change to a contract."
    QUOTE = auto(), "A quote or offer."
    FEEDBACK = auto(), "Praise, criticism or a suggestion."


class Channel(Choice):
    """A medium of contact (customer engagement model: COMMUNICATION_CHANNEL)."""

    PHONE = auto(), "Phone call."
    EMAIL = auto(), "E-mail."
    CHAT = auto(), "Chat."
    MOBILE_APP = auto(), "Mobile app."
    WEB_PORTAL = auto(), "Web portal."
    MAIL = auto(), "Letter."
    IN_PERSON = auto(), "Face to face, at an agency, a branch or at home."


class Direction(Choice):
    """Who began an interaction."""

    INBOUND = auto(), "The customer came to the insurer."
    OUTBOUND = auto(), "The insurer came to the customer."


class InteractionOutcome(Choice):
    """How an interaction ended."""

    RESOLVED = auto(), "The matter was settled in the contact."
    FOLLOW_UP = auto(), "Something remains to be done."
    ESCALATED = auto(), "Passed to someone else."
    TRANSFERRED = auto(), "Continued on another channel."
    NO_ANSWER = auto(), "The other side was not reached."
    ACCEPTED = auto(), "An offer was accepted."
    DECLINED = auto(), "An offer was declined."
    NO_RESPONSE = auto(), "An offer or message got no response."


class Interaction(Restrictable, Identified, table=True):
    """A discrete contact between a customer, or someone not yet known, and the insurer."""

    __tablename__ = "interactions"
    __table_args__ = (
        index("customer_id", "occurred_at", "id"),
        index("contract_id", "occurred_at", "id"),
        index("claim_id", "occurred_at", "id"),
        index("agent_id", "occurred_at", "id"),
        index("occurred_at", "id"),
        index("restricted"),
    )

    customer_id: UUID | None = ref("customers.id", "The customer; none for an anonymous contact.", nullable=True)
    anonymous_reference: str | None = text("What is known of an anonymous contact, such as a session.", nullable=True)
    type: InteractionType = choice(InteractionType, "What it was about.", index=True)
    channel: Channel = choice(Channel, "Through which medium.", index=True)
    direction: Direction = choice(Direction, "Who began it.", index=True)
    outcome: InteractionOutcome | None = choice(
        InteractionOutcome, "How it ended; none while it goes on.", nullable=True, index=True
    )
    subject: str = text("The matter, in a line.")
    summary: str | None = text("What was said.", nullable=True)
    occurred_at: datetime = moment("When it began.")
    duration_seconds: int | None = integer("How long it took, in seconds.", nullable=True)
    agent_id: UUID | None = ref("agents.id", "The agent, where one took part.", nullable=True)
    contract_id: UUID | None = ref("contracts.id", "The contract it was about, if any.", nullable=True)
    claim_id: UUID | None = ref("claims.id", "The claim it was about, if any.", nullable=True)
    attributes: dict[str, Any] = document("Facts from source systems that have no column.")
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)

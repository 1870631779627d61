"""Webhooks: where partners want to be told of events, and what has been delivered to them.

An endpoint has a place in the event feed, as a subscriber has; what follows it becomes deliveries, one for each event,
which are tried until they arrive (jobs/webhooks/).
"""

from enum import auto

from sqlalchemy import CheckConstraint, UniqueConstraint

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    Identified,
    Versioned,
    choice,
    datetime,
    index,
    integer,
    loose_id,
    moment,
    ref,
    text,
    texts,
    utc_now,
)


class WebhookStatus(Choice):
    """Whether an endpoint is delivered to."""

    ACTIVE = auto(), "Events are delivered."
    PAUSED = auto(), "The partner wants nothing for now; it goes on from where it stopped."
    DISABLED = auto(), "It failed for so long that the service stopped; it goes on from where it stopped."
    REMOVED = auto(), "It is no longer wanted, and nothing is delivered any more."


class DisabledReason(Choice):
    """Why an endpoint was disabled."""

    NOTHING_ARRIVES = auto(), "No delivery has arrived for days."
    GONE = auto(), "It answered that it is gone for good (410)."
    BY_HAND = auto(), "An administrator disabled it."


_KEPT = (WebhookStatus.ACTIVE, WebhookStatus.PAUSED, WebhookStatus.DISABLED)

WEBHOOK_WORKFLOW = Workflow(
    "webhook endpoint",
    WebhookStatus,
    initial=(WebhookStatus.ACTIVE,),
    transitions=(
        Transition(
            "pause", (WebhookStatus.ACTIVE,), WebhookStatus.PAUSED, "webhooks:write", "Deliver nothing for the moment."
        ),
        Transition(
            "resume",
            (WebhookStatus.PAUSED, WebhookStatus.DISABLED),
            WebhookStatus.ACTIVE,
            "webhooks:write",
            "Go on where it stopped.",
        ),
        Transition(
            "disable",
            (WebhookStatus.ACTIVE,),
            WebhookStatus.DISABLED,
            "webhooks:disable",
            "Stop delivering to an endpoint that does not answer.",
        ),
        Transition("remove", _KEPT, WebhookStatus.REMOVED, "webhooks:write", "Deliver nothing any more."),
    ),
)


class WebhookMessage(Choice):
    """What a delivery carries."""

    EVENT = auto(), "An event of the feed."
    TEST = auto(), "A test, asked for by the partner."
    ENDPOINT_DISABLED = auto(), "The news that another endpoint of the partner was disabled."


class DeliveryStatus(Choice):
    """What became of a delivery."""

    WAITING = auto(), "Still to be delivered, for the first time or again."
    DELIVERED = auto(), "The endpoint accepted it."
    DEAD = auto(), "Given up after many attempts; it can be tried anew."
    WITHHELD = auto(), "Not delivered: the partner may not see the event any more."


class WebhookEndpoint(Versioned, table=True):
    """An address of a partner to which events are delivered."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("(previous_secret is null) = (previous_secret_until is null)", name="previous_secret"),
        CheckConstraint("feed_number >= 0", name="feed_number"),
        index("partner_id", "created_at", "id"),
        index("created_at", "id"),
        index("status", "feed_number", "id"),
    )

    partner_id: UUID = ref("partners.id", "The partner whose endpoint it is.")
    url: str = text("Where events are sent, by POST.")
    description: str | None = text("What it is for, in the words of whoever registered it.", nullable=True)
    event_types: list[str] = texts("The types of events it wants; empty for all that the partner may see.")
    scopes: list[str] = texts("The permissions it delivers with: those of whoever registered it.")
    status: WebhookStatus = choice(WebhookStatus, "Whether it is delivered to.")
    secret: str = text("Sealed secret by which deliveries are signed.")
    previous_secret: str | None = text("Sealed secret that signs too while it is being exchanged.", nullable=True)
    previous_secret_until: datetime | None = moment("Until when it does.", nullable=True)
    feed_number: int = integer("Its place in the event feed: all up to there has become deliveries.", big=True)
    failing_since: datetime | None = moment(
        "Since when no delivery has arrived; none while they arrive.", nullable=True
    )
    disabled_reason: DisabledReason | None = choice(
        DisabledReason, "Why it was disabled; none unless it was, or once it is resumed.", nullable=True
    )


class WebhookDelivery(Identified, table=True):
    """Something that is delivered to an endpoint, at least once. Kept for thirty days after it was settled."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        CheckConstraint("(message = 'EVENT') = (event_id is not null)", name="event"),
        CheckConstraint("(event_id is null) = (feed_number is null)", name="feed_number"),
        CheckConstraint("(lease is null) = (leased_until is null)", name="lease"),
        index("endpoint_id", "created_at", "id"),
        index("endpoint_id", "status", "created_at", "id"),
        # The next delivery of each customer, and which endpoints have something to do.
        index("endpoint_id", "order_key", "feed_number", where="status = 'WAITING'"),
        index("next_attempt_at", where="status = 'WAITING'"),
        index("settled_at", where="settled_at is not null"),
    )

    endpoint_id: UUID = ref("webhook_endpoints.id", "The endpoint.")
    partner_id: UUID = loose_id("The partner whose endpoint it is.")
    message: WebhookMessage = choice(WebhookMessage, "What it carries.")
    event_id: UUID | None = loose_id("The event; none in a message of the service itself.", nullable=True)
    feed_number: int | None = integer("The event's place in the feed.", nullable=True, big=True)
    about_id: UUID | None = loose_id("The endpoint that was disabled, in the news of it.", nullable=True)
    order_key: UUID = loose_id("What order is kept by: the event's customer, or the message alone.")
    status: DeliveryStatus = choice(DeliveryStatus, "What became of it.")
    attempts: int = integer("How often it was tried.", default=0)
    next_attempt_at: datetime = moment("It is not tried before this moment.", default_factory=utc_now)
    lease: UUID | None = loose_id("The attempt that is being made.", nullable=True)
    leased_until: datetime | None = moment("When that attempt counts as lost.", nullable=True)
    answer_status: int | None = integer("HTTP status of the last answer.", nullable=True)
    failure: str | None = text("Why the last attempt failed, as a code.", nullable=True)
    created_at: datetime = moment("When it was put in line.", default_factory=utc_now)
    attempted_at: datetime | None = moment("When it was last tried.", nullable=True)
    settled_at: datetime | None = moment("When it was delivered, given up or withheld.", nullable=True)

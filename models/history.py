"""The customer event history: one append-only log of everything that happened (BIAN Customer Event History)."""

from enum import auto
from typing import Any

from sqlalchemy import text as sql
from sqlmodel import SQLModel

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
    loose_id,
    moment,
    ref,
    text,
)


class EventCategory(Choice):
    """The class of an event (the four features of BIAN's Customer Event History)."""

    SALES_MARKETING = auto(), "Sales, marketing and relationship development."
    SERVICING = auto(), "Servicing."
    LIFE_EVENT = auto(), "A life event, detected in a contact or by external research."
    PRODUCT_FULFILMENT = auto(), "Product fulfilment and alerts."


class EventSource(Choice):
    """Who or what recorded an event."""

    SERVICE = auto(), "This service, as part of a change made through it."
    AGENT = auto(), "An agent, by hand."
    PORTAL = auto(), "The customer or a partner, through a portal."
    IMPORT = auto(), "An import of a file."
    EXTERNAL = auto(), "An external source."


class SubjectKind(Choice):
    """What kind of object an event is about."""

    CUSTOMER = auto(), "The customer itself."
    RELATIONSHIP = auto(), "A relationship between customers."
    HOUSEHOLD = auto(), "A household."
    CONTRACT = auto(), "A contract."
    PAYMENT = auto(), "A payment."
    RECEIPT = auto(), "A receipt."
    ORDER = auto(), "An order."
    CLAIM = auto(), "A claim."
    INTERACTION = auto(), "An interaction."
    COMPLAINT = auto(), "A complaint."
    FOLLOW_UP = auto(), "A follow-up task."


# Where the objects are. The keys are text too, as rows of events hold them.
SUBJECT_TABLES: dict[SubjectKind, str] = {
    SubjectKind.CUSTOMER: "customers",
    SubjectKind.RELATIONSHIP: "relationships",
    SubjectKind.HOUSEHOLD: "households",
    SubjectKind.CONTRACT: "contracts",
    SubjectKind.PAYMENT: "payments",
    SubjectKind.RECEIPT: "receipts",
    SubjectKind.ORDER: "orders",
    SubjectKind.CLAIM: "claims",
    SubjectKind.INTERACTION: "interactions",
    SubjectKind.COMPLAINT: "complaints",
    SubjectKind.FOLLOW_UP: "follow_ups",
}


class LifeEventKind(Choice):
    """What happened in the customer's life."""

    MOVE = auto(), "Moved, or is about to."
    MARRIAGE = auto(), "Married or entered a partnership."
    SEPARATION = auto(), "Separated or divorced."
    BIRTH = auto(), "A child was born or adopted."
    DEATH_IN_FAMILY = auto(), "Somebody close has died."
    NEW_JOB = auto(), "Took up new work, or lost it."
    GRADUATION = auto(), "Completed an education."
    RETIREMENT = auto(), "Retired."
    HOME_PURCHASE = auto(), "Bought or built a home."
    VEHICLE_PURCHASE = auto(), "Bought a vehicle."
    ILLNESS = auto(), "Fell ill or was injured in a way that changes life."
    OTHER = auto(), "Another turn."


class Event(Restrictable, Identified, table=True):
    """Something that happened to or with a customer. Rows are only ever added."""

    __tablename__ = "events"
    __table_args__ = (
        index("customer_id", "occurred_at", "id"),
        index("subject_id", "occurred_at", "id"),
        index("transaction_id", "position"),
        index("cause_id", "occurred_at", "id"),
    )

    position: int = integer(
        "Order of insertion.",
        big=True,
        unique=True,
        default=None,
        sa_column_kwargs={"server_default": sql("nextval('events_position_seq'::regclass)")},
    )
    transaction_id: int = integer(
        "Id of the transaction that wrote the event.",
        big=True,
        default=None,
        sa_column_kwargs={"server_default": sql("(pg_current_xact_id()::text)::bigint")},
    )
    customer_id: UUID | None = ref("customers.id", "The customer; none for an anonymous contact.", nullable=True)
    type: str = text("What happened, in the past tense, such as ClaimSubmitted.", index=True)
    category: EventCategory = choice(EventCategory, "Class of the event.")
    source: EventSource = choice(EventSource, "Who or what recorded it.")
    summary: str = text("What happened, in a line a person reads.")
    occurred_at: datetime = moment("When it happened.")
    recorded_at: datetime = moment("When it was recorded here.", sa_column_kwargs={"server_default": sql("now()")})
    subject_kind: SubjectKind = choice(SubjectKind, "What kind of object it is about.")
    subject_id: UUID = loose_id("Id of the object it is about.")
    cause_id: UUID | None = ref("events.id", "The event that led to this one, if any.", nullable=True)
    correlation_id: UUID | None = loose_id("Shared by all events of one business operation.", nullable=True)
    actor: str | None = text("Who did it: an agent number, a user or a system.", nullable=True)
    payload: dict[str, Any] = document("The facts of the event, by its type.")


class QueuedEvent(SQLModel, table=True):
    """An event that waits for its place in the feed. Kept by the database: it comes with the event."""

    __tablename__ = "event_queue"

    position: int = integer(
        "Order of insertion of the event.", big=True, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    event_id: UUID = loose_id("The event.")
    customer_id: UUID | None = loose_id("Its customer; none for an anonymous contact.", nullable=True)


class FeedEntry(SQLModel, table=True):
    """An event's place in the feed, in which subscribers follow the history. Numbered after the event is committed."""

    __tablename__ = "event_feed"
    __table_args__ = (index("customer_id", "number"),)

    number: int = integer(
        "Place in the feed: without gaps, in the order in which events were found committed, and the same for good.",
        big=True,
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    event_id: UUID = loose_id("The event.", sa_column_kwargs={"unique": True})
    customer_id: UUID | None = loose_id("Its customer; none for an anonymous contact.", nullable=True)
    numbered_at: datetime = moment("When it got its place.")

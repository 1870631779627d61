"""The audit log: who did or saw what, append-only, and the chain of hashes that shows whether it is still whole.

Entries are written by any number of transactions at once, without waiting for one another. What is committed is sealed
afterwards, by one process at a time: each seal hashes the one before it and its entry (docs/adr/0016-audit.md).
"""

from enum import auto
from typing import Any

from sqlalchemy import text as sql
from sqlmodel import SQLModel

from models.base import (
    UUID,
    Choice,
    Identified,
    choice,
    datetime,
    digest,
    document,
    gin_index,
    index,
    integer,
    loose_id,
    loose_ids,
    moment,
    ref,
    text,
    texts,
)


class AuditKind(Choice):
    """What an entry of the audit log tells of."""

    SIGN_IN = auto(), "Someone signed in."
    SIGN_IN_REFUSED = auto(), "A sign-in was refused."
    SIGN_OUT = auto(), "Someone signed out, or sessions were ended."
    REFUSAL = auto(), "A field or an action was refused for lack of a permission."
    REVEAL = auto(), "A sensitive value was shown in full, for a stated purpose."
    PROFILE_OPENED = auto(), "Customers were looked at."
    MUTATION = auto(), "Business data was changed."
    ADMINISTRATION = auto(), "Users, access, settings or data in bulk were changed."
    ENTRIES_LOST = auto(), "Entries that should stand here were lost while the log could not be written."


class ActorKind(Choice):
    """What kind of thing acted."""

    ANONYMOUS = auto(), "Nobody that is known."
    USER = auto(), "A user."
    API_KEY = auto(), "A machine client, by its API key."
    SYSTEM = auto(), "The service itself, or an operator at its command line."


class AuditEntry(Identified, table=True):
    """Something that was done, seen or refused. Rows are only ever added; they hold no sensitive values."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        index("recorded_at", "id"),
        index("kind", "recorded_at", "id"),
        index("actor_id", "recorded_at", "id"),
        index("transaction_id", "position"),
        gin_index("customer_ids"),
    )

    position: int = integer(
        "Order of insertion; with the transaction id it makes the order in which entries are sealed.",
        big=True,
        unique=True,
        default=None,
        sa_column_kwargs={"server_default": sql("nextval('audit_entries_position_seq'::regclass)")},
    )
    transaction_id: int = integer(
        "Id of the transaction that wrote the entry.",
        big=True,
        default=None,
        sa_column_kwargs={"server_default": sql("(pg_current_xact_id()::text)::bigint")},
    )
    recorded_at: datetime = moment(
        "When it happened, by the service's clock.", sa_column_kwargs={"server_default": sql("now()")}
    )
    kind: AuditKind = choice(AuditKind, "What the entry tells of.")
    actor_kind: ActorKind = choice(ActorKind, "What kind of thing acted.")
    actor_id: UUID | None = loose_id("Id of the user or API key that acted.", nullable=True)
    session_id: UUID | None = loose_id("The session in which it happened.", nullable=True)
    operation: str | None = text("Name of the GraphQL operation, mutation or command.", nullable=True)
    document_hash: str | None = text("SHA-256 of the GraphQL document, in hexadecimal digits.", nullable=True)
    customer_ids: list[UUID] = loose_ids(
        "The customers it concerns; they may have been erased since.",
        default_factory=list,
        sa_column_kwargs={"server_default": "{}"},
    )
    sensitive_fields: list[str] = texts(
        "Sensitive fields that were shown, changed or refused, such as Customer.birthDate.",
        default_factory=list,
        sa_column_kwargs={"server_default": "{}"},
    )
    purpose: str | None = text("What for, as the actor stated it.", nullable=True)
    details: dict[str, Any] = document("Further facts by kind: names and digests, never sensitive values.")
    request_id: UUID | None = loose_id("The request; shared by all entries of it.", nullable=True)


class AuditSeal(SQLModel, table=True):
    """A link of the chain: the hash of the seal before it and of one entry. Rows are only ever added."""

    __tablename__ = "audit_seals"

    number: int = integer(
        "Place in the chain; begins with 1 and has no gaps.",
        big=True,
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    entry_id: UUID = ref("audit_entries.id", "The entry that is sealed.", unique=True)
    hash: bytes = digest("SHA-256 of the hash before it, followed by the entry in its canonical form.")
    sealed_at: datetime = moment("When it was sealed.", sa_column_kwargs={"server_default": sql("now()")})

"""Appending: events are written in the transaction of the change they tell of, and wake whoever follows the log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import psycopg

from core.ids import new_id
from models.event_facts import unfit
from models.event_types import EVENT_TYPES, EXTERNAL_FACTS, EventType
from models.history import EventCategory, EventSource, SubjectKind

# What a NOTIFY on it says: events were committed and want their numbers (events/sequencing.py).
CHANNEL = "c360_events"
# Wakes whoever follows the log, once the transaction commits.
WAKE = f"select pg_notify('{CHANNEL}', '')"

# One parameter, whatever the number of events.
_INSERT = """
insert into events (id, customer_id, type, category, source, summary, occurred_at, recorded_at, subject_kind,
                    subject_id, cause_id, correlation_id, actor, payload)
select id, customer_id, type, category, source, summary, occurred_at, recorded_at, subject_kind,
       subject_id, cause_id, correlation_id, actor, payload
from json_to_recordset(%s::json) as event(
    id uuid, customer_id uuid, type text, category text, source text, summary text, occurred_at timestamptz,
    recorded_at timestamptz, subject_kind text, subject_id uuid, cause_id uuid, correlation_id uuid, actor text,
    payload jsonb)"""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is about to be recorded.

    `type` is one of models/event_types.py, which knows its category, unless another system has types of its own and
    gives the `category` with it; `occurred_at` is aware, and the moment of recording unless given; `cause_id` the event
    that led to it; `payload` the facts that its type may hold (models/event_facts.py), as Python has them: days as
    dates, amounts as decimals.
    """

    type: str
    customer_id: UUID | None
    subject_kind: SubjectKind
    subject_id: UUID
    summary: str
    payload: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None
    cause_id: UUID | None = None
    category: EventCategory | None = None

    def kind(self) -> EventType | None:
        """What is known of its type; None for one that is not known and comes without a category."""
        known = EVENT_TYPES.get(self.type)
        if known is not None or self.category is None:
            return known
        return EventType(self.type, self.category, "", EXTERNAL_FACTS, external=True)


async def append(
    connection: psycopg.AsyncConnection[Any],
    events: Sequence[NewEvent],
    *,
    source: EventSource,
    actor: str | None,
    correlation_id: UUID | None,
    now: datetime,
) -> list[UUID]:
    """Write events in the connection's own transaction, and return their ids in the order given.

    They are in the log if, and only if, that transaction commits; whoever follows the log is woken then. Raises
    ValueError for a type, or for facts, that models/event_types.py does not know, psycopg.Error.
    """
    kinds = [event.kind() for event in events]
    if unknown := sorted({event.type for event, kind in zip(events, kinds, strict=True) if kind is None}):
        raise ValueError(f"unknown types of events: {', '.join(unknown)}; models/event_types.py lists those there are")
    known = [kind for kind in kinds if kind is not None]
    for event, kind in zip(events, known, strict=True):
        if strange := unfit(event.payload, kind.facts):
            raise ValueError(
                f"{event.type}: no such facts, or of another kind: {', '.join(strange)} (models/event_types.py)"
            )
    if not events:
        return []
    ids = [new_id() for _ in events]
    rows = [
        {
            "id": event_id,
            "customer_id": event.customer_id,
            "type": event.type,
            "category": kind.category.value,
            "source": source.value,
            "summary": event.summary,
            "occurred_at": event.occurred_at or now,
            "recorded_at": now,
            "subject_kind": event.subject_kind.value,
            "subject_id": event.subject_id,
            "cause_id": event.cause_id,
            "correlation_id": correlation_id,
            "actor": actor,
            "payload": event.payload,
        }
        for event_id, event, kind in zip(ids, events, known, strict=True)
    ]
    await connection.execute(_INSERT, (orjson.dumps(rows, default=_amount).decode(),))
    await connection.execute(WAKE)
    return ids


def _amount(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    raise TypeError(f"a payload cannot hold a {type(value).__name__}")

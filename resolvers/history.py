"""What one can follow of the history, and where its feed ends."""

from typing import Any

import strawberry
from strawberry import Info

import loaders
from changes import history
from events.cursor import BEGINNING, Position, encode
from execution.permissions import SIGNED_IN
from schema.commands import does
from schema.customer_payloads import CustomerEventPayload
from schema.event_types import KnownEvent, event_types
from schema.feed import CustomerUpdate, follow
from schema.mutations import context_of


async def _feed_cursor(info: Info) -> str:
    newest = await loaders.history.newest_in_feed(context_of(info).snapshot)
    return encode(BEGINNING if newest is None else Position.of(*newest))


def _feed_cursor_field() -> Any:
    field: Any = strawberry.field(
        resolver=_feed_cursor,
        description="Where the event feed ends as this is read: subscribe after it to miss nothing that follows.",
    )
    field.permission = "history:read"
    return field


def _event_types_field() -> Any:
    field: Any = strawberry.field(
        resolver=event_types, description="The types of events the history knows, and what their payloads hold."
    )
    field.permission = SIGNED_IN
    return field


@strawberry.type
class Query:
    """Root fields of the history."""

    feed_cursor: str | None = _feed_cursor_field()
    event_types: list[KnownEvent] | None = _event_types_field()


@strawberry.type
class Mutation:
    """What can be told to the history."""

    log_life_event = does(history.LogLifeEvent, CustomerEventPayload)
    log_customer_event = does(history.LogCustomerEvent, CustomerEventPayload)


@strawberry.type
class Subscription:
    """What one can follow of the history."""

    customer_events: CustomerUpdate | None = follow("Events of customers, as they are recorded.")
    customer_changed: CustomerUpdate | None = follow(
        "Events of one customer, each with the customer as they are then.", single=True
    )

"""Writing events and following them, without a transport."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg

from auth.actor import SYSTEM, Actor
from core.database import make_pool
from core.ids import new_id
from core.snapshot import Pool
from events.append import NewEvent, append
from events.hub import Hub, Subscription
from events.service import open_events
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from execution.services import Services
from execution.subscriptions import Subscriptions
from models.base import utc_now
from models.history import EventSource, SubjectKind
from tests.signing_in import service_settings
from transport.extensions import encode

# Generous: a test waits no longer for what must come, on however slow a machine.
PATIENCE = 30.0


def an_event(text: str = "Something.", **changes: Any) -> NewEvent:
    """An event of nobody, with a text to know it by."""
    given = {
        "type": "InteractionLogged",
        "customer_id": None,
        "subject_kind": SubjectKind.INTERACTION,
        "subject_id": new_id(),
        "summary": text,
    }
    return NewEvent(**(given | changes))


async def write(connection: psycopg.AsyncConnection[Any], *events: NewEvent) -> list[UUID]:
    """Append events in the transaction of the connection."""
    return await append(
        connection, events, source=EventSource.SERVICE, actor="test", correlation_id=None, now=utc_now()
    )


@dataclass
class Feed:
    """Subscriptions of an actor, which can be replaced or refused while one runs."""

    runner: Runner
    services: Services
    actor: Actor = SYSTEM
    refusal: Exception | None = None
    opened: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    def open_context(self) -> OperationContext:
        """A context for the actor as they are now."""
        self.opened += 1
        if self.refusal is not None:
            raise self.refusal
        return OperationContext(self.services.reader(self.actor), self.actor, self.services)

    async def subscribe(self, query: str, /, **variables: Any) -> Outcome | AsyncGenerator[Outcome, None]:
        """What a transport gets."""
        subscriptions = Subscriptions(self.runner, **{"recheck_seconds": 0.2, **self.options})
        return await subscriptions.subscribe(GraphQLRequest(query, variables), self.open_context)

    async def stream(self, query: str, /, **variables: Any) -> "AsyncGenerator[Outcome, None]":
        """The stream of a subscription that begins."""
        begun = await self.subscribe(query, **variables)
        assert not isinstance(begun, Outcome), begun.errors
        return begun

    async def write(self, *events: NewEvent) -> list[UUID]:
        """Append events and commit."""
        async with self.services.pool.connection() as connection, connection.transaction():
            return await write(connection, *events)


def data(outcome: Outcome) -> Any:
    """The data of an item, as the client gets it."""
    assert not outcome.errors, outcome.errors
    return orjson.loads(encode(outcome.data))


async def one(stream: AsyncGenerator[Outcome, None]) -> Outcome:
    """The next item."""
    return await asyncio.wait_for(anext(stream), PATIENCE)


async def take(stream: AsyncGenerator[Outcome, None], count: int) -> list[Any]:
    """The data of the next items, and the end of the stream."""
    async with aclosing(stream):
        return [data(await one(stream)) for _ in range(count)]


async def commit(pool: Pool, *events: NewEvent) -> list[UUID]:
    """Append events in a transaction of their own."""
    async with pool.connection() as connection, connection.transaction():
        return await write(connection, *events)


@asynccontextmanager
async def hub_over(url: str, nats: str | None = None) -> AsyncIterator[Hub]:
    """The hub of a process of its own."""
    settings = service_settings(url, Path("/nonexistent"), nats_url=nats)
    async with make_pool(url, 6) as pool, open_events(settings, pool) as hub:
        yield hub


async def follow(subscription: Subscription, count: int) -> list[str]:
    """The ids of the next events, and of whatever comes right after."""
    loop = asyncio.get_running_loop()
    found: list[str] = []
    deadline = loop.time() + 2 * PATIENCE
    while len(found) < count and loop.time() < deadline:
        entry = await subscription.next(1.0)
        if entry is not None:
            found.append(entry.event_id)
    while (entry := await subscription.next(0.5)) is not None:
        found.append(entry.event_id)
    return found

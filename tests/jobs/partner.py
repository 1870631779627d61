"""A partner's portal in tests: registers webhooks through the graph, while events of its customers happen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from auth.actor import Actor, user
from core.database import make_pool
from core.outbound import Outbound
from core.scope import ROLES
from events.append import NewEvent, append
from execution.operations import Runner
from execution.services import Services, open_services
from jobs.delivering import Deliverer
from jobs.metrics import BackgroundMetrics
from jobs.queue import Queue, opened
from jobs.rules import Rules
from jobs.waking import Waker
from models.base import utc_now
from models.history import EventSource, SubjectKind
from models.roles import Role
from tests.access.desk import Desk
from tests.signing_in import service_settings

# Pauses that a test can wait for.
QUICK = Rules(
    seconds=2.0,
    attempts=4,
    first_pause=timedelta(milliseconds=40),
    longest_pause=timedelta(milliseconds=200),
    disable_after=timedelta(days=3),
)

REGISTER = """mutation ($url: String!, $types: [String!], $partner: ID, $key: String) {
  registerWebhook(input: { url: $url, eventTypes: $types, partnerId: $partner }, idempotencyKey: $key) {
    webhook { id url status version eventTypes scopes availableTransitions }
    secret
    userErrors { code message field }
  }
}"""

DELIVERIES = """query ($id: ID!) {
  webhook(id: $id) {
    status failingSince disabledReason version
    deliveries(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
      nodes {
        id message status attempts answerStatus failure cursor settledAt event { id type customer { number } }
        endpoint { id }
      }
    }
  }
}"""

_BOOKS = """
select b.partner_id::text, count(*) from partner_book b where b.kind = 'CONTRACT' group by 1 order by 2 desc, 1"""
_CONTRACTS = """
select distinct on (c.customer_id) c.id, c.customer_id from contracts c
join partner_book b on b.object_id = c.id and b.partner_id = %s and b.kind = 'CONTRACT'
order by c.customer_id, c.id limit %s"""

_CLAIM = """
select c.id, c.customer_id from claims c
join partner_book b on b.object_id = c.id and b.partner_id = %s and b.kind = 'CLAIM' order by c.id limit 1"""


@dataclass(frozen=True)
class Contract:
    """A contract of one of the partner's customers."""

    id: UUID
    customer_id: UUID

    @property
    def customer(self) -> str:
        """The public id of the customer."""
        return f"cus_{self.customer_id}"


@dataclass
class Portal:
    """A partner: who asks for it, and what happens to its customers."""

    desk: Desk
    actor: Actor
    other: Actor
    rules: Rules

    @property
    def services(self) -> Services:
        """The service."""
        return self.desk.services

    def contracts(self, count: int, actor: Actor | None = None) -> list[Contract]:
        """Contracts of as many different customers of the partner."""
        rows = self.desk.rows(_CONTRACTS, (actor or self.actor).partner_id, count)
        assert len(rows) == count, "the demo world has too few"
        return [Contract(*row) for row in rows]

    async def happens(self, contract: Contract, type: str = "ContractAmended", summary: str = "Amended.") -> str:
        """An event of a contract; returns its public id."""
        (event,) = await self.happen([contract], type, summary)
        return event

    async def happen(
        self, contracts: list[Contract], type: str = "ContractAmended", summary: str = "Amended."
    ) -> list[str]:
        """An event of each, in this order, in one transaction each."""
        made = []
        async with self.services.pool.connection() as connection:
            for contract in contracts:
                event = NewEvent(type, contract.customer_id, SubjectKind.CONTRACT, contract.id, summary)
                async with connection.transaction():
                    (event_id,) = await append(
                        connection,
                        [event],
                        source=EventSource.SERVICE,
                        actor="test",
                        correlation_id=None,
                        now=utc_now(),
                    )
                made.append(f"evt_{event_id}")
        return made

    async def happens_to_a_claim(self) -> str:
        """An event of a claim of one of the partner's customers; returns its public id."""
        (claim, customer) = self.desk.rows(_CLAIM, self.actor.partner_id)[0]
        event = NewEvent("ClaimStatusChanged", customer, SubjectKind.CLAIM, claim, "Moved on.")
        async with self.services.pool.connection() as connection, connection.transaction():
            (event_id,) = await append(
                connection, [event], source=EventSource.SERVICE, actor="test", correlation_id=None, now=utc_now()
            )
        return f"evt_{event_id}"

    async def register(self, url: str, *types: str, actor: Actor | None = None) -> tuple[str, str]:
        """A new endpoint: its id and its secret."""
        payload = await self.desk.done(actor or self.actor, REGISTER, url=url, types=list(types))
        assert payload["userErrors"] == []
        return payload["webhook"]["id"], payload["secret"]

    async def shown(self, webhook: str, actor: Actor | None = None) -> dict[str, Any]:
        """The endpoint with its deliveries, as the partner sees it."""
        found: dict[str, Any] = (await self.desk.ask(actor or self.actor, DELIVERIES, id=webhook)).data["webhook"]
        return found

    async def deliveries(self, webhook: str) -> list[dict[str, Any]]:
        """The deliveries of an endpoint, the oldest first."""
        nodes: list[dict[str, Any]] = (await self.shown(webhook))["deliveries"]["nodes"]
        return nodes

    async def does(self, mutation: str, webhook: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        """The payload of a mutation of an endpoint; `more` are further inputs, as GraphQL literals."""
        inputs = ", ".join([f'webhookId: "{webhook}"', *(f"{name}: {value}" for name, value in more.items())])
        secret = "secret" if mutation == "rotateWebhookSecret" else ""
        count = "count" if mutation == "retryWebhookDeliveries" else ""
        text = f"""mutation {{ {mutation}(input: {{ {inputs} }}) {{
          webhook {{ id status version url eventTypes previousSecretUntil }} {secret} {count}
          userErrors {{ code message field currentVersion }} }} }}"""
        return await self.desk.done(actor or self.actor, text)

    def set(self, sql: str, *values: object) -> None:
        """Change something behind the service's back."""
        with psycopg.connect(self.desk.url, autocommit=True) as connection:
            connection.execute(sql.encode(), values)


@dataclass(frozen=True)
class Worker:
    """Background work that goes on."""

    queue: Queue
    deliverer: Deliverer


@asynccontextmanager
async def portal(url: str, home: Path, runner: Runner, nats_url: str | None = None) -> AsyncIterator[Portal]:
    """A partner of a demo world, and another one, over a service without background work."""
    with psycopg.connect(url) as connection:
        partners = [row[0] for row in connection.execute(_BOOKS).fetchall()]

    def of(number: int) -> Actor:
        identity = f"0192f0c1-7c3e-7b11-a0b1-{100 + number:012}"
        return user(identity, frozenset({Role.PARTNER}), partner_id=partners[number])

    settings = service_settings(url, home, webhook_private=True, nats_url=nats_url)
    readers = {role.name: make_pool(url, 4, role) for role in ROLES}
    async with make_pool(url, 8) as pool, open_services(settings, pool, readers) as services:
        yield Portal(Desk(runner, services, url), of(0), of(1), QUICK)


@asynccontextmanager
async def working(
    partner: Portal, outbound: Outbound | None = None, metrics: BackgroundMetrics | None = None, **rules: Any
) -> AsyncIterator[Worker]:
    """Background work as a process does it; `rules` other than the quick ones, `outbound` other than the service's."""
    metrics = metrics or BackgroundMetrics()
    async with contextlib.AsyncExitStack() as stack:
        sending = outbound or Outbound(partner.services.addresses)
        if outbound is None:
            await stack.enter_async_context(sending)
        deliverer = Deliverer(partner.services, partner.desk.runner, sending, replace(partner.rules, **rules), metrics)
        queue = await stack.enter_async_context(opened(partner.services, deliverer, metrics))
        tasks = [
            asyncio.create_task(queue.work()),
            asyncio.create_task(Waker(partner.services.events, partner.services.pool, queue.wake).run()),
        ]
        try:
            yield Worker(queue, deliverer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

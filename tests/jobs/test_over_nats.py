"""Webhooks of events that come over NATS, and that go on without it."""

import asyncio
from collections import defaultdict
from pathlib import Path

from execution.operations import Runner
from tests.events import nats_server
from tests.jobs.partner import portal, working
from tests.jobs.receiver import Receiver, eventually
from tests.jobs.test_webhooks import settled


async def test_events_of_another_process_are_delivered_over_nats_and_without_it(
    own_demo_database: str, tmp_path: Path, runner: Runner, receiver: Receiver
) -> None:
    with nats_server.serving() as nats:
        async with (
            portal(own_demo_database, tmp_path, runner, nats.url) as elsewhere,
            portal(own_demo_database, tmp_path, runner, nats.url) as partner,
            working(partner),
        ):
            contracts = partner.contracts(3)
            _, secret = await partner.register(receiver.url)
            events: list[str] = []
            # Until one of the two publishes: what came before it did is read from the log.
            async with asyncio.timeout(60):
                while await nats.messages() == 0:
                    events += await elsewhere.happen(contracts)
                    await asyncio.sleep(0.2)
            published = await nats.messages()
            for _ in range(4):
                events += await elsewhere.happen(contracts)
            await eventually(lambda: settled(partner, "DELIVERED") == len(events), "delivered over NATS")
            assert await nats.messages() > published
            nats.kill()
            events += await elsewhere.happen(contracts)
            await eventually(lambda: settled(partner, "DELIVERED") == len(events), "delivered without NATS")
    assert sorted(receiver.ids) == sorted(events)
    assert all(got.verified(secret) for got in receiver.got)
    orders: dict[str | None, list[str]] = defaultdict(list)
    for got in receiver.got:
        orders[got.customer].append(got.id)
    assert orders == {contract.customer: events[place::3] for place, contract in enumerate(contracts)}

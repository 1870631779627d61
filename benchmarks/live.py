"""Measure subscriptions: thousands who follow, what reaches them when, and what is lost when something is killed.

    python -m benchmarks.live --subscribers 5000

One process of the service, a PostgreSQL and a NATS of its own, all on 127.0.0.1. Half of the subscribers follow over
WebSocket, half over event streams; each follows one customer. After each part, what everybody received is compared
with the feed in the database, event by event.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import httpx
import psycopg

from benchmarks.followers import EventFollower, Follower, SocketFollower, Target
from benchmarks.measuring import facts, say, store
from benchmarks.victims import NATS, PATIENCE_SECONDS, Machine
from core import embedded_postgres
from core.ids import public_id
from core.sealing import open_keyring
from core.settings import Settings
from events.append import NewEvent, append
from imports import demo
from migrations import upgrade
from models.base import utc_now
from models.history import EventSource, SubjectKind

WORLD = 300


class Load:
    """Writes events, and knows when each of them was committed and how long it took to everybody."""

    def __init__(self, url: str, customers: list[str]) -> None:
        self._url = url
        self._customers = customers
        self.sent: dict[int, float] = {}
        self.latencies: list[float] = []
        self.last_seen = 0.0

    def seen(self, number: int, now: float) -> None:
        """An event has come to somebody."""
        self.latencies.append(now - self.sent[number])
        self.last_seen = now

    async def write(self, rate: float, goes_on: Callable[[], bool]) -> None:
        """Commit so many events a second, each about the next customer, however often the database is gone."""
        due = time.perf_counter()
        while goes_on():
            try:
                async with await psycopg.AsyncConnection.connect(self._url) as connection:
                    while goes_on():
                        await self._commit(connection)
                        due = max(due + 1 / rate, time.perf_counter() - 1)
                        await asyncio.sleep(max(0.0, due - time.perf_counter()))
            except psycopg.OperationalError:
                await asyncio.sleep(0.2)

    async def _commit(self, connection: psycopg.AsyncConnection[Any]) -> None:
        number = len(self.sent)
        customer = UUID(self._customers[number % len(self._customers)])
        event = NewEvent(
            type="InteractionLogged",
            customer_id=customer,
            subject_kind=SubjectKind.CUSTOMER,
            subject_id=customer,
            summary=str(number),
        )
        self.sent[number] = time.perf_counter()
        await append(
            connection, [event], source=EventSource.SERVICE, actor="benchmark", correlation_id=None, now=utc_now()
        )
        self.sent[number] = time.perf_counter()
        await connection.commit()

    def truth(self) -> dict[str, list[int]] | None:
        """What the feed holds of each customer, in its order; None as long as events wait for their place in it."""
        found: dict[str, list[int]] = defaultdict(list)
        with psycopg.connect(self._url) as connection:
            if connection.execute("select from event_queue limit 1").fetchone() is not None:
                return None
            rows = connection.execute(
                "select e.customer_id::text, e.summary from event_feed f join events e on e.id = f.event_id"
                " where e.actor = 'benchmark' order by f.number"
            )
            for customer, summary in rows:
                found[public_id("cus", customer)].append(int(summary))
        return found


@dataclass
class Part:
    """What came of one part: events, items, how many of them were lost or came twice, and latencies in ms."""

    name: str
    events: int
    items: int
    lost: int
    repeated: int
    disordered: int
    seconds: float
    p50: float
    p99: float


class Run:
    """All subscribers, and the parts they go through."""

    def __init__(self, machine: Machine, load: Load, followers: list[Follower]) -> None:
        self.machine = machine
        self.load = load
        self.followers = followers
        self.parts: list[Part] = []

    async def part(self, name: str, rate: float, seconds: float, kill: Callable[[], None] | None = None) -> None:
        """Write for so many seconds, kill something in their midst, and compare what came with what was written."""
        load = self.load
        load.latencies.clear()
        events, received = len(load.sent), sum(len(each.received) for each in self.followers)
        began = time.perf_counter()
        end = began + seconds
        writing = asyncio.create_task(load.write(rate, lambda: time.perf_counter() < end))
        if kill is not None:
            await asyncio.sleep(seconds / 4)
            await asyncio.to_thread(kill)
            end = max(end, time.perf_counter() + seconds / 2)
        await writing
        truth = await self._all_has_come()
        lost = repeated = disordered = 0
        for each in self.followers:
            wanted, got = Counter(truth[each.customer]), Counter(each.received)
            lost += (wanted - got).total()
            repeated += (got - wanted).total()
            disordered += each.received != truth[each.customer] and wanted == got
        items = sum(len(each.received) for each in self.followers) - received
        cuts = quantiles(load.latencies, n=100) if len(load.latencies) > 1 else [0.0] * 99
        part = Part(
            name,
            len(load.sent) - events,
            items,
            lost,
            repeated,
            disordered,
            round(load.last_seen - began, 1),
            round(cuts[49] * 1000, 1),
            round(cuts[98] * 1000, 1),
        )
        self.parts.append(part)
        say(str(part))

    async def _all_has_come(self) -> dict[str, list[int]]:
        """Wait until everybody has as much as the feed, or nothing has come for long; what the feed holds."""
        truth: dict[str, list[int]] | None = None
        count, quiet_since = -1, time.perf_counter()
        while time.perf_counter() - quiet_since < PATIENCE_SECONDS / 3:
            with contextlib.suppress(psycopg.OperationalError):
                truth = await asyncio.to_thread(self.load.truth)
                if truth is not None and all(
                    len(each.received) >= len(truth[each.customer]) for each in self.followers
                ):
                    # What comes twice would come now.
                    await asyncio.sleep(1)
                    break
            now = sum(len(each.received) for each in self.followers)
            if now != count:
                count, quiet_since = now, time.perf_counter()
            await asyncio.sleep(0.5)
        if truth is None:
            raise SystemExit("events were written that nobody gives a place in the feed")
        return truth

    async def until_running(self) -> None:
        """Wait until all have begun to follow."""
        end = time.perf_counter() + PATIENCE_SECONDS
        while not all(each.running for each in self.followers):
            if time.perf_counter() > end:
                running, refusals = sum(each.running for each in self.followers), self.followers[0].target.refusals
                raise SystemExit(f"{running} follow, not all: {Counter(refusals).most_common(3)}")
            await asyncio.sleep(0.1)
        await asyncio.sleep(3)


async def measure(machine: Machine, options: argparse.Namespace) -> tuple[Run, dict[str, float]]:
    """All parts."""
    with psycopg.connect(machine.url) as connection:
        rows = connection.execute(
            "select id::text from customers where not restricted order by id limit %s",
            [min(WORLD, max(1, options.subscribers // options.each))],
        )
        customers = [row[0] for row in rows]
    machine.start_service()
    token = machine.token()
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers) as client:
        answer = await client.post(f"http://127.0.0.1:{machine.port}/graphql", json={"query": "{ feedCursor }"})
    after = answer.json()["data"]["feedCursor"]
    load = Load(machine.url, customers)
    target = Target(machine.port, token, load.seen)
    run = Run(machine, load, [])
    known: dict[str, float] = {"rss_mb": round(machine.rss_mb(), 1)}
    for kind in (SocketFollower, EventFollower):
        before, half = machine.rss_mb(), options.subscribers // 2
        made = [kind(target, public_id("cus", customers[n % len(customers)]), after) for n in range(half)]
        run.followers += made
        began = time.perf_counter()
        await asyncio.gather(*(each.connect() for each in made))
        await run.until_running()
        name = "websocket" if kind is SocketFollower else "sse"
        known[f"{name}_connect_seconds"] = round(time.perf_counter() - began - 3, 1)
        known[f"{name}_kb_each"] = round((machine.rss_mb() - before) * 1024 / max(half, 1), 1)
    say(str(known))
    await run.part("steady", options.rate, options.seconds)
    await run.part("as fast as possible", 10_000, 2)
    await run.part("service killed", options.rate, options.seconds, machine.kill_service)
    await run.part("PostgreSQL killed", options.rate, options.seconds, machine.kill_postgresql)
    if NATS is not None:
        await asyncio.to_thread(machine.restart_with_nats)
        await run.until_running()
        await run.part("steady, over NATS", options.rate, options.seconds)
        await run.part("NATS killed", options.rate, options.seconds, machine.kill_nats)
    known["rss_mb_at_the_end"] = round(machine.rss_mb(), 1)
    target.ended = True
    for each in run.followers:
        each.close()
    return run, known


def table(run: Run, known: dict[str, float]) -> str:
    """The results as markdown."""
    lines = [
        "| part | events | items | items/s | p50 ms | p99 ms | lost | repeated | out of order |",
        "|---|" + "--:|" * 8,
    ]
    for part in run.parts:
        rate = part.items / max(part.seconds, 0.1)
        cells = (part.events, part.items, f"{rate:,.0f}", part.p50, part.p99, part.lost, part.repeated, part.disordered)
        lines.append(f"| {part.name} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", *(f"- {name}: {value}" for name, value in known.items())])


def main() -> None:
    """Run by the command line's options; ends with status 1 if anything was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=5_000)
    parser.add_argument("--each", type=int, default=20, help="how many follow the same customer")
    parser.add_argument("--rate", type=float, default=10, help="events a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each part")
    parser.add_argument("--note", default="", help="what to tell of the machine with the results")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 2 * options.subscribers + 1_000
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))
    with tempfile.TemporaryDirectory(prefix="c360-live-", ignore_cleanup_errors=True) as folder:
        # PostgreSQL may run as another user.
        os.chmod(folder, 0o711)  # noqa: S103  # nosec B103
        scratch = Path(folder)
        postgres = embedded_postgres.start(scratch / "postgres")
        machine = Machine(scratch, postgres.uri)
        try:
            upgrade(machine.url)
            keyring = open_keyring(Settings(home=scratch / "home"), machine.url)
            demo.generate(machine.url, WORLD, keyring=keyring)
            run, known = asyncio.run(measure(machine, options))
        finally:
            machine.stop()
            postgres.stop(wait=True)
    text = table(run, known)
    say(f"\n{text}\n")
    note = {"note": options.note} if options.note else {}
    described = facts(subscribers=options.subscribers, each=options.each, rate=options.rate, **note)
    store("live", "Live", described, text, {"known": known, "parts": [vars(part) for part in run.parts]})
    if any(part.lost or part.repeated or part.disordered for part in run.parts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

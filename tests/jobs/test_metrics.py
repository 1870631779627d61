"""Metrics of background work: what becomes of webhooks, what waits and for how long, and what timers do."""

import math
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from core.database import make_pool
from execution.services import Services
from jobs import queue
from jobs.metrics import BackgroundMetrics
from jobs.timers import TIMERS, Timer
from tests.jobs.partner import Portal, working
from tests.jobs.receiver import Receiver, eventually, receiving
from tests.jobs.test_webhooks import settled
from tests.metrics import Scrape


class Shown:
    """Metrics in a registry of their own, and how they are scraped."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = BackgroundMetrics(self.registry)

    async def scrape(self, partner: Portal) -> Scrape:
        """The metrics as a first scrape shows them."""
        await self.metrics.read(partner.services.pool)
        return self.seen()

    def seen(self) -> Scrape:
        """The metrics as they are, with what waited when that was last read."""
        return Scrape(generate_latest(self.registry).decode())


def outcomes(seen: Scrape, name: str) -> dict[str, float]:
    """The values of a counter that are not zero, by outcome."""
    values = {sample.labels["outcome"]: sample.value for sample in seen.families[name].samples}
    return {outcome: value for outcome, value in values.items() if value}


async def test_attempts_and_what_became_of_deliveries(partner: Portal, receiver: Receiver) -> None:
    shown = Shown()
    contract, other = partner.contracts(2)
    receiver.decide = lambda got: 200 if got.customer == contract.customer else 503
    await partner.register(receiver.url)
    async with working(partner, metrics=shown.metrics):
        await partner.happen([contract, contract, other])
        await eventually(lambda: settled(partner, "DEAD") == 1, "dead")
        await eventually(lambda: settled(partner, "DELIVERED") == 2, "delivered")
    seen = shown.seen()
    assert outcomes(seen, "c360_webhook_attempts") == {"delivered": 2, "refused": partner.rules.attempts}
    assert outcomes(seen, "c360_webhook_deliveries") == {"delivered": 2, "dead": 1}
    assert seen.value("c360_webhook_endpoints_disabled_total") == 0


async def test_who_does_not_answer_and_is_disabled(partner: Portal) -> None:
    shown = Shown()
    async with receiving() as gone:
        url = gone.url
    await partner.register(url)
    async with working(partner, metrics=shown.metrics, attempts=30, disable_after=timedelta(0)):
        await partner.happens(partner.contracts(1)[0])
        await eventually(lambda: shown.seen().value("c360_webhook_endpoints_disabled_total") == 1, "disabled")
    assert set(outcomes(shown.seen(), "c360_webhook_attempts")) == {"no_answer"}
    assert outcomes(shown.seen(), "c360_webhook_deliveries") == {}


async def test_what_waits_and_for_how_long(partner: Portal, receiver: Receiver) -> None:
    assert (await Shown().scrape(partner)).value("c360_webhook_oldest_waiting_seconds") == 0
    receiver.decide = lambda got: 503
    webhook, _ = await partner.register(receiver.url)
    hour = timedelta(hours=1)
    async with working(partner, attempts=30, first_pause=hour, longest_pause=hour):
        await partner.happen(partner.contracts(3))
        await receiver.until(3)
        await eventually(lambda: _tried(partner) == 3, "noted")
    partner.set(
        "update webhook_deliveries set created_at = created_at - interval '2 hours' where feed_number = ("
        "select min(feed_number) from webhook_deliveries)"
    )
    seen = await Shown().scrape(partner)
    assert seen.value("c360_webhook_deliveries_waiting") == 3
    assert 7_200 <= seen.value("c360_webhook_oldest_waiting_seconds") < 7_300
    assert not [part for part in (webhook, receiver.url, "127.0.0.1") if part in seen.text]
    # What a partner does not want for now holds up nobody.
    await partner.does("pauseWebhook", webhook)
    paused = await Shown().scrape(partner)
    assert paused.value("c360_webhook_deliveries_waiting") == paused.value("c360_webhook_oldest_waiting_seconds") == 0


def _tried(partner: Portal) -> int:
    return len(partner.desk.rows("select 1 from webhook_deliveries where attempts = 1 and failure = 'HTTP_503'"))


async def test_without_the_database_there_is_no_number() -> None:
    shown = Shown()
    async with make_pool("postgresql://nobody@127.0.0.1:1/none", 1) as pool:
        await shown.metrics.read(pool)
    assert math.isnan(shown.seen().value("c360_webhook_deliveries_waiting"))


async def test_timers_that_are_done_and_that_fail(partner: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()

    async def three(services: Services) -> int:
        return 3

    async def fails(services: Services) -> int:
        raise RuntimeError("nothing came of it")

    each_second = "* * * * * *"
    timers = (*TIMERS, Timer("three", each_second, "Does three.", three), Timer("fails", each_second, "Fails.", fails))
    monkeypatch.setattr(queue, "TIMERS", timers)
    async with working(partner, metrics=shown.metrics):
        # All are there before they have run.
        runs = {sample.labels["timer"] for sample in shown.seen().families["c360_timer_runs"].samples}
        assert runs == {*(timer.name for timer in timers), "take-over-jobs"}
        await eventually(
            lambda: (
                shown.seen().value("c360_timer_runs_total", timer="three", outcome="done") >= 2
                and shown.seen().value("c360_timer_runs_total", timer="fails", outcome="failed") >= 1
            ),
            "both to run",
        )
    seen = shown.seen()
    done = seen.value("c360_timer_runs_total", timer="three", outcome="done")
    assert seen.value("c360_timer_done_total", timer="three") == 3 * done
    assert seen.value("c360_timer_runs_total", timer="fails", outcome="done") == 0
    assert seen.value("c360_timer_done_total", timer="fails") == 0

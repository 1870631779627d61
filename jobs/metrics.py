"""Metrics of background work: what becomes of webhooks, what waits, and what timers do.

Labels are words of our own, few and fixed: none names a partner, an endpoint, or where it is. What is counted is what
this process did; what waits is read from the database, so it is the same whoever is asked.
"""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge

from core.snapshot import Pool
from events.hub import OUTAGES
from models.webhooks import DeliveryStatus

log = logging.getLogger(__name__)

# A scrape that follows sooner shows what was read before.
_READ_SECONDS = 5.0
# Nobody waits longer for a connection, and sees no number then.
_PATIENCE_SECONDS = 2.0

# An endpoint that is paused or disabled, or whose partner has left, waits for people. What is put in line again has
# waited since then.
_WAITING = """
select count(*), extract(epoch from now() - min(case d.attempts when 0 then d.next_attempt_at else d.created_at end))
from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id join partners p on p.id = w.partner_id
where d.status = 'WAITING' and w.status = 'ACTIVE' and p.status = 'ACTIVE'"""
_NUMBER = float("nan")

_ATTEMPTS = ("delivered", "refused", "no_answer", "postponed")
_SETTLED = (DeliveryStatus.DELIVERED, DeliveryStatus.DEAD, DeliveryStatus.WITHHELD)


class BackgroundMetrics:
    """Counts the background work of one process, in a registry; one that nobody shows unless another is given."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        attempts = Counter(
            "c360_webhook_attempts",
            "Attempts at webhook deliveries, by outcome: delivered, refused by an answer other than 2xx, no answer at"
            " all, or postponed for a reason of our own.",
            ["outcome"],
            registry=registry,
        )
        deliveries = Counter(
            "c360_webhook_deliveries",
            "Webhook deliveries that were settled, by outcome: delivered, dead after the last attempt, or withheld"
            " because the partner may not see the event any more.",
            ["outcome"],
            registry=registry,
        )
        self._disabled = Counter(
            "c360_webhook_endpoints_disabled",
            "Webhook endpoints that the service disabled, for nothing arrives there.",
            registry=registry,
        )
        self._runs = Counter(
            "c360_timer_runs", "Runs of timers, by outcome: done or failed.", ["timer", "outcome"], registry=registry
        )
        self._done = Counter(
            "c360_timer_done", "How much timers did, such as steps that were due.", ["timer"], registry=registry
        )
        # Each worker reads the same: the newest of them counts.
        self._waiting, self._oldest = (
            Gauge(name, description, registry=registry, multiprocess_mode="livemostrecent")
            for name, description in (
                ("c360_webhook_deliveries_waiting", "Webhook deliveries that wait at active endpoints."),
                ("c360_webhook_oldest_waiting_seconds", "How long the oldest of them has waited; 0 if none waits."),
            )
        )
        # All series are there from the start, at zero, so that their first increase is seen too.
        self._attempts = {outcome: attempts.labels(outcome) for outcome in _ATTEMPTS}
        self._deliveries = {status: deliveries.labels(status.value.lower()) for status in _SETTLED}
        self._read_at = float("-inf")

    def attempt(self, outcome: str) -> None:
        """Count an attempt: delivered, refused, no_answer or postponed."""
        self._attempts[outcome].inc()

    def settled(self, status: DeliveryStatus) -> None:
        """Count a delivery that was settled; one that waits again is none."""
        if status in self._deliveries:
            self._deliveries[status].inc()

    def disabled(self) -> None:
        """Count an endpoint that was disabled."""
        self._disabled.inc()

    def add_timer(self, name: str) -> None:
        """Show a timer that has not run yet."""
        for outcome in ("done", "failed"):
            self._runs.labels(name, outcome)
        self._done.labels(name)

    def timer(self, name: str, count: int | None) -> None:
        """Count a run of a timer that did so much; None if it failed."""
        self._runs.labels(name, "failed" if count is None else "done").inc()
        self._done.labels(name).inc(count or 0)

    async def read(self, pool: Pool) -> None:
        """Read what waits; what cannot be read is no number (NaN)."""
        if time.monotonic() - self._read_at < _READ_SECONDS:
            return
        self._read_at = time.monotonic()
        waiting, oldest = _NUMBER, _NUMBER
        try:
            async with pool.connection(timeout=_PATIENCE_SECONDS) as connection:
                row = await (await connection.execute(_WAITING)).fetchone()
            if row is not None:
                waiting, oldest = row[0], float(row[1] or 0)
        except OUTAGES as error:
            log.warning("what waits cannot be counted at the moment: %s", type(error).__name__)
        self._waiting.set(waiting)
        self._oldest.set(oldest)

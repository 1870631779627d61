"""Metrics in Prometheus' text format: what the service does, how fast, and what of it fails.

No label says anything of a person or of a query: drivers, reasons and codes are words of our own, few and fixed.

With several workers each writes its numbers to files of its own in the folder PROMETHEUS_MULTIPROC_DIR, which
`c360 serve` makes; whichever worker is asked adds them all up. What is read from elsewhere (transport/sampling.py) is
written there every few seconds.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.snapshot import Pool
from execution.context import OperationContext
from execution.documents import Documents
from execution.operations import Outcome
from execution.reasons import Reason
from transport.sampling import Samples

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
SAMPLING_SECONDS = 5

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STATEMENTS = (0, 1, 2, 3, 5, 10, 15, 20, 25, 30, 50, 100, 200, 500)
_ROUND_TRIPS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50)

# When a series was made is of no use to anybody, and is not known where there are several workers.
disable_created_metrics()  # type: ignore[no-untyped-call]


class _ByCode(dict[str, Counter]):
    """The counter of each code, looked up by its label only once."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def __missing__(self, code: str) -> Counter:
        child = self[code] = self._counter.labels(code)
        return child


class Metrics:
    """The metrics of one worker, and the endpoint that shows those of all of them."""

    def __init__(self, pools: Iterable[Pool], documents: Documents) -> None:
        registry = self.registry = CollectorRegistry()
        self._readings: list[Callable[[], Awaitable[None]]] = []
        operations = Counter(
            "c360_operations",
            "Operations, by the driver that ran them and why it was not a plan; the driver is none for those refused"
            " before any field ran.",
            ["driver", "reason"],
            registry=registry,
        )
        duration = Histogram(
            "c360_operation_duration_seconds",
            "From having the request of an operation to having its result, by driver.",
            ["driver"],
            registry=registry,
            buckets=_SECONDS,
        )
        statements = Histogram(
            "c360_operation_statements",
            "SQL statements of an operation, by driver.",
            ["driver"],
            registry=registry,
            buckets=_STATEMENTS,
        )
        round_trips = Histogram(
            "c360_operation_round_trips",
            "Round trips to the database of an operation, by driver.",
            ["driver"],
            registry=registry,
            buckets=_ROUND_TRIPS,
        )
        errors = Counter(
            "c360_errors",
            "Errors in the answers to operations, by extensions.code.",
            ["code"],
            registry=registry,
        )
        refusals = Counter(
            "c360_http_refusals",
            "Requests at the GraphQL endpoint that were no GraphQL over HTTP, by the code in the answer.",
            ["code"],
            registry=registry,
        )
        deliveries = Counter(
            "c360_subscription_items", "Items that subscriptions delivered, by transport.", ["over"], registry=registry
        )
        streams = Gauge(
            "c360_streams",
            "Operations that run over a transport that streams, by transport.",
            ["over"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._sockets = Gauge("c360_sockets", "Open WebSockets.", registry=registry, multiprocess_mode="livesum")
        self._closes = Counter(
            "c360_socket_closes", "WebSockets that the service closed, by code.", ["code"], registry=registry
        )
        self._deliveries, self._streams = (
            {over: metric.labels(over) for over in ("websocket", "sse")} for metric in (deliveries, streams)
        )
        self._errors, self._refusals = _ByCode(errors), _ByCode(refusals)
        # All series are there from the start, at zero, so that their first increase is seen too.
        self._compiled = operations.labels("compiled", "none")
        self._refused = operations.labels("none", "refused")
        self._interpreted = {reason: operations.labels("interpreted", reason.value) for reason in Reason}
        self._seconds, self._statements, self._round_trips = (
            {driver: histogram.labels(driver) for driver in ("compiled", "interpreted")}
            for histogram in (duration, statements, round_trips)
        )
        self._samples = Samples(registry, pools, documents)
        self._folder = os.environ.get(FOLDER_VARIABLE)
        self._shown = registry
        if self._folder:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, self._folder)  # type: ignore[no-untyped-call]

    def operation(self, outcome: Outcome, context: OperationContext, seconds: float) -> None:
        """Count an operation that took so long."""
        for error in outcome.errors:
            self._errors[error["extensions"]["code"]].inc()
        if outcome.interpreted is not None:
            self._interpreted[outcome.interpreted.reason].inc()
            driver = "interpreted"
        elif outcome.executed:
            self._compiled.inc()
            driver = "compiled"
        else:
            self._refused.inc()
            return
        self._seconds[driver].observe(seconds)
        self._statements[driver].observe(context.statements)
        self._round_trips[driver].observe(context.round_trips)

    def delivery(self, over: str, outcome: Outcome) -> None:
        """Count what a subscription told, over this transport."""
        for error in outcome.errors:
            self._errors[error["extensions"]["code"]].inc()
        if outcome.executed:
            self._deliveries[over].inc()

    def streams(self, over: str, change: int) -> None:
        """Count so many more operations, or fewer, that run over this transport."""
        self._streams[over].inc(change)

    def sockets(self, change: int) -> None:
        """Count so many more open sockets, or fewer."""
        self._sockets.inc(change)

    def socket_closed(self, code: int) -> None:
        """Count a socket that the service closed."""
        self._closes.labels(str(int(code))).inc()

    def refusal(self, code: str) -> None:
        """Count a request that was refused with this code because it is not GraphQL over HTTP."""
        self._refusals[code].inc()

    def before_scrape(self, reading: Callable[[], Awaitable[None]]) -> None:
        """Have something read each time before the metrics are shown; it must not raise, nor take long."""
        self._readings.append(reading)

    @contextlib.asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Keep what other workers show of this one up to date."""
        if not self._folder:
            yield
            return
        task = asyncio.create_task(self._sample_now_and_then())
        try:
            yield
        finally:
            task.cancel()
            self._samples.take()

    async def _sample_now_and_then(self) -> None:
        while True:
            self._samples.take()
            await asyncio.sleep(SAMPLING_SECONDS)

    async def endpoint(self, request: Request) -> Response:
        """The metrics of the whole service."""
        self._samples.take()
        for reading in self._readings:
            await reading()
        # Adding up the files of many workers takes a while, which requests should not have to wait for.
        text = await run_in_threadpool(generate_latest, self._shown)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"cache-control": "no-store"})

"""The job queue: procrastinate over the service's own PostgreSQL, its tables in the schema `jobs`.

Importing it takes a moment, so it is imported when background work begins and not before.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from execution.services import Services
from jobs.delivering import Deliverer
from jobs.metrics import BackgroundMetrics
from jobs.timers import TIMERS, Timer

log = logging.getLogger(__name__)

_CONNECTIONS = 4
# Jobs of one process at the same time; each mostly waits for somebody else's machine.
CONCURRENCY = 20
# Within the time that a web server is given to stop.
STOP_SECONDS = 4.0
# A worker that has not been heard of for so long was killed.
STALLED_SECONDS = 30.0


def lock_of(endpoint_id: UUID) -> str:
    """What keeps a second job for an endpoint out of the queue while one waits there (jobs/claims.py looks for it)."""
    return f"webhook/{endpoint_id}"


class Queue:
    """The queue of one database, with all its tasks."""

    def __init__(self, services: Services, deliverer: Deliverer, metrics: BackgroundMetrics) -> None:
        """Raises ValueError without database_url."""
        url = services.settings.database_url
        if url is None:
            raise ValueError("the job queue needs a database_url")
        connector = PsycopgConnector(
            conninfo=url,
            min_size=1,
            max_size=_CONNECTIONS,
            kwargs={"options": "-c search_path=jobs -c timezone=UTC", "application_name": "c360 jobs"},
        )
        self._services = services
        self._deliverer = deliverer
        self._metrics = metrics
        self.app = App(connector=connector)
        self._deliver = self.app.task(name="webhooks.deliver")(self._deliver_webhooks)
        for timer in (
            *TIMERS,
            Timer("take-over-jobs", "* * * * *", "Puts jobs of killed workers back.", self.take_over),
        ):
            self._add(timer)

    async def _deliver_webhooks(self, endpoint_id: str) -> None:
        if await self._deliverer.deliver(UUID(endpoint_id)):
            # To the end of the line: others had to wait meanwhile.
            await self.wake(UUID(endpoint_id))

    def _add(self, timer: Timer) -> None:
        async def run(timestamp: int) -> None:
            try:
                count = await timer.does(self._services)
            except Exception:
                self._metrics.timer(timer.name, None)
                raise
            self._metrics.timer(timer.name, count)
            if count:
                log.info("%s: %d", timer.name, count)

        self._metrics.add_timer(timer.name)
        name = f"timers.{timer.name}"
        task = self.app.task(name=name, queueing_lock=name)(run)
        self.app.periodic(cron=timer.cron, periodic_id=timer.name)(task)

    async def wake(self, endpoint_id: UUID) -> None:
        """Put a job for an endpoint in the queue, if none waits there."""
        try:
            await self._deliver.configure(queueing_lock=lock_of(endpoint_id)).defer_async(endpoint_id=str(endpoint_id))
        except AlreadyEnqueued:
            log.debug("there is a job for webhook endpoint %s already", endpoint_id)

    async def take_over(self, _: Services) -> int:
        """Put the jobs of workers that were killed back in the queue; returns how many there were."""
        manager = self.app.job_manager
        count = 0
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            try:
                await manager.retry_job(job)
            except (AlreadyEnqueued, UniqueViolation):
                # Another one waits to do the same.
                await manager.finish_job(job, status=Status.FAILED, delete_job=True)
            except ConnectorException:
                # Another process was first, or the database is away: in a minute this is looked at again.
                continue
            count += 1
        return count

    async def work(self) -> None:
        """Do jobs until cancelled; those at hand then get STOP_SECONDS to end."""
        await self.app.run_worker_async(
            name="customer360",
            concurrency=CONCURRENCY,
            install_signal_handlers=False,
            delete_jobs="always",
            shutdown_graceful_timeout=STOP_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )


@asynccontextmanager
async def opened(services: Services, deliverer: Deliverer, metrics: BackgroundMetrics) -> AsyncIterator[Queue]:
    """The queue with its connections open."""
    queue = Queue(services, deliverer, metrics)
    async with queue.app.open_async():
        yield queue

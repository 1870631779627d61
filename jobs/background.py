"""Background work of one process: a worker for the queue, the timers, and who wakes the webhooks.

It runs inside `c360 serve`, in `c360 worker`, or in both, in any number of processes: they share what is to be done.
"""

import asyncio
import contextlib
import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from execution.operations import Runner
from execution.services import Services
from jobs.metrics import BackgroundMetrics

log = logging.getLogger(__name__)

_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 30.0


@asynccontextmanager
async def working(services: Services, runner: Runner, metrics: BackgroundMetrics) -> AsyncIterator[asyncio.Task[None]]:
    """Background work goes on meanwhile; what is at hand at the end is finished, or is done by another process.

    The task never ends by itself, unless the event feed closes.
    """
    task = asyncio.create_task(_work_on(services, runner, metrics), name="background work")
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _work_on(services: Services, runner: Runner, metrics: BackgroundMetrics) -> None:
    """Work; begin anew when the database was away, or for whatever other reason it stopped."""
    pause = _SHORTEST_PAUSE_SECONDS
    loop = asyncio.get_running_loop()
    # In a thread, after the service answers: the job queue takes a moment to import.
    await asyncio.to_thread(importlib.import_module, "jobs.queue")
    while True:
        begun = loop.time()
        try:
            await _work(services, runner, metrics)
        except Exception as error:
            # The message of what a library raises is not ours, and may hold more than a log should.
            log.error("background work stopped and begins anew: %s", type(error).__name__)
        else:
            return
        if loop.time() - begun > _LONGEST_PAUSE_SECONDS:
            pause = _SHORTEST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _work(services: Services, runner: Runner, metrics: BackgroundMetrics) -> None:
    from core.outbound import Outbound
    from jobs import queue
    from jobs.delivering import Deliverer
    from jobs.rules import Rules
    from jobs.waking import Waker

    async with Outbound(services.addresses) as outbound:
        deliverer = Deliverer(services, runner, outbound, Rules.of(services.settings), metrics)
        async with queue.opened(services, deliverer, metrics) as jobs:
            worker = asyncio.create_task(jobs.work())
            waker = asyncio.create_task(Waker(services.events, services.pool, jobs.wake).run())
            try:
                done, _ = await asyncio.wait({worker, waker}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                worker.cancel()
                waker.cancel()
                await asyncio.gather(worker, waker, return_exceptions=True)

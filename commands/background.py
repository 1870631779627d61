"""`c360 worker`: background work in a process of its own."""

import asyncio
import contextlib
import logging
import signal

import click

from core.database import make_pool
from core.errors import StartError
from core.scope import ROLES
from core.sealing import require_master_key
from core.server import database
from core.settings import Settings
from execution.operations import Runner
from execution.services import open_services
from jobs.background import working
from jobs.metrics import BackgroundMetrics
from migrations import upgrade
from resolvers.root import schema


def run(settings: Settings) -> None:
    """Work until interrupted (SIGINT) or terminated (SIGTERM), then return.

    Raises StartError with one clear line when a setting is wrong, the data folder cannot be used or the database does
    not answer.
    """
    require_master_key(settings)
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    with database(settings) as url:
        upgrade(url)
        asyncio.run(_work(settings.model_copy(update={"database_url": url})))


async def _work(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    url = settings.database_url
    if url is None:
        raise StartError("the worker needs a database")
    pool = make_pool(url, settings.pool_size)
    readers = {role.name: make_pool(url, settings.pool_size, role) for role in ROLES}
    # Nobody asks this process for metrics; what waits, those that answer requests tell.
    metrics = BackgroundMetrics()
    async with (
        pool,
        open_services(settings, pool, readers) as services,
        working(services, Runner(schema._schema), metrics),
    ):
        click.echo("customer360 does background work. Stop with Ctrl-C.")
        with contextlib.suppress(asyncio.CancelledError):
            await stopped.wait()

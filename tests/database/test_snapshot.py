"""One operation, one moment, one connection; its pool survives a server that comes and goes."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from core.database import make_pool
from core.snapshot import Pool, Snapshot


@pytest.fixture
async def pool(empty_database: str) -> AsyncIterator[Pool]:
    async with make_pool(empty_database, 3) as pool:
        await pool.wait()
        yield pool


async def test_reads_of_one_tick_share_a_round_trip(pool: Pool) -> None:
    async with Snapshot(pool) as snapshot:
        answers = await asyncio.gather(*(snapshot.fetch(b"select $1::int", [n]) for n in range(30)))
        assert answers == [[(n,)] for n in range(30)]
        assert (snapshot.statements, snapshot.round_trips) == (30, 1)
        await snapshot.fetch(b"select 1", [])
        assert (snapshot.statements, snapshot.round_trips) == (31, 2)


async def test_a_read_asked_for_a_turn_later_still_travels_along(pool: Pool) -> None:
    async def later(snapshot: Snapshot) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await snapshot.fetch(b"select 2", [])

    async with Snapshot(pool) as snapshot:
        await asyncio.gather(snapshot.fetch(b"select 1", []), later(snapshot))
        assert snapshot.round_trips == 1


async def test_a_write_committed_in_between_is_not_seen(pool: Pool, empty_database: str) -> None:
    count = b"select count(*) from teams"
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(count, []) == [(0,)]
        with psycopg.connect(empty_database) as other:
            other.execute("insert into teams (id, code, name, kind) values (gen_random_uuid(), 'T', 'T', 'SALES')")
        assert await snapshot.fetch(count, []) == [(0,)]
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(count, []) == [(1,)]


async def test_a_snapshot_cannot_write(pool: Pool) -> None:
    async with Snapshot(pool) as snapshot:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await snapshot.fetch(b"delete from teams", [])


async def test_an_error_reaches_every_reader_and_frees_the_connection(pool: Pool) -> None:
    for _ in range(5):  # more often than the pool has connections
        async with Snapshot(pool) as snapshot:
            results = await asyncio.gather(
                snapshot.fetch(b"select 1", []), snapshot.fetch(b"select 1/0", []), return_exceptions=True
            )
            assert all(isinstance(result, psycopg.Error) for result in results)
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(b"select 1", []) == [(1,)]


async def test_connections_killed_by_the_server_are_replaced(pool: Pool, empty_database: str) -> None:
    async with Snapshot(pool) as first, Snapshot(pool) as second:
        await asyncio.gather(first.fetch(b"select 1", []), second.fetch(b"select 1", []))
    with psycopg.connect(empty_database, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    await asyncio.sleep(0.2)
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(b"select 1", []) == [(1,)]


async def test_a_cancelled_reader_does_not_lose_the_connection(pool: Pool) -> None:
    for _ in range(5):
        snapshot = Snapshot(pool)
        task = asyncio.ensure_future(snapshot.fetch(b"select pg_sleep(0.05)", []))
        await asyncio.sleep(0.01)
        task.cancel()
        await snapshot.close()
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(b"select 1", []) == [(1,)]


async def test_reads_of_a_closed_snapshot_are_cancelled_and_take_no_connection(pool: Pool) -> None:
    for _ in range(5):
        snapshot = Snapshot(pool)
        before = asyncio.ensure_future(snapshot.fetch(b"select 1", []))
        await snapshot.close()
        after = asyncio.ensure_future(snapshot.fetch(b"select 2", []))
        assert [type(r) for r in await asyncio.gather(before, after, return_exceptions=True)] == [
            asyncio.CancelledError,
            asyncio.CancelledError,
        ]
        await asyncio.sleep(0.01)
    assert pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"]


async def test_a_statement_that_takes_too_long_is_refused_and_the_connection_survives(empty_database: str) -> None:
    async with make_pool(empty_database, 1) as pool:
        async with Snapshot(pool) as snapshot:
            with pytest.raises(psycopg.errors.QueryCanceled):
                await asyncio.gather(
                    snapshot.fetch(b"select set_config('statement_timeout', '50', false)", []),
                    snapshot.fetch(b"select pg_sleep(5)", []),
                )
        async with Snapshot(pool) as snapshot:
            assert await snapshot.fetch(b"select 1", []) == [(1,)]


async def test_a_value_longer_than_the_socket_buffers(pool: Pool) -> None:
    long = "x" * 8_000_000
    async with Snapshot(pool) as snapshot:
        answers = await asyncio.gather(*(snapshot.fetch(b"select $1::text", [long]) for _ in range(4)))
        assert all(answer == [(long,)] for answer in answers)

"""The chain: every committed entry once, in commit order, whoever writes and whoever seals."""

import asyncio
import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

import models
from auth.audit.chain import CHAIN_LOCK, COLUMNS
from auth.audit.connection import Connection, connect
from auth.audit.insertion import append
from auth.audit.sealing import Sealer
from tests.audit.logs import connections, entry, fill, findings, head, rows, seal, verified, written

IN_CHAIN_ORDER = """
select e.transaction_id, e.position, e.id
from audit_seals s join audit_entries e on e.id = s.entry_id order by s.number"""


async def _write(connection: Connection, dice: random.Random) -> set[UUID]:
    """A transaction of any length, rolled back now and then; the ids of the entries it left."""
    entries = [entry(f"n{n}") for n in range(dice.randint(1, 6))]
    async with connection.transaction(force_rollback=dice.random() < 0.25) as transaction:
        for one in entries:
            await append(connection, one)
            await asyncio.sleep(dice.choice((0, 0, 0.001, 0.01, 0.05)))
    return set() if transaction.force_rollback else {one.id for one in entries}


async def test_concurrent_transactions_are_sealed_in_commit_order(empty_database: str) -> None:
    dice = random.Random(7)
    left = [random.Random(dice.random()) for _ in range(400)]
    kept: set[UUID] = set()
    done = asyncio.Event()
    passes: list[int] = []

    async def write(connection: Connection) -> None:
        while left:
            kept.update(await _write(connection, left.pop()))

    async def keep_sealing(connection: Connection) -> None:
        sealer = Sealer(batch=13)
        while not done.is_set():
            passes.append(await sealer.seal_if_free(connection))
            await asyncio.sleep(0.005)

    async with connections(empty_database, 26) as (first, second, *writers):
        sealing = [asyncio.create_task(keep_sealing(connection)) for connection in (first, second)]
        await asyncio.gather(*(write(connection) for connection in writers))
        done.set()
        await asyncio.gather(*sealing)
    await seal(empty_database)

    chain = rows(empty_database, IN_CHAIN_ORDER)
    assert written(empty_database) == kept
    assert [row[2] for row in chain if row[2] in kept] == [row[2] for row in chain]
    assert len(chain) == len(kept) > 500
    order = [row[:2] for row in chain]
    assert order == sorted(order)
    assert sum(sealed > 0 for sealed in passes) > 10, "the chain should have grown while others wrote"
    assert await findings(empty_database) == []


async def test_an_entry_waits_for_older_transactions_and_hinders_nobody(empty_database: str) -> None:
    async with connections(empty_database, 3) as (old, new, sealing):
        sealer = Sealer()
        async with old.transaction():
            await append(old, entry("old"))
            await append(new, entry("new"))
            assert await asyncio.wait_for(sealer.seal(sealing), 5) == 0
            assert (await verified(empty_database))[1].pending == 1
        assert await sealer.seal(sealing) == 2
    operations = rows(
        empty_database, "select operation from audit_seals s join audit_entries e on e.id = entry_id order by number"
    )
    assert operations == [("old",), ("new",)]


async def test_writers_do_not_wait_for_the_chain(empty_database: str) -> None:
    fill(empty_database, 10)
    async with connections(empty_database, 2) as (sealing, writer):
        async with sealing.transaction():
            await sealing.execute("select pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
            await writer.execute("set lock_timeout to '200ms'")
            await append(writer, entry())
            other = Sealer()
            assert await other.seal_if_free(writer) == 0
        assert await other.seal_if_free(writer) == 11


async def test_processes_seal_one_after_another(empty_database: str) -> None:
    processes = [_process(empty_database, 50) for _ in range(2)]
    for first in range(20):
        fill(empty_database, 100, per_transaction=first + 1)
        await asyncio.sleep(0.02)
    end = time.monotonic() + 30
    while rows(empty_database, "select count(*) from audit_seals") != [(2000,)]:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    for process in processes:
        process.send_signal(signal.SIGTERM)
    sealed = [int(process.communicate(timeout=30)[0]) for process in processes]
    assert sum(sealed) == 2000
    assert await findings(empty_database) == []


async def test_a_process_that_is_killed_leaves_a_whole_chain(empty_database: str) -> None:
    fill(empty_database, 6000)
    dice, grew = random.Random(3), []
    for _ in range(6):
        before = (await head(empty_database)).number
        process = _process(empty_database, 1)
        await asyncio.sleep(dice.uniform(0.05, 0.5))
        process.kill()
        process.communicate()
        # Its transaction ends when the server notices.
        async with await connect(empty_database) as connection:
            await connection.execute("select pg_advisory_lock(%s)", (CHAIN_LOCK,))
        grew.append((await head(empty_database)).number - before)
        chain = rows(empty_database, "select number from audit_seals order by number")
        assert [number for (number,) in chain] == list(range(1, len(chain) + 1))
    assert any(grew), "no process got as far as sealing"
    assert len(chain) < 6000, "a process should have been killed in the midst of it"
    await seal(empty_database)
    assert await findings(empty_database) == []
    assert (await head(empty_database)).number == 6000


def _process(url: str, batch: int) -> subprocess.Popen[str]:
    """A sealing process, once it is at work."""
    command = [sys.executable, "-m", "tests.audit.sealing_process", url, str(batch)]
    root = Path(__file__).parent.parent.parent
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


async def test_the_chain_is_what_the_page_says_it_is(empty_database: str) -> None:
    """Computed anew by another program, as an auditor would: from PostgreSQL's JSON, with the standard library."""
    fill(empty_database, 20)
    async with await connect(empty_database) as connection:
        await append(
            connection, entry("last", purpose='ends with "\\ \x7f \x01 \u2028 😀', request_id=str(UUID(int=5)))
        )
    await seal(empty_database)
    query = """
        select jsonb_build_array(
            id, position, transaction_id, (extract(epoch from recorded_at) * 1000000)::bigint, kind, actor_kind,
            actor_id, session_id, operation, document_hash, customer_ids, sensitive_fields, purpose, details::text,
            request_id)
        from audit_seals s join audit_entries e on e.id = s.entry_id order by number"""
    last = hashlib.sha256(b"customer360 audit log, chain 1").digest()
    for (values,) in rows(empty_database, query):
        canonical = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        last = hashlib.sha256(last + canonical.encode()).digest()
    assert (await head(empty_database)).hash == last


def test_every_column_of_an_entry_is_in_its_hash() -> None:
    table = models.metadata.tables["audit_entries"]
    assert [any(column.name in part for part in COLUMNS) for column in table.columns] == [True] * len(table.columns)
    assert len(COLUMNS) == len(table.columns)


@pytest.mark.parametrize("same_sealer", [True, False])
async def test_a_log_from_another_server_goes_on(empty_database: str, same_sealer: bool) -> None:
    """A restored dump brings transaction ids this server has not reached, with and without a seal."""
    sealer = Sealer(batch=4)

    async def go_on() -> int:
        async with await connect(empty_database) as connection:
            return await (sealer if same_sealer else Sealer(batch=4)).seal(connection)

    def foreign(first: int) -> None:
        with psycopg.connect(empty_database) as connection:
            connection.execute(
                "insert into audit_entries (id, transaction_id, kind, actor_kind)"
                " select gen_random_uuid(), 5000000000 + n, 'SIGN_IN', 'USER' from generate_series(%s::int, %s) n",
                (first, first + 9),
            )

    foreign(0)
    assert await go_on() == 10
    assert await go_on() == 0
    fill(empty_database, 6, per_transaction=2)
    assert await go_on() == 6
    fill(empty_database, 3)
    assert await go_on() == 3
    assert await findings(empty_database) == []

"""The writer: within a second, at the end, and over a time without the database nothing is lost."""

import asyncio
import logging
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from auth.audit import AuditUnavailable, AuditWriter, append, profiles_opened, running
from auth.audit.connection import connect
from auth.audit.entries import Entry
from auth.audit.insertion import INSERT, payload
from auth.audit.writer import BATCH
from core.settings import Settings
from models.audit import AuditKind
from tests.audit.logs import AGENT, entry, findings, give_back, gone, head, rows, take_away, written

CUSTOMERS = [f"0192f0c1-7c3e-7b11-a0b1-{n:012}" for n in range(3)]


async def test_written_within_a_second(empty_database: str) -> None:
    async with AuditWriter(empty_database) as writer, await connect(empty_database) as reader:
        for n in range(3):
            started = time.monotonic()
            writer.record(entry())
            while time.monotonic() < started + 1:
                cursor = await reader.execute("select count(*) from audit_entries")
                if await cursor.fetchone() == (n + 1,):
                    break
                await asyncio.sleep(0.01)
            else:
                pytest.fail("not written within a second")
            # So that entries also come while the writer rests.
            await asyncio.sleep(0.3 * n)


async def test_many_are_written_at_once_and_in_order(empty_database: str) -> None:
    entries = [entry(f"n{n}") for n in range(3 * BATCH + 7)]
    async with AuditWriter(empty_database) as writer:
        for one in entries:
            writer.record(one)
        await writer.flush()
        assert writer.waiting == 0
        found = rows(empty_database, "select id from audit_entries order by position")
        assert [row[0] for row in found] == [one.id for one in entries]
        [(transactions,)] = rows(empty_database, "select count(distinct transaction_id) from audit_entries")
        assert transactions == 4


async def test_a_full_batch_does_not_wait(empty_database: str) -> None:
    async with AuditWriter(empty_database) as writer:
        await asyncio.sleep(0.05)
        for _ in range(BATCH):
            writer.record(entry())
        started = time.monotonic()
        while writer.waiting and time.monotonic() < started + 5:
            await asyncio.sleep(0.001)
        assert len(written(empty_database)) == BATCH


async def test_the_end_writes_what_is_left(empty_database: str) -> None:
    entries = [entry() for _ in range(BATCH + 1)]
    async with AuditWriter(empty_database) as writer:
        for one in entries:
            writer.record(one)
    assert written(empty_database) == {one.id for one in entries}
    with pytest.raises(AuditUnavailable):
        writer.record(entry())


async def test_what_is_recorded_arrives_as_it_was(empty_database: str) -> None:
    opened = profiles_opened(
        AGENT,
        [*CUSTOMERS, CUSTOMERS[0]],
        operation="Profile",
        document_hash="ab" * 32,
        sensitive_fields=("Customer.birthDate", 'with "quotes" and \\'),
        purpose="Rückfrage zu “K-0000001” 😀",
        request_id=CUSTOMERS[2],
    )
    async with AuditWriter(empty_database) as writer:
        writer.record(opened)
    [row] = rows(
        empty_database,
        "select id, recorded_at, kind, actor_kind, actor_id::text, operation, document_hash, customer_ids::text[],"
        " sensitive_fields, purpose, details, request_id::text from audit_entries",
    )
    assert row == (
        opened.id,
        opened.recorded_at,
        "PROFILE_OPENED",
        "USER",
        AGENT.id,
        "Profile",
        "ab" * 32,
        CUSTOMERS,
        ["Customer.birthDate", 'with "quotes" and \\'],
        "Rückfrage zu “K-0000001” 😀",
        {},
        CUSTOMERS[2],
    )


async def test_append_stands_and_falls_with_the_transaction(empty_database: str) -> None:
    kept = entry()
    async with await connect(empty_database) as connection:
        async with connection.transaction(force_rollback=True):
            await append(connection, entry(), entry())
        async with connection.transaction():
            await append(connection, kept)
            assert written(empty_database) == set()
    assert written(empty_database) == {kept.id}


async def test_a_time_without_the_database_loses_nothing(
    server: str, empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    entries = [entry(f"n{n}") for n in range(300)]
    async with AuditWriter(empty_database) as writer:
        writer.record(entries[0])
        await writer.flush()
        with gone(server, empty_database):
            for one in entries[1:]:
                writer.record(one)
                await asyncio.sleep(0.005)
            with pytest.raises(psycopg.OperationalError):
                await writer.flush()
            assert writer.waiting == 299
        back = time.monotonic()
        while writer.waiting and time.monotonic() < back + 5:
            await asyncio.sleep(0.02)
        assert writer.waiting == 0, "the writer should go on by itself when the database is back"
        [record] = caplog.records
        assert record.getMessage().startswith("the audit log cannot be written and keeps its entries")
    found = rows(empty_database, "select id from audit_entries order by position")
    assert [row[0] for row in found] == [one.id for one in entries]


async def test_connections_that_die_all_the_time_lose_and_double_nothing(server: str, empty_database: str) -> None:
    entries = [entry(f"n{n}") for n in range(2000)]
    async with AuditWriter(empty_database) as writer:
        for n, one in enumerate(entries):
            writer.record(one)
            if n % 100 == 0:
                await asyncio.to_thread(take_away, server, empty_database)
                await asyncio.to_thread(give_back, server, empty_database)
            await asyncio.sleep(0)
    found = rows(empty_database, "select id from audit_entries order by position")
    assert [row[0] for row in found] == [one.id for one in entries]


async def test_sent_twice_is_written_once(empty_database: str) -> None:
    """A connection that breaks in the midst of a commit leaves open whether it happened."""
    entries = [entry(), entry()]
    async with await connect(empty_database) as connection:
        await connection.execute(INSERT, (payload(entries[:1]),))
        await connection.execute(INSERT, (payload(entries),))
    assert written(empty_database) == {one.id for one in entries}
    assert len(rows(empty_database, "select from audit_entries")) == 2


async def test_the_end_without_the_database_leaves_a_file_for_the_next_start(
    server: str, empty_database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "home" / "audit"
    entries = [entry(purpose='a quote " and a line\nbreak') for _ in range(20)]
    with gone(server, empty_database):
        async with AuditWriter(empty_database, spill=folder) as writer:
            for one in entries:
                writer.record(one)
    assert "20 entries of the audit log wait in a file" in caplog.text
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert written(empty_database) == set()

    again = file.read_bytes()
    async with AuditWriter(empty_database, spill=folder):
        await _until(lambda: len(written(empty_database)) == 20)
        await _until(lambda: not file.exists())
    assert written(empty_database) == {one.id for one in entries}

    # A process that died between writing the entries and removing the file.
    file.write_bytes(again)
    (folder / "broken.entries.json").write_text("{")
    async with AuditWriter(empty_database, spill=folder) as writer:
        writer.record(entry())
        await _until(lambda: len(written(empty_database)) == 21)
    assert [left.name for left in folder.iterdir()] == ["broken.entries.json"]
    assert "a file of audit entries cannot be read" in caplog.text


async def _until(holds: "object") -> None:
    assert callable(holds)
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def test_without_a_folder_the_loss_is_said(
    server: str, empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with gone(server, empty_database):
        async with AuditWriter(empty_database) as writer:
            writer.record(entry())
    assert "1 entries of the audit log are lost: there is no folder for them" in caplog.text


async def test_full_refuses(server: str, empty_database: str) -> None:
    async with AuditWriter(empty_database, capacity=5) as writer:
        with gone(server, empty_database):
            for _ in range(5):
                writer.record(entry())
            with pytest.raises(AuditUnavailable) as refusal:
                writer.record(entry())
            assert refusal.value.code == "AUDIT_UNAVAILABLE"
        await _until(lambda: writer.waiting == 0)
        writer.record(entry())
    assert len(written(empty_database)) == 6


async def test_full_continues_and_notes_the_gap(server: str, empty_database: str) -> None:
    late = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
    async with AuditWriter(empty_database, capacity=5, when_full="continue") as writer:
        with gone(server, empty_database):
            for _ in range(7):
                writer.record(entry())
            last = entry()
            last.recorded_at = late
            writer.record(last)
        await _until(lambda: len(written(empty_database)) == 6)
    [(details,)] = rows(empty_database, "select details from audit_entries where kind = 'ENTRIES_LOST'")
    assert details["entries"] == 3
    assert details["until"] == late.isoformat()


async def test_an_entry_the_database_refuses_does_not_hold_up_the_others(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    odd = [
        entry("a NUL \0 and half a pair \ud800", purpose="\0"),
        Entry(AuditKind.REVEAL, details={"\0": ["\udfff", "x"]}, sensitive_fields=("\0",)),
        entry("x" * 100_000, purpose="y" * 100_000),
        Entry(AuditKind.REVEAL, actor_id="no id", request_id=CUSTOMERS[0], customer_ids=("x", "y")),
    ]
    async with AuditWriter(empty_database) as writer:
        for one in [entry("before"), *odd, entry("after")]:
            writer.record(one)
    found = rows(
        empty_database, "select operation, purpose, details, request_id::text from audit_entries order by position"
    )
    assert found[0][0] == "before"
    assert found[1][:2] == ("a NUL � and half a pair ?", "�")
    assert found[2][2] == {"�": ["?", "x"]}
    assert found[3][:2] == ("x" * 1000, "y" * 1000)
    assert found[4][2:] == ({"incomplete": True, "customers": 2}, CUSTOMERS[0])
    assert found[5][0] == "after"
    assert "an entry of the audit log could only be written in part: InvalidTextRepresentation" in caplog.text
    assert "no id" not in caplog.text


async def test_a_process_that_serves_writes_and_seals(empty_database: str, tmp_path: Path) -> None:
    """What comes last is written and sealed at the end, without anyone asking.

    Unless a transaction of a test in another process was running then, which the end does not wait for.
    """
    for attempt in range(5):
        async with running(Settings(database_url=empty_database, home=tmp_path)) as writer:
            before = (await head(empty_database)).number
            writer.record(entry())
            end = time.monotonic() + 30
            while (await head(empty_database)).number == before:
                assert time.monotonic() < end
                await asyncio.sleep(0.05)
            writer.record(entry())
        assert len(written(empty_database)) == 2 * (attempt + 1)
        if (await head(empty_database)).number == 2 * (attempt + 1):
            break
    else:
        pytest.fail("the last entry was never sealed at the end")
    assert await findings(empty_database) == []


async def test_sealing_survives_a_time_without_the_database(
    server: str, empty_database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with running(Settings(database_url=empty_database, home=tmp_path)) as writer:
        writer.record(entry())
        with gone(server, empty_database):
            await asyncio.sleep(2.5)
            writer.record(entry())
        # Also of tests in other processes no older transaction may run.
        end = time.monotonic() + 40
        while (await head(empty_database)).number < 2:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
    assert caplog.text.count("the audit log is not being sealed") == 1


def test_ids_are_in_the_order_of_recording() -> None:
    ids: list[UUID] = [entry().id for _ in range(100)]
    assert ids == sorted(ids)

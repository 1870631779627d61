"""Whatever a superuser does to the log past its triggers, the verification names the entry."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import models
from auth.audit.chain import GENESIS, SELECT, Head, link
from tests.audit.logs import fill, findings, head, rows, seal, verified

ENTRIES = 40


@pytest.fixture
async def log(empty_database: str) -> str:
    """A sealed log."""
    fill(empty_database, ENTRIES, per_transaction=3)
    await seal(empty_database)
    assert await findings(empty_database) == []
    return empty_database


@pytest.fixture
def superuser(log: str) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection for which the log is a table like any other."""
    with psycopg.connect(log, autocommit=True) as connection:
        for table in ("audit_entries", "audit_seals"):
            connection.execute(f"alter table {table} disable trigger all")
        yield connection


Superuser = psycopg.Connection[tuple[Any, ...]]


def _entry_at(url: str, number: int) -> str:
    [(entry_id,)] = rows(url, "select entry_id::text from audit_seals where number = %s", number)
    return str(entry_id)


CHANGES = {
    "id": "gen_random_uuid()",
    "position": "1000000",
    "transaction_id": "transaction_id - 1",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "kind": "'SIGN_IN'",
    "actor_kind": "'SYSTEM'",
    "actor_id": "null",
    "session_id": "gen_random_uuid()",
    "operation": "operation || ' '",
    "document_hash": "''",
    "customer_ids": "customer_ids[1:1]",
    "sensitive_fields": "'{}'",
    "purpose": "'another'",
    "details": "details || '{\"n\": 99}'",
    "request_id": "gen_random_uuid()",
}


def test_each_column_is_tried() -> None:
    assert set(CHANGES) == set(models.metadata.tables["audit_entries"].columns.keys())


async def test_a_change_of_any_column_is_found(log: str, superuser: Superuser) -> None:
    """Each column is changed in another entry."""
    expected = []
    for number, (column, value) in enumerate(CHANGES.items(), start=5):
        entry = _entry_at(log, number)
        superuser.execute(f"update audit_entries set {column} = {value} where id = '{entry}'")
        what = "removed" if column == "id" else "changed, moved or inserted"
        expected.append(f"entry aud_{entry} (seal {number}) was {what}")
    assert (await findings(log))[: len(expected)] == expected


async def test_a_changed_hash_is_found(log: str, superuser: Superuser) -> None:
    superuser.execute("update audit_seals set hash = sha256('x') where number = 17")
    expected = [f"entry aud_{_entry_at(log, n)} (seal {n}) was changed, moved or inserted" for n in (17, 18)]
    assert await findings(log) == expected


@pytest.mark.parametrize("number", [1, 17, ENTRIES])
async def test_a_removed_entry_is_found(log: str, superuser: Superuser, number: int) -> None:
    entry = _entry_at(log, number)
    superuser.execute("delete from audit_entries where id = %s", (entry,))
    assert await findings(log) == [f"entry aud_{entry} (seal {number}) was removed"]


async def test_an_entry_removed_with_its_seal_is_found(log: str, superuser: Superuser) -> None:
    entry, follower = _entry_at(log, 17), _entry_at(log, 18)
    superuser.execute("delete from audit_seals where number = 17")
    superuser.execute("delete from audit_entries where id = %s", (entry,))
    assert await findings(log) == [f"seal 17 is missing, before entry aud_{follower} (seal 18)"]


async def test_a_closed_gap_is_found(log: str, superuser: Superuser) -> None:
    """Removed with its seal, and all later seals moved up."""
    entry, follower = _entry_at(log, 17), _entry_at(log, 18)
    superuser.execute("delete from audit_seals where number = 17")
    superuser.execute("delete from audit_entries where id = %s", (entry,))
    superuser.execute("update audit_seals set number = -number where number > 17")
    superuser.execute("update audit_seals set number = -number - 1 where number < 0")
    assert await findings(log) == [f"entry aud_{follower} (seal 17) was changed, moved or inserted"]


async def test_a_removed_seal_is_found(log: str, superuser: Superuser) -> None:
    entry, follower = _entry_at(log, 17), _entry_at(log, 18)
    superuser.execute("delete from audit_seals where number = 17")
    assert await findings(log) == [
        f"seal 17 is missing, before entry aud_{follower} (seal 18)",
        f"entry aud_{entry} has no seal: it was inserted, or its seal was removed",
    ]


async def test_a_removed_beginning_is_found(log: str, superuser: Superuser) -> None:
    superuser.execute("delete from audit_entries using audit_seals where number <= 5 and entry_id = id")
    superuser.execute("delete from audit_seals where number <= 5")
    assert await findings(log) == [f"seals 1 to 5 are missing, before entry aud_{_entry_at(log, 6)} (seal 6)"]


async def _insert(superuser: Superuser, transaction: str) -> str:
    row = superuser.execute(
        "insert into audit_entries (id, transaction_id, position, recorded_at, kind, actor_kind)"
        f" select gen_random_uuid(), {transaction}, -1, recorded_at, 'REVEAL', 'USER'"
        " from audit_entries join audit_seals on entry_id = id where number = 17 returning id::text"
    ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("transaction", ["transaction_id", "1", "5000000000"])
async def test_an_inserted_entry_is_found(log: str, superuser: Superuser, transaction: str) -> None:
    entry = await _insert(superuser, transaction)
    assert await findings(log) == [f"entry aud_{entry} has no seal: it was inserted, or its seal was removed"]


async def test_an_entry_inserted_with_a_seal_is_found(log: str, superuser: Superuser) -> None:
    """The forged seal fits the one before it, and all later ones have moved down."""
    entry, follower = await _insert(superuser, "transaction_id"), _entry_at(log, 18)
    superuser.execute("update audit_seals set number = -number where number > 17")
    superuser.execute("update audit_seals set number = -number + 1 where number < 0")
    before = superuser.execute("select hash from audit_seals where number = 17").fetchone()
    values = superuser.execute(f"select {SELECT} from audit_entries e where id = '{entry}'").fetchone()
    assert before is not None
    assert values is not None
    superuser.execute("insert into audit_seals values (18, %s, %s)", (entry, link(before[0], values)))
    assert await findings(log) == [f"entry aud_{follower} (seal 19) was changed, moved or inserted"]


async def test_moved_entries_are_found(log: str, superuser: Superuser) -> None:
    first, second = _entry_at(log, 17), _entry_at(log, 20)
    superuser.execute("delete from audit_seals where entry_id = %s", (first,))
    superuser.execute("update audit_seals set entry_id = %s where number = 20", (first,))
    superuser.execute("insert into audit_seals select 17, %s, hash from audit_seals where number = 20", (second,))
    found = await findings(log)
    assert f"entry aud_{second} (seal 17) was changed, moved or inserted" in found
    assert f"entry aud_{first} (seal 20) was changed, moved or inserted" in found


async def test_moved_seals_are_found(log: str, superuser: Superuser) -> None:
    superuser.execute("update audit_seals set number = 0 where number = 17")
    superuser.execute("update audit_seals set number = 17 where number = 18")
    superuser.execute("update audit_seals set number = 18 where number = 0")
    expected = [f"entry aud_{_entry_at(log, n)} (seal {n}) was changed, moved or inserted" for n in (17, 18, 19)]
    assert await findings(log) == expected


async def test_a_removed_end_is_found_by_a_noted_head(log: str, superuser: Superuser) -> None:
    noted = await head(log)
    superuser.execute("create temporary table gone as select entry_id from audit_seals where number > 30")
    superuser.execute("delete from audit_seals where number > 30")
    superuser.execute("delete from audit_entries where id in (select entry_id from gone)")
    assert await findings(log) == [], "without a head there is nothing to compare with"
    assert await findings(log, noted) == [
        "the chain ends at seal 30, but once had a seal 40: seals were removed at its end"
    ]


async def test_a_removed_end_that_grew_again_is_found_by_a_noted_head(log: str, superuser: Superuser) -> None:
    noted = await head(log)
    superuser.execute("create temporary table gone as select entry_id from audit_seals where number > 30")
    superuser.execute("delete from audit_seals where number > 30")
    superuser.execute("delete from audit_entries where id in (select entry_id from gone)")
    fill(log, 20)
    assert await findings(log) == []
    assert await findings(log, noted) == ["seal 40 is not the one that was noted: the chain up to it was made anew"]


async def test_a_chain_made_anew_is_found_by_a_noted_head(log: str, superuser: Superuser) -> None:
    early, late = (await _head_at(log, 10)), await head(log)
    superuser.execute("update audit_entries set actor_id = null where id = %s", (_entry_at(log, 17),))
    last = GENESIS
    query = f"select number, {SELECT} from audit_seals s join audit_entries e on e.id = s.entry_id order by number"
    for number, *values in superuser.execute(query).fetchall():
        last = link(last, tuple(values))
        superuser.execute("update audit_seals set hash = %s where number = %s", (last, number))
    assert await findings(log) == []
    assert await findings(log, early) == [], "up to there nothing was changed"
    assert await findings(log, late, early) == [
        "seal 40 is not the one that was noted: the chain up to it was made anew"
    ]


async def _head_at(url: str, number: int) -> Head:
    [(hash_,)] = rows(url, "select hash from audit_seals where number = %s", number)
    return Head(number, hash_)


async def test_an_emptied_log_is_found_by_a_noted_head(log: str, superuser: Superuser) -> None:
    noted = await head(log)
    superuser.execute("delete from audit_seals")
    superuser.execute("delete from audit_entries")
    assert await findings(log, noted) == [
        "the chain ends at seal 0, but once had a seal 40: seals were removed at its end"
    ]


async def test_seals_removed_at_the_end_come_back_the_same(log: str, superuser: Superuser) -> None:
    """Nothing is lost by that: the entries are there, and the next sealing gives them the hashes they had."""
    noted = await head(log)
    superuser.execute("delete from audit_seals where number > 30")
    assert await findings(log, noted) == []
    assert await head(log) == noted


async def test_a_long_log_is_not_read_into_memory(empty_database: str) -> None:
    fill(empty_database, 20_000, per_transaction=20_000)
    await seal(empty_database)
    tracemalloc.start()
    try:
        found, verification = await verified(empty_database)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found, verification.head.number) == ([], 20_000)
    assert most < 8_000_000, f"{most:,} bytes at once"

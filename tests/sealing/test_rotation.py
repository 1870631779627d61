"""Rotation of the master key: while the service runs, killed in the midst and run again, nothing is lost."""

import base64
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from auth.sealed import open_value
from core.errors import StartError
from core.sealing import LocalKeys, SealError, keyring_of, rotate_master
from tests.keys import MASTER_KEY, OTHER_MASTER_KEY, keyring_in
from tests.sealing.conftest import Connection
from tests.sealing.stored import opened, places

OLD, NEW = MASTER_KEY, OTHER_MASTER_KEY
OLD_ID, NEW_ID = LocalKeys(OLD, NEW).ids
PATIENCE_SECONDS = 60.0


def _under(url: str) -> dict[str, int]:
    """How many data keys each master key wraps."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select master_key_id, count(*) from data_keys group by 1").fetchall()
    return dict(rows)


def _index_key_is_under(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select master_key_id from sealing_keys").fetchone()
    assert row is not None
    return str(row[0])


def _start(url: str, home: Path, batch: int) -> "subprocess.Popen[str]":
    """`c360 keys rotate-master`, as an operator runs it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("C360_")}
    return subprocess.Popen(
        [Path(sys.executable).with_name("c360"), "keys", "rotate-master", "--batch", str(batch)],
        env={
            **environment,
            "C360_HOME": str(home),
            "C360_ENV": "production",
            "DATABASE_URL": url,
            "C360_MASTER_KEY": base64.b64encode(NEW).decode(),
            "C360_MASTER_KEYS_OLD": base64.b64encode(OLD).decode(),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_one_waiting(url: str) -> bool:
    query = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with psycopg.connect(url) as connection:
        return bool(connection.execute(query).fetchall())


@contextlib.contextmanager
def _held_in_the_midst(url: str) -> Iterator[None]:
    """A lock on the key in the middle, behind which the rotation waits."""
    with psycopg.connect(url) as holder:
        holder.execute(
            "select from data_keys where customer_id = (select customer_id from data_keys order by customer_id"
            " offset (select count(*) / 2 from data_keys) limit 1) for update"
        )
        yield


async def test_killed_in_the_midst_it_is_finished_by_the_next_run(
    own_demo_database: str, connection: Connection, tmp_path: Path
) -> None:
    url = own_demo_database
    texts = opened(url, keyring_in(url, OLD))
    everything = _under(url)[OLD_ID]

    with _held_in_the_midst(url):
        rotating = _start(url, tmp_path, 7)
        try:
            _eventually(lambda: _is_one_waiting(url))
        finally:
            rotating.send_signal(signal.SIGKILL)
            rotating.communicate()
        # Whole batches are done, the one in the midst and those behind it are not.
        done = _under(url)[NEW_ID]
        assert done % 7 == 0
        assert 0 < done < everything
        # The service, which knows both keys, reads everything meanwhile.
        service = keyring_in(url, NEW, OLD)
        for table, field, row_id in places(url):
            assert await open_value(connection, service, table, row_id, field) == texts[table, field, row_id]

    # With one of them alone it would not start.
    for alone in (OLD, NEW):
        with pytest.raises(StartError, match="sealed with master key"):
            keyring_in(url, alone)

    again = _start(url, tmp_path, 7)
    out, err = again.communicate(timeout=PATIENCE_SECONDS)
    assert (again.returncode, err) == (0, "")
    assert out == (
        f"{everything - done:,} data keys wrapped anew; all are now under master key {NEW_ID}\n"
        f"no longer needed for this database: {OLD_ID}\n"
    )
    assert _under(url) == {NEW_ID: everything}
    assert opened(url, keyring_in(url, NEW)) == texts
    with pytest.raises(StartError):
        keyring_in(url, OLD)


def test_indexes_and_sealed_values_stay_as_they_are(own_demo_database: str) -> None:
    query = "select id, national_id_sealed, national_id_index from customers order by id"
    with psycopg.connect(own_demo_database) as connection:
        before = connection.execute(query).fetchall()
        connection.commit()
        rotate_master(connection, LocalKeys(NEW, OLD))
        assert connection.execute(query).fetchall() == before
    assert _index_key_is_under(own_demo_database) == NEW_ID


def test_keys_stored_under_the_old_master_key_meanwhile_are_found(own_demo_database: str) -> None:
    """A service that was not restarted yet goes on wrapping with the old one, also where the rotation has passed."""
    old = keyring_in(own_demo_database, OLD)
    with psycopg.connect(own_demo_database) as connection:
        customers: list[UUID] = [
            row[0]
            for row in connection.execute(
                "select id from customers where id not in (select customer_id from data_keys) order by id"
            )
        ]
    seen: list[int] = []

    def store(done: int) -> None:
        seen.append(done)
        if customers:
            customer = customers.pop(0)
            _, wrapped = old.new_data_key(customer)
            with psycopg.connect(own_demo_database) as service:
                service.execute(
                    "insert into data_keys values (%s, %s, %s, now())", [customer, wrapped.data, wrapped.master_key_id]
                )

    count = _under(own_demo_database)[OLD_ID]
    added = len(customers)
    with psycopg.connect(own_demo_database) as connection:
        assert rotate_master(connection, LocalKeys(NEW, OLD), batch=5, progress=store) == count + added
    assert not customers
    assert seen == sorted(seen)
    assert _under(own_demo_database) == {NEW_ID: count + added}


def test_two_at_once_share_the_work(own_demo_database: str, tmp_path: Path) -> None:
    texts = opened(own_demo_database, keyring_in(own_demo_database, OLD))
    both = [_start(own_demo_database, tmp_path, 3) for _ in range(2)]
    for rotating in both:
        _, err = rotating.communicate(timeout=PATIENCE_SECONDS)
        assert (rotating.returncode, err) == (0, "")
    assert opened(own_demo_database, keyring_in(own_demo_database, NEW)) == texts


def test_several_old_keys_are_left_behind_at_once(own_demo_database: str) -> None:
    third = bytes(32)
    with psycopg.connect(own_demo_database) as connection:
        with pytest.raises(KeyboardInterrupt):
            rotate_master(connection, LocalKeys(NEW, OLD), batch=20, progress=_interrupt)
        connection.rollback()
        assert set(_under(own_demo_database)) == {OLD_ID, NEW_ID}
        rotate_master(connection, LocalKeys(third, OLD, NEW), batch=20)
    texts = opened(own_demo_database, keyring_in(own_demo_database, third))
    assert texts


def _interrupt(done: int) -> None:
    raise KeyboardInterrupt


def test_with_nothing_to_do_nothing_is_done(own_demo_database: str) -> None:
    with psycopg.connect(own_demo_database) as connection:
        assert rotate_master(connection, LocalKeys(OLD)) == 0
    assert _index_key_is_under(own_demo_database) == OLD_ID


def test_a_key_that_does_not_open_stops_it_and_loses_nothing(own_demo_database: str) -> None:
    before = _under(own_demo_database)
    with psycopg.connect(own_demo_database) as connection:
        connection.execute(
            "update data_keys set wrapped_key = 'spoilt' where customer_id = (select max(customer_id::text)::uuid"
            " from data_keys)"
        )
        connection.commit()
        with pytest.raises(SealError, match="does not open"):
            rotate_master(connection, LocalKeys(NEW, OLD), batch=10)
    after = _under(own_demo_database)
    assert after[OLD_ID] + after[NEW_ID] == before[OLD_ID]
    assert 1 <= after[OLD_ID] <= 10
    with psycopg.connect(own_demo_database) as connection:
        keyring_of(LocalKeys(NEW, OLD), connection)

"""Who follows the history is woken by an import, once for each transaction that adds to it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from events.append import CHANNEL
from imports.files.running import BATCH_ROWS
from tests.imports.people import ADA, BOB, People

_Listener = psycopg.Connection[Any]


@pytest.fixture
def listener(people: People) -> Iterator[_Listener]:
    """Somebody who follows the history."""
    with psycopg.connect(people.url, autocommit=True) as connection:
        connection.execute(f"listen {CHANNEL}".encode())
        yield connection


def woken(listener: _Listener) -> int:
    """How often they were woken since they were last asked."""
    return len(list(listener.notifies(timeout=0.2)))


def test_an_import_wakes_once_for_each_batch(people: People, listener: _Listener) -> None:
    people.run(ADA, BOB)
    assert len(people.events()) > 1
    assert woken(listener) == 1
    people.run(*(f"{number},Ada,King,1815-12-10,1,7,active,," for number in range(100, 101 + BATCH_ROWS)))
    assert woken(listener) == 2


def test_who_has_nothing_to_read_is_not_woken(people: People, listener: _Listener) -> None:
    people.run(ADA, BOB, dry_run=True)
    assert woken(listener) == 0
    people.run(ADA, BOB)
    assert woken(listener) == 1
    people.run(ADA, BOB)
    assert woken(listener) == 0

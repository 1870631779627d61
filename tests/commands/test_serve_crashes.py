"""`c360 serve` and its PostgreSQL killed: nothing is left over, nothing is left half done."""

import os
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.commands.conftest import Start
from tests.commands.service import CUSTOMERS, Service, database_processes, embedded_url, eventually
from tests.core.embedded_postgres.servers import parent, postmaster


def test_a_killed_service_leaves_nothing_running(used_home: Path, start: Start) -> None:
    for workers in ("1", "2"):
        service = start(C360_WORKERS=workers).ready()
        service.stop(signal.SIGKILL)
        eventually(lambda: not database_processes(used_home), "the end of PostgreSQL")
        eventually(service.has_ended, "the end of the workers")
    again = start().ready()
    assert "demo world" not in again.out
    assert again.customers() == CUSTOMERS


def customers_so_far(home: Path) -> int:
    """How many customers a service that is just starting has made."""
    try:
        with psycopg.connect(embedded_url(home), connect_timeout=10) as connection:
            row = connection.execute("select count(*) from customers").fetchone()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return 0
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_demo_world_left_half_done_is_finished_by_the_next_start(
    home: Path, start: Start, ending: signal.Signals
) -> None:
    # More than the generator commits at once.
    wanted = 1200
    interrupted = start(C360_DEMO_CUSTOMERS=str(wanted))
    eventually(lambda: customers_so_far(home) > 0, "the first customers")
    assert interrupted.stop(ending) == (0 if ending == signal.SIGTERM else -signal.SIGKILL)
    assert "ready" not in interrupted.out
    assert interrupted.err == ""
    eventually(lambda: not database_processes(home), "the end of PostgreSQL")
    again = start(C360_DEMO_CUSTOMERS=str(wanted)).ready()
    assert "demo world" in again.out
    assert again.customers() == wanted
    # Now that it is whole, a customer who leaves is not replaced.
    with psycopg.connect(embedded_url(home)) as connection:
        assert connection.execute("select to_regclass('unfinished_demo_world')").fetchone() == (None,)


# On a busy machine a request may wait for a connection until its time is up.
_WAITED = {"TIMEOUT"}


class Asking(threading.Thread):
    """Asks a service over and over."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service
        self.answers: list[Any] = []
        self.done = threading.Event()

    def run(self) -> None:
        """Keep every answer."""
        while not self.done.wait(0.01):
            answer = self.service.post("{ customers(first: 1) { nodes { displayName } } }")
            # 503: without the database it is not known for long who may still ask.
            assert answer.status_code in (200, 503), answer.text
            self.answers.append(answer.json())

    def codes(self) -> list[str]:
        """The codes of all errors so far."""
        return [error["extensions"]["code"] for answer in self.answers for error in answer.get("errors", ())]


def test_requests_while_the_database_is_down_get_a_code_and_then_answers_again(used_home: Path, start: Start) -> None:
    service = start().ready().sign_in()
    server = postmaster(used_home / "postgres")
    watcher = parent(server)
    asking = [Asking(service) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        eventually(lambda: all(thread.answers for thread in asking), "the first answers")
        # Held still, the watcher does not restart the server before we have seen what the gap is like.
        os.kill(watcher, signal.SIGSTOP)
        os.kill(server, signal.SIGKILL)
        eventually(lambda: service.health() == 503, "the service to notice")
        eventually(lambda: any(thread.codes() for thread in asking), "an error")
        os.kill(watcher, signal.SIGCONT)
        eventually(lambda: service.health() == 200, "the service to be well again")
        answered = [len(thread.answers) for thread in asking]
        eventually(
            lambda: all(len(thread.answers) > count + 5 for thread, count in zip(asking, answered, strict=True)),
            "answers after the restart",
        )
    finally:
        os.kill(watcher, signal.SIGCONT)
        for thread in asking:
            thread.done.set()
        for thread in asking:
            thread.join()
    assert {code for thread in asking for code in thread.codes()} - _WAITED == {"SERVICE_UNAVAILABLE"}
    assert all("errors" not in thread.answers[-1] for thread in asking)
    assert "Traceback" not in service.err
    assert service.stop() == 0


def restarted(data: Path, killed: int) -> bool:
    """Whether another server has taken the place of the one that was killed."""
    try:
        return postmaster(data) != killed
    except (OSError, ValueError, IndexError):
        return False


def test_requests_during_a_quick_restart_of_the_database(used_home: Path, start: Start) -> None:
    service = start().ready().sign_in()
    asking = [Asking(service) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(3):
            eventually(lambda: all(thread.answers for thread in asking), "answers")
            killed = postmaster(used_home / "postgres")
            os.kill(killed, signal.SIGKILL)
            for thread in asking:
                thread.answers.clear()
            # Until then a backend that outlives its server for a moment may still answer.
            eventually(partial(restarted, used_home / "postgres", killed), "another server")
            eventually(lambda: service.health() == 200, "the service to be well again")
    finally:
        for thread in asking:
            thread.done.set()
        for thread in asking:
            thread.join()
    assert {code for thread in asking for code in thread.codes()} - _WAITED <= {"SERVICE_UNAVAILABLE"}
    assert "Traceback" not in service.err
    assert service.customers() == CUSTOMERS

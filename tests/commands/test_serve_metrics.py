"""The metrics of a service with several workers: one scrape shows all of them, the dead ones included."""

import contextlib
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.commands.conftest import Start
from tests.commands.service import Service, database_processes, eventually
from tests.metrics import Scrape


def workers(service: Service) -> set[int]:
    """The process ids of its workers."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    return {int(pid) for pid in children if b"spawn_main" in _command_line(pid)}


def _command_line(pid: str) -> bytes:
    # Another child, such as one that starts PostgreSQL, may have ended in between.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def folders(temporary: Path) -> list[Path]:
    """What services have put into the folder for temporary files."""
    return list(temporary.glob("c360-metrics-*"))


def scrape(service: Service) -> Scrape:
    """The metrics, over a new connection, so from any worker."""
    return Scrape(httpx.get(f"{service.url}/metrics", verify=False, trust_env=False, timeout=30).text)


def ask(service: Service, times: int) -> None:
    """Ask a query so often, over new connections."""
    for _ in range(times):
        body = {"query": "{ __typename }"}
        answer = httpx.post(f"{service.url}/graphql", json=body, verify=False, trust_env=False, timeout=30)
        assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.fixture
def temporary(home: Path) -> Path:
    """A folder for the service's temporary files."""
    folder = home.parent / "tmp"
    folder.mkdir()
    return folder


def test_a_scrape_sees_all_workers_and_forgets_no_operation(used_home: Path, temporary: Path, start: Start) -> None:
    service = start(C360_WORKERS="2", TMPDIR=str(temporary)).ready()
    eventually(lambda: scrape(service).value("c360_workers") == 2, "both workers")
    ask(service, 20)
    first = workers(service)
    assert len(first) == 2
    seen = [scrape(service) for _ in range(10)]
    assert {each.value("c360_operations_total", driver="compiled") for each in seen} == {20}
    assert {each.value("c360_operation_duration_seconds_count", driver="compiled") for each in seen} == {20}
    assert seen[0].value("c360_pool_connections_max") == 2 * 4 * 8
    assert seen[0].value("process_resident_memory_bytes") > 2 * 30e6
    assert len(folders(temporary)) == 1

    for pid in first:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(workers(service) - first) == 2 and service.health() == 200, "new workers")
    eventually(lambda: scrape(service).value("c360_workers") == 2, "the dead to be no workers any more")
    ask(service, 5)
    after = scrape(service)
    assert after.value("c360_operations_total", driver="compiled") == 25
    assert after.value("c360_pool_connections_max") == 2 * 4 * 8
    # Read from the dead at their first sample, at the latest.
    assert after.value("c360_pool_connections_opened_total") >= 2

    assert service.stop() == 0
    assert folders(temporary) == []


@pytest.mark.parametrize("metrics", ["on", "off"])
def test_a_killed_service_leaves_no_files(used_home: Path, temporary: Path, start: Start, metrics: str) -> None:
    service = start(C360_WORKERS="2", C360_METRICS=metrics, TMPDIR=str(temporary)).ready()
    assert len(folders(temporary)) == (metrics == "on")
    assert service.http.get("/metrics").status_code == (200 if metrics == "on" else 404)
    service.stop(signal.SIGKILL)
    eventually(lambda: not database_processes(used_home), "the end of PostgreSQL")
    eventually(service.has_ended, "the end of the workers")
    assert folders(temporary) == []

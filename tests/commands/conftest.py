"""Home folders, and the services started on them."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.service import Service, database_processes, eventually
from tests.core.embedded_postgres.servers import new_folder

Start = Callable[..., Service]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home folder that does not exist yet; whatever a failed test leaves running in it is ended."""
    folder = new_folder()
    home = folder / "home"
    yield home
    for pid in database_processes(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def finished_home() -> Iterator[Path]:
    """A home folder after a first start, to be copied where a test is not about that."""
    folder = new_folder()
    service = Service(folder / "home")
    try:
        service.ready().stop()
    finally:
        service.kill()
    eventually(lambda: not database_processes(folder / "home"), "the end of PostgreSQL")
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def used_home(home: Path, finished_home: Path) -> Path:
    """A home folder with a demo world in it."""
    subprocess.run(["cp", "-a", str(finished_home), str(home)], check=True)
    return home


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts services on the test's home folder and ends them after the test."""
    started: list[Service] = []

    def start(**changes: str) -> Service:
        started.append(Service(home, **changes))
        return started[-1]

    yield start
    for service in started:
        service.kill()

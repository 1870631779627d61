"""Folders for embedded servers, and the client processes that use them."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.embedded_postgres import start, watcher
from tests.core.embedded_postgres.servers import Clients, copy_cluster, new_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder for one test."""
    made = new_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def root(folder: Path) -> Iterator[Path]:
    """A root folder that does not exist yet; whatever a failed test leaves running in it is ended."""
    root = folder / "root"
    yield root
    for name in ("pgdata", "pgdata.new"):
        for pid in watcher.processes_in(str(root / name)):
            os.kill(pid, signal.SIGQUIT)


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data folder made once, to be copied where a test is not about making one."""
    made = new_folder()
    start(made).stop(wait=True)
    yield made / "pgdata"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def used_root(root: Path, template: Path) -> Path:
    """A root folder with a data folder in it."""
    root.mkdir(mode=0o755)
    copy_cluster(template, root)
    return root


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Starts client processes and ends them after the test."""
    clients = Clients()
    yield clients
    clients.end()

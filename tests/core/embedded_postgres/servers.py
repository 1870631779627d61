"""Causing what can go wrong with the embedded PostgreSQL: client processes, signals, and what is left of them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

import core.embedded_postgres as package
from core.embedded_postgres import EmbeddedPostgresError, start, watcher
from core.embedded_postgres.layout import Layout
from core.embedded_postgres.locks import FileLock

REPOSITORY = Path(package.__file__).parents[2]
AS_ROOT = os.geteuid() == 0
# Generous: they only end a test that has failed already.
PATIENCE_SECONDS = 30.0

# A client of its own: starts the server, says so, and keeps its share until its standard input is closed.
CLIENT = """
import signal
import sys
from pathlib import Path
# A shell starts what runs in the background with interrupts ignored; tests send some.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[2])
from core.embedded_postgres import EmbeddedPostgresError, start
try:
    server = start(Path(sys.argv[1]))
except EmbeddedPostgresError as error:
    print("refused", error, flush=True)
else:
    print("started", server.uri, flush=True)
    sys.stdin.read()
"""


def new_folder() -> Path:
    """A new folder that every user may enter, unlike pytest's own, because root's server runs as another user.

    In memory where there is room: making and copying clusters is most of what these tests do.
    """
    memory = Path("/dev/shm")
    in_memory = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2_000_000_000
    # Not where programs may not run, because one test has copies of PostgreSQL's in its folder.
    in_memory = in_memory and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    made = Path(tempfile.mkdtemp(prefix="c360-test-", dir=memory if in_memory else None))
    made.chmod(0o755)
    return made


def copy_cluster(template: Path, root: Path) -> None:
    """Give a root folder a data folder that was made before."""
    quickly = ["--reflink=auto"] if sys.platform == "linux" else []
    subprocess.run(["cp", "-a", *quickly, str(template), str(root / "pgdata")], check=True)


class Clients:
    """The client processes of one test."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def launch(self, root: Path, python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
        """Launch a client and do not wait for it."""
        command = [python, "-c", CLIENT, str(root), str(REPOSITORY)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        client: subprocess.Popen[str] = subprocess.Popen(command, text=True, **{**pipes, **options})
        self.started.append(client)
        return client

    def end(self) -> None:
        """Kill what is still alive."""
        for client in self.started:
            client.kill()
            client.communicate()


def answer(client: subprocess.Popen[str]) -> str:
    """What a client has to say: "started <uri>" or "refused <why>"."""
    assert client.stdout is not None
    return client.stdout.readline().strip()


def uri_of(client: subprocess.Popen[str]) -> str:
    """The URI that a client was given."""
    kind, _, uri = answer(client).partition(" ")
    assert kind == "started", uri
    return uri


def value(uri: str, query: LiteralString) -> Any:
    """The single value that a query gives."""
    with psycopg.connect(uri, connect_timeout=10) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def postmaster(root: Path) -> int:
    """The process number of the running server."""
    return int((root / "pgdata" / "postmaster.pid").read_text().splitlines()[0])


def parent(pid: int) -> int:
    """The parent of a process; the server's is its watcher."""
    shown = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(shown.stdout)


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")


def is_free(lock: Path) -> bool:
    """Whether nobody holds a lock."""
    attempt = FileLock.attempt(lock)
    if attempt:
        attempt.close()
    return attempt is not None


def assert_nothing_left(root: Path) -> None:
    """Wait until no process works for a root folder any more."""
    layout = Layout(root)
    for lock in (layout.watcher_lock, layout.start_lock, layout.clients_lock):
        eventually(lambda lock=lock: is_free(lock))  # type: ignore[misc]
    assert not list(watcher.processes_in(str(layout.data)))
    assert not list(watcher.processes_in(str(layout.new_data)))
    assert not (layout.data / "postmaster.pid").exists()


def refusal(root: Path, **options: Any) -> str:
    """The message with which a start is refused; checked to be one line."""
    with pytest.raises(EmbeddedPostgresError) as caught:
        start(root, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message

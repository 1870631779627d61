"""NATS for tests: the machine's own, and one that may be killed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import pytest

# Where the machine's own listens, if it has one.
NATS = 4222
PROGRAM = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")


def answers(port: int) -> bool:
    """Whether something listens on the port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class NatsServer:
    """A server of the test's own, with JetStream in a folder that outlives it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "-a", "127.0.0.1", "-p", str(self._port), "-js", "-sd", str(self._folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not answers(self._port):
            assert time.monotonic() < deadline, "nats-server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    async def messages(self) -> int:
        """How many messages its streams hold."""
        client = await nats.connect(self.url)
        try:
            return sum(stream.state.messages for stream in await client.jetstream().streams_info())
        finally:
            await client.close()


@contextmanager
def serving() -> Iterator[NatsServer]:
    """A NATS of the test's own; the test is skipped where none can be started."""
    if PROGRAM is None:
        pytest.skip("there is no nats-server")
    with tempfile.TemporaryDirectory(prefix="c360-nats-") as folder:
        server = NatsServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()

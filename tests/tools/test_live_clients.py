"""The clients of graphql-ws and graphql-sse follow the feed through restarts of the service, without gap or repeat."""

import asyncio
import base64
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from models.roles import Role
from tests.commands.service import Service, eventually, free_port
from tests.events.following import an_event, write
from tests.keys import MASTER_KEY
from tests.signing_in import login_of
from tests.tools.node import TOOLS, NodeTools

pytestmark = pytest.mark.timeout(300)


class Writer:
    """Commits events, one after the other, until it is ended."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._write()))
        self.count = 0

    async def _write(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            while not self._ended.is_set():
                await write(connection, an_event(f"{self.count}"))
                await connection.commit()
                self.count += 1
                await asyncio.sleep(0.02)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write meanwhile."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()


class Follower:
    """The program follow.mjs, and what it has printed."""

    def __init__(self, tools: NodeTools, url: str, transport: str, authorization: str, after: str, out: Path) -> None:
        environment = {**os.environ, "C360_AUTHORIZATION": authorization, "C360_AFTER": after}
        command = [str(tools.node), str(TOOLS / "follow.mjs"), f"{url}/graphql", transport]
        self._out = out
        with out.open("w") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)

    def lines(self, kind: str) -> list[str]:
        """What it has printed of a kind, without that."""
        found = (line.partition(" ") for line in self._out.read_text().splitlines())
        return [rest for name, _, rest in found if name == kind]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_restarts_lose_and_repeat_nothing(
    node_tools: NodeTools, own_demo_database: str, tmp_path: Path, how: signal.Signals
) -> None:
    settings = {
        "DATABASE_URL": own_demo_database,
        "C360_PORT": str(free_port()),
        "C360_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "C360_BACKGROUND": "off",
    }
    service = Service(tmp_path / "home", **settings)
    followers: list[Follower] = []
    try:
        service.ready().sign_in(login_of(Role.MANAGER))
        after = service.ask("{ feedCursor }")["data"]["feedCursor"]
        authorization = service.http.headers["authorization"]
        for transport in ("graphql-ws", "graphql-sse"):
            out = tmp_path / f"{transport}.out"
            followers.append(Follower(node_tools, service.url, transport, authorization, after, out))
        writer = Writer(own_demo_database)
        with writer.writing():
            for _ in range(2):
                before = writer.count
                _all_have(followers, before + 20)
                began = time.monotonic()
                service.stop(how)
                # Streams that stay open must not hold up the end.
                assert time.monotonic() - began < 4
                service.kill()
                time.sleep(0.5)
                service = Service(tmp_path / "home", **settings).ready()
            _all_have(followers, writer.count + 20)
        written = [str(n) for n in range(writer.count)]
        _all_have(followers, len(written))
        time.sleep(0.5)
        for follower in followers:
            assert follower.lines("event") == written
            assert len(follower.lines("connected")) == 3
            assert follower.lines("error") == follower.lines("errors") == follower.lines("complete") == []
        # While it is away, attempts to connect are closed, too.
        assert followers[0].lines("closed").count("1012") == (2 if how is signal.SIGTERM else 0)
    finally:
        for follower in followers:
            follower.process.kill()
            follower.process.wait()
        service.kill()


def _all_have(followers: list[Follower], count: int) -> None:
    eventually(lambda: all(len(each.lines("event")) >= count for each in followers), f"{count} events")

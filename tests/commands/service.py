"""`c360 serve` as a user runs it: a process with a home folder and a port, asked over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from core.embedded_postgres import watcher
from models.roles import Role
from tests.signing_in import PASSWORD, bearer, login_of, login_request

C360 = str(Path(sys.executable).with_name("c360"))
COMMAND = [C360, "serve"]
# Generous: it only ends a test that has failed already.
PATIENCE_SECONDS = 60.0
CUSTOMERS = 30


def environment(home: Path, port: int, changes: Mapping[str, str]) -> dict[str, str]:
    """Our environment with settings for one service, and without what others have set for theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("C360_", "PG", "DATABASE_URL"))}
    settings = {
        "C360_HOME": str(home),
        "C360_PORT": str(port),
        "C360_DEMO_CUSTOMERS": str(CUSTOMERS),
        "C360_BACKGROUND": "false",
    }
    return {**kept, **settings, **changes}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def database_processes(home: Path) -> list[int]:
    """The processes of the embedded PostgreSQL of a home folder."""
    return [pid for name in ("pgdata", "pgdata.new") for pid in watcher.processes_in(str(home / "postgres" / name))]


def embedded_url(home: Path) -> str:
    """By which to look into the embedded PostgreSQL of a home folder without keeping it running."""
    return f"host={home}/postgres/sock user=postgres dbname=customer360"


class Service:
    """A running `c360 serve`; what it prints goes to files, so that no pipe can fill up or stay open."""

    def __init__(self, home: Path, **changes: str) -> None:
        """Start it and do not wait; `changes` are environment variables."""
        port = int(changes.get("C360_PORT") or free_port())
        self.url = f"http://127.0.0.1:{port}"
        # Without certificates, which take longer to read than most answers.
        self.http = httpx.Client(base_url=self.url, verify=False, trust_env=False, timeout=PATIENCE_SECONDS)
        self._environment = environment(home, port, changes)
        self._printed = home.with_name(f"{home.name}-{port}.out"), home.with_name(f"{home.name}-{port}.err")
        with self._printed[0].open("w") as out, self._printed[1].open("w") as err:
            self.process = subprocess.Popen(
                COMMAND,
                env=self._environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it has printed."""
        return self._printed[0].read_text()

    @property
    def err(self) -> str:
        """What it has complained about."""
        return self._printed[1].read_text()

    def health(self) -> int | None:
        """The status of /health, None when there is no answer."""
        try:
            return self.http.get("/health", timeout=5).status_code
        except httpx.HTTPError:
            return None

    def ready(self) -> "Service":
        """Wait until it is healthy."""

        def is_ready() -> bool:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.err}"
            return self.health() == 200

        eventually(is_ready, f"{self.url}/health")
        return self

    def command(self, *arguments: str, stdin: str = "") -> str:
        """What another `c360` command prints beside the running service, with its settings."""
        command = [C360, *arguments]
        finished = subprocess.run(
            command,
            env=self._environment,
            cwd="/",
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def sign_in(self, login: str = login_of(Role.MANAGER), password: str = PASSWORD) -> "Service":
        """Let all that follows be asked by a user: the demo world's manager, who sees all, unless another is named."""
        answer = self.http.post("/graphql", json=login_request(login, password)).json()
        signed_in = answer["data"]["login"]
        assert signed_in["userErrors"] == []
        self.http.headers.update(bearer(signed_in["session"]["accessToken"]))
        return self

    def post(self, query: str) -> httpx.Response:
        """The answer to a GraphQL query, asked by the demo world's manager when nobody has signed in yet."""
        if "authorization" not in self.http.headers:
            self.sign_in()
        return self.http.post("/graphql", json={"query": query})

    def ask(self, query: str) -> Any:
        """The JSON that answers a GraphQL query."""
        answer = self.post(query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def customers(self) -> int:
        """How many customers it knows."""
        answer = self.ask("{ customers { totalCount } }")
        assert "errors" not in answer, answer
        count: int = answer["data"]["customers"]["totalCount"]
        return count

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to it alone, as a service manager does; returns its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)

    def interrupt(self) -> int:
        """Interrupt all its processes, as Ctrl-C in a terminal does; returns its exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)

    def has_ended(self) -> bool:
        """Whether none of its processes is left, the embedded PostgreSQL aside."""
        if self.process.poll() is None:
            return False
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        """Kill what is left of it."""
        self.http.close()
        if not self.has_ended():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def refusal(home: Path, **changes: str) -> str:
    """The one line with which `c360 serve` refuses to start."""
    finished = subprocess.run(
        COMMAND,
        env=environment(home, free_port(), changes),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert finished.returncode == 1, finished.stderr
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("Error: ")
    return line

"""What is measured and killed by benchmarks.live: the service, its PostgreSQL, and NATS, as processes of their own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from auth import demo_users
from benchmarks import processes
from models.roles import Role

PATIENCE_SECONDS = 180.0
NATS = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
_LOGIN = "mutation ($login: String!, $password: String!) { login(login: $login, password: $password) {"
_LOGIN += " session { accessToken } } }"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass
class Machine:
    """The processes: the service, its PostgreSQL, and NATS; any of them may be killed and started again."""

    scratch: Path
    url: str
    port: int = field(default_factory=_free_port)
    nats_port: int = field(default_factory=_free_port)
    service: subprocess.Popen[bytes] | None = None
    nats: subprocess.Popen[bytes] | None = None

    def start_service(self, *, nats: bool = False) -> None:
        """Start it as anybody would, with limits that let one user be everybody; wait until it answers."""
        settings = {
            "DATABASE_URL": self.url,
            "C360_HOME": str(self.scratch / "home"),
            "C360_PORT": str(self.port),
            "C360_BACKGROUND": "off",
            "C360_RATE_LIMIT_FACTOR": "0",
            "C360_ACCESS_TOKEN_MINUTES": "60",
            "C360_SESSION_IDLE_MINUTES": "61",
            "C360_SOCKETS_PER_ACTOR": "100000",
            "C360_SUBSCRIPTIONS_PER_ACTOR": "100000",
        }
        if nats:
            settings["NATS_URL"] = f"nats://127.0.0.1:{self.nats_port}"
        command = [str(Path(sys.executable).with_name("c360")), "serve"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("C360_", "PG", "NATS"))}
        self.service = subprocess.Popen(command, env=kept | settings, stdout=subprocess.DEVNULL)
        self._wait(self.port)
        # It listens before it serves.
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=PATIENCE_SECONDS).status_code == 200:
                    return
            time.sleep(0.1)
        raise SystemExit("the service does not start")

    def start_nats(self) -> None:
        """Start NATS with JetStream, and wait until it answers."""
        assert NATS is not None
        command = [NATS, "-a", "127.0.0.1", "-p", str(self.nats_port), "-js", "-sd", str(self.scratch / "nats")]
        self.nats = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait(self.nats_port)

    def kill_service(self) -> None:
        """Kill it, and start another."""
        assert self.service is not None
        self.service.kill()
        self.service.wait()
        self.start_service()

    def restart_with_nats(self) -> None:
        """Start NATS, end the service, and start it anew with that."""
        self.start_nats()
        assert self.service is not None
        self.service.terminate()
        self.service.wait()
        self.start_service(nats=True)

    def kill_postgresql(self) -> None:
        """Kill its first process; who looks after it starts it again."""
        first = (self.scratch / "postgres" / "pgdata" / "postmaster.pid").read_text().split()[0]
        os.kill(int(first), signal.SIGKILL)

    def kill_nats(self) -> None:
        """Kill it, and start another after a moment."""
        assert self.nats is not None
        self.nats.kill()
        self.nats.wait()
        time.sleep(1)
        self.start_nats()

    def stop(self) -> None:
        """End the service and NATS."""
        for process in (self.service, self.nats):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait()

    def token(self) -> str:
        """An access token of the demo world's manager, who sees every customer."""
        variables = {"login": demo_users.login_of(Role.MANAGER), "password": demo_users.WELL_KNOWN_PASSWORD}
        body = {"query": _LOGIN, "variables": variables}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/graphql", json=body, timeout=PATIENCE_SECONDS)
        token: str = answer.json()["data"]["login"]["session"]["accessToken"]
        return token

    def rss_mb(self) -> float:
        """Resident memory of the service."""
        assert self.service is not None
        return processes.rss_mb(processes.tree(self.service.pid))

    @staticmethod
    def _wait(port: int) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"nothing answers at port {port}")

"""The servers that are measured, and how each is started and stopped."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks import access
from models.roles import Role

FOLDER = Path(__file__).parent
PEERS = FOLDER / "peers"
QUERIES = FOLDER / "queries"
# PostGraphile 5 needs a newer Node than many machines have; the peers bring their own as a package.
NODE = str(PEERS / "node_modules" / ".bin" / "node")
POOL = 10
START_SECONDS = 60


@dataclass(frozen=True)
class Variant:
    """A server to measure.

    `dialect` is the suffix of its queries, `walks` whether only its own answers tell where a page begins, `role` whose
    access token its requests bear; only the service itself looks at that. `book` says that it is asked for customers
    of the demo partner, and `beside` whose answers its own are compared with.
    """

    name: str
    title: str
    command: tuple[str, ...]
    queries: tuple[str, ...] = ("profile", "list")
    dialect: str = ""
    walks: bool = False
    node: bool = False
    role: Role = Role.AGENT
    book: bool = False
    beside: str = "customer360"

    def text(self, name: str) -> str:
        """One of the queries in its dialect, without comments."""
        lines = (QUERIES / f"{name}{self.dialect}.graphql").read_text().splitlines()
        return "\n".join(line for line in lines if not line.startswith("#"))


def _uvicorn(application: str) -> tuple[str, ...]:
    options = ("--factory", "--loop", "uvloop", "--http", "httptools", "--log-level", "warning", "--no-access-log")
    return (sys.executable, "-m", "uvicorn", application, *options)


ALL = ("profile", "list", "search")
VARIANTS = (
    Variant("customer360", "customer360", _uvicorn("commands.worker:worker"), ALL, walks=True),
    Variant(
        "unguarded",
        "customer360 without access control",
        _uvicorn("benchmarks.apps:unguarded"),
        ALL,
        walks=True,
    ),
    Variant(
        "postgraphile",
        "PostGraphile 5",
        (NODE, "postgraphile.mjs"),
        dialect=".postgraphile",
        walks=True,
        node=True,
    ),
    Variant("mercurius", "mercurius + JIT, loaders by hand", (NODE, "mercurius.mjs"), node=True),
    Variant(
        "interpreted",
        "customer360 by graphql-core's executor",
        _uvicorn("benchmarks.apps:interpreted"),
        ALL,
        walks=True,
    ),
    Variant(
        "partner_unguarded",
        "the partner's profile without access control",
        _uvicorn("benchmarks.apps:unguarded"),
        ("profile",),
        dialect=".partner",
        book=True,
        beside="",
    ),
    Variant(
        "partner",
        "the partner's profile, by a partner",
        _uvicorn("commands.worker:worker"),
        ("profile",),
        dialect=".partner",
        role=Role.PARTNER,
        book=True,
        beside="partner_unguarded",
    ),
    Variant("one_statement", "limit: one SQL statement", _uvicorn("benchmarks.apps:OneStatement")),
    Variant("prepared", "limit: prepared bytes", _uvicorn("benchmarks.apps:Prepared")),
)
FILES = {"profile": "customer_360", "list": "customer_list", "search": "search", "pages": "pages", "rows": "rows"}


@dataclass
class Running:
    """A server that answers."""

    variant: Variant
    process: "subprocess.Popen[bytes]"
    url: str
    token: str
    bodies: dict[str, Path] = field(default_factory=dict)

    def ask(self, query: str, variables: dict[str, Any]) -> Any:
        """The answer to one of the queries; raises when it has errors."""
        headers = {**_JSON, "authorization": f"Bearer {self.token}"}
        answer = httpx.post(self.url, content=body(self.variant, query, variables), headers=headers, timeout=30)
        answer.raise_for_status()
        result = orjson.loads(answer.content)
        if result.get("errors"):
            raise SystemExit(f"{self.variant.name} answers the {query} with {result['errors'][:2]}")
        return result["data"]


_JSON = {"content-type": "application/json"}


def body(variant: Variant, query: str, variables: dict[str, Any]) -> bytes:
    """A request's body, in one line."""
    return orjson.dumps({"query": variant.text(FILES[query]), "variables": variables})


def install_peers() -> None:
    """Install the packages of the Node servers, by the lock file, when that has not happened yet."""
    if not shutil.which("npm"):
        raise SystemExit("the peers need Node 20 and npm; leave them out with --only customer360 …")
    installed, lock = PEERS / "node_modules" / ".package-lock.json", PEERS / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=PEERS, check=True)


@contextlib.contextmanager
def running(variant: Variant, database: str, scratch: Path, core: int) -> Iterator[Running]:
    """The server on a free port of 127.0.0.1, kept on one core; stopped at the end, whatever happened."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["taskset", "-c", str(core), *variant.command]
    if not variant.node:
        command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "C360_POOL_SIZE": str(POOL),
        # What is measured is the work, not how much of it somebody may ask for.
        "C360_RATE_LIMIT_FACTOR": "0",
        "POOL": str(POOL),
        "PORT": str(port),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "BENCH_PREPARED": str(scratch),
    }
    token = access.token(database, variant.role)
    log = scratch / f"{variant.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PEERS if variant.node else FOLDER.parent,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            server = Running(variant, process, f"http://127.0.0.1:{port}/graphql", token)
            _wait(server, log)
            yield server
        finally:
            _stop(process)


def _wait(server: Running, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            httpx.post(server.url, content=b'{"query":"{ __typename }"}', headers=_JSON)
            return
        time.sleep(0.2)
    raise SystemExit(f"{server.variant.name} did not start:\n{log.read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
            return

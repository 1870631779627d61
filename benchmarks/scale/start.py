"""How long `c360 serve` takes until /health answers, and what it does meanwhile."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import say
from benchmarks.scale.parts import Part, table

ROOT = Path(__file__).parents[2]
COMMAND = [str(Path(sys.executable).with_name("c360")), "serve"]
PROFILED = [sys.executable, "-X", "importtime", "-c", "import cli, sys; sys.argv = ['c360', 'serve']; cli.main()"]
PATIENCE_SECONDS = 600
GOAL_SECONDS = 2.0
SHOWN = 15

OURS = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"app", "cli"}
# The module whose own time is the building of the schema: its types are made when their modules are imported.
SCHEMA = "resolvers.root"
_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)$")


def run(url: str, starts: int, demo_customers: int) -> Part:
    """Start the service `starts` times on the database at `url` and as often on the embedded one, which is made anew.

    The times are from starting the process to the first 200 of /health, in seconds. Nothing is kept on a core.
    """
    existing = {"DATABASE_URL": url}
    # Once before: what is read from disk, and compiled to byte code, is measured by nobody.
    _start(COMMAND, existing)
    times = {"existing": [_start(COMMAND, existing)[0] for _ in range(starts)]}
    say(f"on the existing database: {median(times['existing']):.2f} s")
    with tempfile.TemporaryDirectory(prefix="c360-bench-", ignore_cleanup_errors=True) as folder:
        # PostgreSQL of a service that root starts runs as another user.
        Path(folder).chmod(0o711)
        embedded = {"C360_HOME": f"{folder}/home", "C360_DEMO_CUSTOMERS": str(demo_customers)}
        times["first"] = [_start(COMMAND, embedded)[0]]
        times["embedded"] = [_start(COMMAND, embedded)[0] for _ in range(starts)]
    say(f"on the embedded database: {median(times['embedded']):.2f} s")
    _, printed = _start(PROFILED, existing)
    modules = imported(printed)
    imports = _summary(modules)
    data = {"seconds": times, "goal": GOAL_SECONDS, "imports": imports}
    return Part("start", "Start-up", _text(times, demo_customers, imports), data)


def _start(command: list[str], settings: dict[str, str]) -> tuple[float, str]:
    """The seconds until it is healthy, and what it wrote to standard error until it had stopped again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("C360_", "PG", "DATABASE_URL"))}
    environment = {**kept, "C360_PORT": str(port), **settings}
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        with _stopping(process):
            while not _healthy(port):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    errors.seek(0)
                    raise SystemExit(f"c360 serve did not start:\n{errors.read()[-2000:]}")
                time.sleep(0.005)
            seconds = time.perf_counter() - began
        errors.seek(0)
        return seconds, errors.read()


@contextlib.contextmanager
def _stopping(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _healthy(port: int) -> bool:
    # A client that costs little: it asks a hundred times while the service starts on the same cores.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def imported(printed: str) -> dict[str, float]:
    """The milliseconds that each module took by itself, from what `python -X importtime` writes."""
    modules: dict[str, float] = {}
    for line in printed.splitlines():
        found = _IMPORT.match(line)
        if found:
            modules[found[4]] = modules.get(found[4], 0.0) + int(found[1]) / 1000
    return modules


def _summary(modules: dict[str, float]) -> dict[str, Any]:
    """The milliseconds of building the schema and of its types, and of all else by package."""
    types = sum(took for name, took in modules.items() if name.split(".")[0] == "schema")
    packages: defaultdict[str, float] = defaultdict(float)
    for name, took in modules.items():
        package = name.split(".")[0]
        if name != SCHEMA and package != "schema":
            packages["customer360, all else" if package in OURS else package] += took
    return {
        "all": sum(modules.values()),
        "modules": len(modules),
        "schema": modules.get(SCHEMA, 0.0),
        "types": types,
        "packages": dict(sorted(packages.items(), key=lambda item: -item[1])),
    }


def _text(times: dict[str, list[float]], demo_customers: int, imports: dict[str, Any]) -> str:
    titles = {
        "existing": "existing database",
        "embedded": "embedded database, made before",
        "first": f"embedded database, the very first start: {demo_customers:,} customers are made",
    }
    head = [
        "c360 serve until /health answers",
        "starts",
        "median s",
        "fastest s",
        "slowest s",
        f"at most {GOAL_SECONDS:g} s",
    ]
    rows = [
        [
            titles[name],
            str(len(each)),
            f"{median(each):.2f}",
            f"{min(each):.2f}",
            f"{max(each):.2f}",
            "" if name == "first" else "yes" if median(each) <= GOAL_SECONDS else "**no**",
        ]
        for name, each in times.items()
    ]
    packages = list(imports["packages"].items())
    parts = [
        ("building the schema", imports["schema"]),
        ("its types (schema/)", imports["types"]),
        *packages[:SHOWN],
        (f"{len(packages) - SHOWN} more packages", sum(took for _, took in packages[SHOWN:])),
        (f"all {imports['modules']} modules", imports["all"]),
    ]
    note = "Imports of one start on the existing database, by `python -X importtime`, which itself costs some time:"
    shown = table(["", "ms"], [[name, f"{took:.0f}"] for name, took in parts])
    return f"{table(head, rows)}\n\n{note}\n\n{shown}"

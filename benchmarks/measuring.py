"""One measurement, on what machine it was made, and where results are kept."""

import datetime
import os
import platform
import sys
from pathlib import Path
from typing import Any

import orjson

from benchmarks import load, processes
from benchmarks.database import Backends
from benchmarks.report import Cell
from benchmarks.servers import Running

RESULTS = Path(__file__).parent / "results"
SERVER_CORE, OTHER_CORE = 0, 1


def measure(each: Running, query: str, concurrency: int, number: int, backends: Backends, seconds: int) -> Cell:
    """One server under one load; `number` is the round."""
    backends.pin(OTHER_CORE)
    pids = processes.tree(each.process.pid)
    before_server, before_postgres = processes.cpu_times(pids), processes.cpu_times(backends.pids())
    seen = load.run(each.url, each.bodies[query], each.token, concurrency, seconds, OTHER_CORE)
    after_server, after_postgres = processes.cpu_times(pids), processes.cpu_times(backends.pids())
    return Cell(
        variant=each.variant.name,
        query=query,
        concurrency=concurrency,
        round=number,
        requests=seen.requests,
        rps=seen.requests / seen.seconds,
        p50=seen.p50,
        p99=seen.p99,
        errors=seen.errors,
        server_cpu=processes.cpu_ms(before_server, after_server) / max(seen.requests, 1),
        postgres_cpu=processes.cpu_ms(before_postgres, after_postgres) / max(seen.requests, 1),
        rss=processes.rss_mb(pids),
        bytes=seen.bytes / max(seen.requests, 1),
    )


def facts(**more: Any) -> dict[str, Any]:
    """When, with what and on what machine it was measured."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        **more,
        "load": load.tool(),
        "cpu": _cpu_model(),
        "python": platform.python_version(),
    }


def store(kind: str, title: str, known: dict[str, Any], text: str, data: dict[str, Any]) -> None:
    """Keep results, as markdown and as JSON; `kind` becomes part of the files' name."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d-%H%M")
    name = f"{now}-{kind}" if kind else now
    (RESULTS / f"{name}.json").write_bytes(orjson.dumps({"facts": known, **data}, option=orjson.OPT_INDENT_2))
    header = "\n".join(f"- {key}: {value}" for key, value in known.items())
    (RESULTS / f"{name}.md").write_text(f"# {title} of {now}\n\n{header}\n\n{text}\n")
    say(f"stored in {RESULTS / name}.json and .md")


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.partition(':')[2].strip()}, {os.cpu_count()} cores"
    return platform.machine()

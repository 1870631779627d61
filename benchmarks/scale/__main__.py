"""Measure how cost grows, each part by itself or all in turn, on databases with demo worlds."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks.database import prepare, server
from benchmarks.measuring import facts, say, store
from benchmarks.scale import growth, memory, start, worlds
from benchmarks.scale.parts import Part

PARTS = ("growth", "worlds", "memory", "start")


def main() -> None:
    """Run the parts by the command line's options."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("the benchmark needs two cores: one for the server, one for PostgreSQL and the load")
    done: list[Part] = []
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="c360-bench-")))
        urls: list[str] = list(options.world_url)
        if options.worlds or not urls:
            host = stack.enter_context(server(options.database_url))
            urls = [prepare(host, customers) for customers in options.worlds or (10_000,)] + urls
        # The database of those parts that need but one.
        url = options.world_url[0] if options.world_url else urls[-1]
        for name in options.parts:
            say(f"== {name}")
            part = _part(name, options, url, urls, scratch)
            say(f"\n{part.text}\n")
            done.append(part)
        known = facts(
            databases=", ".join(_database(each) for each in urls),
            seconds=options.seconds,
            rounds=options.rounds,
            postgresql=_version(url),
        )
    text = "\n\n".join(f"## {part.title}\n\n{part.text}" for part in done)
    store("scale", "Scale", known, text, {part.name: part.data for part in done})


def _part(name: str, options: argparse.Namespace, url: str, urls: list[str], scratch: Path) -> Part:
    if name == "growth":
        return growth.run(url, scratch, options.seconds, options.rounds)
    if name == "worlds":
        return worlds.run(urls, scratch, options.seconds, options.rounds, options.samples)
    if name == "memory":
        return memory.run(url, scratch, options.requests, options.every)
    return start.run(os.environ.get("DATABASE_URL", url), options.starts, options.demo_customers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--worlds", nargs="+", type=int, default=[], help="demo worlds of so many customers (10000)")
    parser.add_argument("--world-url", nargs="+", default=[], help="databases to use as they are")
    parser.add_argument("--database-url", help="a PostgreSQL to make databases in, in place of the local one")
    parser.add_argument("--seconds", type=int, default=4, help="seconds a cell of growth and worlds (4)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds over all cells (5)")
    parser.add_argument("--samples", type=int, default=200, help="customers whose profile is asked for in turn (200)")
    parser.add_argument("--requests", type=int, default=100_000, help="requests of the memory part (100000)")
    parser.add_argument("--every", type=int, default=10_000, help="requests between two readings of the memory (10000)")
    parser.add_argument("--starts", type=int, default=5, help="starts on each database (5)")
    parser.add_argument("--demo-customers", type=int, default=1000, help="customers of the embedded database (1000)")
    options = parser.parse_args()
    options.parts = options.parts or list(PARTS)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    return options


def _database(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.info.dbname


def _version(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("server_version") or ""


if __name__ == "__main__":
    if shutil.which("taskset") is None:
        raise SystemExit("taskset (util-linux) is needed")
    main()

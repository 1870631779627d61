"""Measure the service beside its peers and its limits on one database, in one interleaved run."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks import load
from benchmarks.content import Comparison
from benchmarks.database import Backends, Samples, prepare, server
from benchmarks.measuring import OTHER_CORE, SERVER_CORE, facts, measure, say, store
from benchmarks.report import Results, content_table
from benchmarks.servers import VARIANTS, Running, Variant, body, install_peers, running

CONCURRENCIES = (1, 16)
COMPARED = 40


def main() -> None:
    """Run the benchmark by the command line's options."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("the benchmark needs two cores: one for the server, one for PostgreSQL and the load")
    wanted = [variant for variant in VARIANTS if variant.name in options.only]
    if any(variant.node for variant in wanted):
        install_peers()
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="c360-bench-")))
        url = prepare(stack.enter_context(server(options.database_url)), options.customers)
        backends = Backends(url)
        stack.callback(backends.close)
        samples = Samples(url)
        # The prepared answers come from the service, which therefore starts first.
        servers: dict[str, Running] = {}
        for variant in sorted(wanted, key=lambda v: v.name == "prepared"):
            if variant.name == "prepared":
                _prepare_answers(servers, samples, scratch)
            servers[variant.name] = stack.enter_context(running(variant, url, scratch, SERVER_CORE))
            say(f"{variant.title} answers")
        cursors = {name: _cursors(each, samples) for name, each in servers.items()}
        content = _compare(servers, samples, cursors)
        say(content_table(content))
        _write_bodies(servers, samples, cursors, scratch)
        results = _measure(list(servers.values()), backends, options)
        known = facts(
            customers=options.customers,
            seconds=options.seconds,
            rounds=options.rounds,
            postgresql=backends.version(),
        )
    shown = "\n\n".join([results.table(), results.goals_table()])
    say(shown)
    data = {"content": content, "goals": results.goals(), "cells": results.as_json()}
    store("", "Benchmark", known, f"{content_table(content)}\n\n{shown}", data)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of one second a cell")
    parser.add_argument("--seconds", type=int, help="seconds a cell (4)")
    parser.add_argument("--rounds", type=int, help="rounds over all cells (3)")
    parser.add_argument("--customers", type=int, default=10_000, help="size of the demo world (10000)")
    names = [variant.name for variant in VARIANTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="the servers to measure (all)")
    parser.add_argument("--queries", nargs="+", default=["profile", "list", "search"], help="the queries (all)")
    parser.add_argument("--database-url", help="a PostgreSQL to make the database in, in place of the local one")
    options = parser.parse_args()
    options.seconds = options.seconds or (1 if options.quick else 4)
    options.rounds = options.rounds or (1 if options.quick else 3)
    if "customer360" not in options.only:
        options.only.insert(0, "customer360")
    return options


def _prepare_answers(servers: dict[str, Running], samples: Samples, scratch: Path) -> None:
    ours = servers["customer360"]
    for query, variables in (("profile", {"number": samples.numbers[0]}), ("list", {})):
        answer = orjson.dumps({"data": ours.ask(query, variables)})
        (scratch / f"{query}.json").write_bytes(answer)


def _cursors(running: Running, samples: Samples) -> list[str | None]:
    """Where the pages of the list begin, in the server's own notation."""
    if not running.variant.walks or "list" not in running.variant.queries:
        return samples.cursors
    cursors: list[str | None] = [None]
    while len(cursors) < len(samples.cursors):
        cursors.append(running.ask("pages", {"after": cursors[-1]})["customers"]["pageInfo"]["endCursor"])
    return cursors


def _questions(variant: Variant, query: str, samples: Samples, cursors: list[str | None]) -> list[dict[str, Any]]:
    """The variables a query is asked with, in turn."""
    if query == "profile":
        return [{"number": number} for number in (samples.partner_numbers if variant.book else samples.numbers)]
    if query == "list":
        return [{"after": cursor} for cursor in cursors]
    return [{"query": name} for name in samples.names]


def _compare(
    servers: dict[str, Running], samples: Samples, cursors: dict[str, list[str | None]]
) -> dict[str, dict[str, Any]]:
    """The answers of each server beside the service's, or those of the one it is to be compared with."""
    found = {}
    for name, other in servers.items():
        ours = servers.get(other.variant.beside)
        if ours is None or name in (ours.variant.name, "prepared"):
            continue
        for query in (query for query in ("profile", "list") if query in other.variant.queries):
            comparison = Comparison()
            mine = _questions(ours.variant, query, samples, cursors[ours.variant.name])[:COMPARED]
            theirs = _questions(other.variant, query, samples, cursors[name])[:COMPARED]
            for question, same in zip(mine, theirs, strict=True):
                comparison.add(ours.ask(query, question), other.ask(query, same))
            found[f"{other.variant.title}: {query}"] = comparison.summary()
    return found


def _write_bodies(
    servers: dict[str, Running], samples: Samples, cursors: dict[str, list[str | None]], scratch: Path
) -> None:
    for name, each in servers.items():
        for query in each.variant.queries:
            path = scratch / f"{name}.{query}.bodies"
            questions = _questions(each.variant, query, samples, cursors[name])
            path.write_bytes(b"".join(body(each.variant, query, question) + b"\n" for question in questions))
            each.bodies[query] = path


def _measure(servers: Sequence[Running], backends: Backends, options: argparse.Namespace) -> Results:
    results = Results()
    cells = [(query, concurrency) for query in options.queries for concurrency in CONCURRENCIES]
    for each in servers:
        for query in each.bodies:
            load.run(
                each.url, each.bodies[query], each.token, max(CONCURRENCIES), 1 if options.quick else 2, OTHER_CORE
            )
    for number in range(options.rounds):
        # The other way round every other time: who comes first differs.
        order = servers if number % 2 == 0 else servers[::-1]
        for query, concurrency in cells:
            for each in order:
                if query in each.bodies:
                    results.cells.append(measure(each, query, concurrency, number, backends, options.seconds))
        say(f"round {number + 1} of {options.rounds} is done")
    return results


if __name__ == "__main__":
    if shutil.which("taskset") is None:
        raise SystemExit("taskset (util-linux) is needed")
    main()

"""The 360° profile on databases of several sizes: as fast among a million customers as among a thousand."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks import load
from benchmarks.measuring import OTHER_CORE, measure, say
from benchmarks.report import Cell, Results
from benchmarks.scale.parts import Part, Service, service, table, write_bodies

CONCURRENCY = 16
# The smallest world once more, by a server of its own: what differs between the two is noise.
AGAIN = "again"


def run(urls: Sequence[str], scratch: Path, seconds: int, rounds: int, samples: int) -> Part:
    """Measure the profile of `samples` customers, spread over each of the databases at `urls`."""
    sizes = {url: _customers(url) for url in urls}
    order = sorted(sizes, key=lambda url: sizes[url])
    worlds = {f"{sizes[url]} {number}": url for number, url in enumerate(order)}
    baseline = next(iter(worlds))
    worlds[AGAIN] = order[0]
    results = Results()
    with contextlib.ExitStack() as stack:
        services = {}
        for name, url in worlds.items():
            services[name] = stack.enter_context(service(f"world {name}", url, scratch))
            _prepare(services[name], url, scratch, samples)
            say(f"the world of {sizes[url]:,} customers answers")
        for number in range(rounds):
            turn = list(services.values())
            for each in turn if number % 2 == 0 else turn[::-1]:
                results.cells.append(measure(each.running, "profile", CONCURRENCY, number, each.backends, seconds))
            say(f"round {number + 1} of {rounds} is done")
    rows = [_compared(results, name, baseline) for name in worlds]
    noise = rows[-1]["spread"]
    for row, (name, url) in zip(rows, worlds.items(), strict=True):
        row["customers"] = sizes[url]
        row["database"] = psycopg.conninfo.conninfo_to_dict(url).get("dbname")
        row["within"] = None if name in (baseline, AGAIN) else row["times"] >= 1 - noise
    data = {"samples": samples, "noise": noise, "worlds": rows, "cells": results.as_json()}
    return Part("worlds", "The profile by the size of the database", _text(rows, noise, samples), data)


def _customers(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from customers").fetchone()
    assert row is not None
    return int(row[0])


def _prepare(world: Service, url: str, scratch: Path, samples: int) -> None:
    """Write the requests: customers of every age of the world, in an order that has nothing to do with it."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select number from customers order by md5(number) limit %s", [samples]).fetchall()
    server = world.running
    questions = [("profile", {"number": number}) for (number,) in rows]
    # An answer with errors would be fast too; `ask` raises.
    for query, variables in questions[:20]:
        server.ask(query, variables)
    path = scratch / f"{server.variant.name}.bodies"
    server.bodies["profile"] = write_bodies(server, path, questions)
    load.run(server.url, path, server.token, CONCURRENCY, 2, OTHER_CORE)


def _compared(results: Results, name: str, baseline: str) -> dict[str, Any]:
    """One world beside the smallest: medians over rounds, ratios within each round."""

    def of(measured: Callable[[Cell], float]) -> float:
        return results.median(f"world {name}", "profile", CONCURRENCY, measured)

    def ratios(measured: Callable[[Cell], float]) -> list[float]:
        mine, its = (results.values(f"world {each}", "profile", CONCURRENCY, measured) for each in (name, baseline))
        return [a / b for a, b in zip(mine, its, strict=True) if b]

    speeds = ratios(lambda c: c.rps)
    return {
        "name": name,
        "rps": of(lambda c: c.rps),
        "p50": of(lambda c: c.p50),
        "p99": of(lambda c: c.p99),
        "cpu": of(lambda c: c.server_cpu),
        "postgres": of(lambda c: c.postgres_cpu),
        "bytes": of(lambda c: c.bytes),
        "times": median(speeds),
        "cpuTimes": median(ratios(lambda c: c.server_cpu + c.postgres_cpu)),
        # The furthest that any round is from equal.
        "spread": max(abs(speed - 1) for speed in speeds),
        "errors": sum(cell.errors for cell in results.cells if cell.variant == f"world {name}"),
    }


def _text(rows: list[dict[str, Any]], noise: float, samples: int) -> str:
    words = {None: "", True: "yes", False: "**no**"}

    def shown(row: dict[str, Any]) -> list[str]:
        again = ", again" if row["name"] == AGAIN else ""
        return [
            f"{row['customers']:,}{again}",
            f"{row['rps']:.0f}",
            f"{row['p50']:.2f}",
            f"{row['p99']:.2f}",
            f"{row['cpu']:.3f}",
            f"{row['postgres']:.3f}",
            f"{row['bytes']:.0f}",
            f"{row['times']:.3f}",
            f"{row['cpuTimes']:.3f}",
            words[row["within"]],
            str(row["errors"]),
        ]

    head = ["customers", "req/s", "p50 ms", "p99 ms", "CPU ms", "PostgreSQL ms", "bytes", "x smallest: req/s", "CPU"]
    head += ["as fast within noise", "errors"]
    note = (
        f"{samples} customers of each world in turn, concurrency {CONCURRENCY}. The smallest world is measured twice,"
        f" by two servers; in single rounds they differ by up to {noise:.1%}, which is the noise."
    )
    return f"{table(head, map(shown, rows))}\n\n{note}"

"""What a request costs by the number of rows in its answer: ten times the rows, at most ten times the CPU."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks import load
from benchmarks.measuring import OTHER_CORE, measure
from benchmarks.report import Cell, Results
from benchmarks.scale.parts import Part, Service, service, table, write_bodies

SIZES = (1, 10, 100)
PAGES = 100
CONCURRENCY = 16


def run(url: str, scratch: Path, seconds: int, rounds: int) -> Part:
    """Measure lists of 1, 10 and 100 customers with their contracts and claims, on the database at `url`."""
    with service("growth", url, scratch) as growing:
        rows = _prepare(growing, scratch)
        results = Results()
        for number in range(rounds):
            for size in SIZES if number % 2 == 0 else SIZES[::-1]:
                query = str(size)
                results.cells.append(measure(growing.running, query, CONCURRENCY, number, growing.backends, seconds))
    steps = [_step(results, rows, small, large) for small, large in pairwise(SIZES)]
    text = f"{_costs(results, rows)}\n\n{_verdicts(steps)}"
    data = {
        "rowsPerRequest": {str(size): count for size, count in rows.items()},
        "steps": steps,
        "cells": results.as_json(),
    }
    return Part("growth", "What a row costs", text, data)


def _prepare(growing: Service, scratch: Path) -> dict[int, float]:
    """Write the requests of each size; how many rows their answers have on average, nested ones included."""
    server = growing.running
    starts: list[str | None] = [None]
    while len(starts) < PAGES:
        cursor = server.ask("pages", {"after": starts[-1]})["customers"]["pageInfo"]["endCursor"]
        if cursor is None:
            break
        starts.append(cursor)
    # A page has 50 customers, the last one perhaps fewer: 100 follow each of the starts that remain.
    starts = starts[:-3]
    if not starts:
        raise SystemExit("growth is measured on a database with at least 200 customers")
    rows = {}
    for size in SIZES:
        questions = [("rows", {"first": size, "after": start}) for start in starts]
        server.bodies[str(size)] = write_bodies(server, scratch / f"growth.{size}.bodies", questions)
        rows[size] = mean(_objects(_page(server, size, start)) for start in starts)
        load.run(server.url, server.bodies[str(size)], server.token, CONCURRENCY, 1, OTHER_CORE)
    return rows


def _page(server: Any, size: int, start: str | None) -> list[Any]:
    nodes: list[Any] = server.ask("rows", {"first": size, "after": start})["customers"]["nodes"]
    return nodes


def _objects(value: Any) -> int:
    """How many objects with an id there are: one for each row, wherever it comes from."""
    if isinstance(value, list):
        return sum(map(_objects, value))
    return ("id" in value) + sum(map(_objects, value.values())) if isinstance(value, dict) else 0


def _cpu(cell: Cell) -> float:
    return cell.server_cpu + cell.postgres_cpu


def _step(results: Results, rows: dict[int, float], small: int, large: int) -> dict[str, Any]:
    """From one size to the next: by how much the rows grow, and the CPU (median of the ratios within each round)."""
    cpu = median(
        after / before
        for before, after in zip(
            results.values("growth", str(small), CONCURRENCY, _cpu),
            results.values("growth", str(large), CONCURRENCY, _cpu),
            strict=True,
        )
    )
    grown = rows[large] / rows[small]
    return {"from": small, "to": large, "rows": grown, "cpu": cpu, "met": cpu <= grown}


def _costs(results: Results, rows: dict[int, float]) -> str:
    def shown(size: int) -> list[str]:
        def of(measured: Callable[[Cell], float]) -> float:
            return results.median("growth", str(size), CONCURRENCY, measured)

        return [
            str(size),
            f"{rows[size]:.1f}",
            f"{of(lambda c: c.rps):.0f}",
            f"{of(lambda c: c.p50):.2f}",
            f"{of(lambda c: c.server_cpu):.3f}",
            f"{of(lambda c: c.postgres_cpu):.3f}",
            f"{of(_cpu) / rows[size] * 1000:.1f}",
            f"{of(lambda c: c.bytes):.0f}",
            str(sum(cell.errors for cell in results.cells if cell.query == str(size))),
        ]

    head = ["customers", "rows", "req/s", "p50 ms", "CPU ms", "PostgreSQL ms", "CPU µs a row, both", "bytes", "errors"]
    return table(head, map(shown, SIZES))


def _verdicts(steps: list[dict[str, Any]]) -> str:
    def verdict(step: dict[str, Any]) -> list[str]:
        met = "yes" if step["met"] else "**no**"
        return [f"{step['from']} to {step['to']} customers", f"x {step['rows']:.2f}", f"x {step['cpu']:.2f}", met]

    return table(["from … to", "rows", "CPU, both", "CPU grows no faster than rows"], map(verdict, steps))

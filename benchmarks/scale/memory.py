"""The memory of one worker while it answers request after request: it stays flat."""

from itertools import cycle, islice
from pathlib import Path
from statistics import linear_regression
from typing import Any

from benchmarks import load, processes
from benchmarks.database import Samples
from benchmarks.measuring import OTHER_CORE, say
from benchmarks.scale.parts import Part, service, table, write_bodies

CONCURRENCY = 16
# Until here caches, pools and prepared statements fill up.
WARM = 20_000


def run(url: str, scratch: Path, requests: int, every: int) -> Part:
    """Read the resident memory `every` so many requests: profile, list and search in turn, on the database at `url`."""
    samples = Samples(url)
    with service("memory", url, scratch) as worker:
        server = worker.running
        profiles = [("profile", {"number": number}) for number in samples.numbers]
        lists = cycle([("list", {"after": cursor}) for cursor in _cursors(server, len(samples.cursors))])
        searches = cycle([("search", {"query": name}) for name in samples.names])
        mixed = [each for three in zip(profiles, lists, searches, strict=False) for each in three]
        for query, variables in islice(mixed, 30):
            server.ask(query, variables)
        bodies = write_bodies(server, scratch / "memory.bodies", mixed)
        pids = processes.tree(server.process.pid)
        readings = [{"requests": 0, "mb": processes.rss_mb(pids), "rps": 0.0, "errors": 0}]
        while readings[-1]["requests"] < requests:
            seen = load.send(server.url, bodies, server.token, CONCURRENCY, every, OTHER_CORE)
            reading = {
                "requests": readings[-1]["requests"] + seen.requests,
                "mb": processes.rss_mb(pids),
                "rps": seen.requests / seen.seconds,
                "errors": seen.errors,
            }
            readings.append(reading)
            say(f"{reading['requests']:,} requests: {reading['mb']:.1f} MB")
    warm = min(WARM, requests // 5)
    after = [reading for reading in readings if reading["requests"] >= warm]
    slope = _slope(after) if len(after) > 1 else None
    text = _text(readings, after, warm, slope)
    return Part("memory", "The memory of a worker", text, {"readings": readings, "warm": warm, "mbPer10000": slope})


def _cursors(server: Any, pages: int) -> list[str | None]:
    cursors: list[str | None] = [None]
    while len(cursors) < pages:
        cursors.append(server.ask("pages", {"after": cursors[-1]})["customers"]["pageInfo"]["endCursor"])
    return cursors


def _slope(readings: list[dict[str, Any]]) -> float:
    """MB for 10,000 requests more, by least squares."""
    line = linear_regression([reading["requests"] for reading in readings], [reading["mb"] for reading in readings])
    return line.slope * 10_000


def _text(readings: list[dict[str, Any]], after: list[dict[str, Any]], warm: int, slope: float | None) -> str:
    rows = [
        [f"{reading['requests']:,}", f"{reading['mb']:.1f}", f"{reading['rps']:.0f}", str(reading["errors"])]
        for reading in readings
    ]
    shown = table(["requests", "RSS MB", "req/s", "errors"], rows)
    if slope is None:
        return shown
    change = after[-1]["mb"] - after[0]["mb"]
    return (
        f"{shown}\n\nAfter the first {warm:,} requests: {slope:+.3f} MB for each 10,000 requests,"
        f" {change:+.1f} MB in all. Concurrency {CONCURRENCY}; profile, list and search in turn."
    )

"""What was measured, as a table, as ratios, and beside the goals."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.servers import VARIANTS

TITLES = {variant.name: variant.title for variant in VARIANTS}


@dataclass(frozen=True)
class Cell:
    """One server under one load for a few seconds; latencies and CPU in milliseconds, CPU for each request."""

    variant: str
    query: str
    concurrency: int
    round: int
    requests: int
    rps: float
    p50: float
    p99: float
    errors: int
    server_cpu: float
    postgres_cpu: float
    rss: float
    bytes: float


class Results:
    """All cells; everything that is shown is a median over rounds."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []

    def values(self, variant: str, query: str, concurrency: int, measure: Callable[[Cell], float]) -> list[float]:
        """A measure of each round."""
        key = (variant, query, concurrency)
        return [measure(c) for c in self.cells if (c.variant, c.query, c.concurrency) == key]

    def median(self, variant: str, query: str, concurrency: int, measure: Callable[[Cell], float]) -> float:
        """The median over rounds; not a number where nothing was measured."""
        return median(self.values(variant, query, concurrency, measure) or [math.nan])

    def times(self, variant: str, other: str, query: str, concurrency: int, measure: Callable[[Cell], float]) -> float:
        """By how much a measure of one server is another's: the median of the ratios within each round."""
        pairs = zip(
            self.values(variant, query, concurrency, measure),
            self.values(other, query, concurrency, measure),
            strict=False,
        )
        return median([a / b for a, b in pairs if b] or [math.nan])

    def table(self) -> str:
        """All results as a markdown table for each query."""
        return "\n\n".join(self._table(query) for query in _unique(c.query for c in self.cells))

    def _table(self, query: str) -> str:
        lines = [
            f"### {query}",
            "",
            "| server | req/s c1 | p50 | p99 | req/s c16 | p50 | p99 | CPU ms | PostgreSQL ms | server core % "
            "| PostgreSQL core % | RSS MB | bytes | x PostGraphile | errors |",
            "|---|" + "--:|" * 14,
        ]
        for variant in _unique(c.variant for c in self.cells if c.query == query):
            shown = [TITLES[variant]]
            for concurrency in (1, 16):
                shown.append(_number(self.median(variant, query, concurrency, lambda c: c.rps), 0))
                shown += [
                    _number(self.median(variant, query, concurrency, measure), 2)
                    for measure in (lambda c: c.p50, lambda c: c.p99)
                ]
            shown += [
                _number(self.median(variant, query, 16, measure), decimals)
                for measure, decimals in (
                    (lambda c: c.server_cpu, 3),
                    (lambda c: c.postgres_cpu, 3),
                    (lambda c: c.server_cpu * c.rps / 10, 0),
                    (lambda c: c.postgres_cpu * c.rps / 10, 0),
                    (lambda c: c.rss, 0),
                    (lambda c: c.bytes, 0),
                )
            ]
            shown.append(_number(self.times(variant, "postgraphile", query, 16, lambda c: c.rps), 2))
            shown.append(str(sum(c.errors for c in self.cells if (c.variant, c.query) == (variant, query))))
            lines.append(f"| {' | '.join(shown)} |")
        return "\n".join(lines)

    def goals(self) -> list[dict[str, Any]]:
        """Each goal at concurrency 16, what was reached, and whether that is enough; None where not measured."""

        def faster(other: str, query: str) -> float:
            return self.times("customer360", other, query, 16, lambda c: c.rps)

        cpu = self.times("customer360", "one_statement", "profile", 16, lambda c: c.server_cpu + c.postgres_cpu)
        partner = self.times("partner", "partner_unguarded", "profile", 16, lambda c: c.rps)
        tail = [self.times("customer360", "postgraphile", query, 16, lambda c: c.p99) for query in ("profile", "list")]
        rows = [
            ("profile: requests/s, times PostGraphile", faster("postgraphile", "profile"), ">=", 2.0),
            ("profile: requests/s, times mercurius", faster("mercurius", "profile"), ">=", 1.3),
            ("profile: requests/s, times interpreted", faster("interpreted", "profile"), ">=", 15.0),
            ("profile: requests/s, times without access control", faster("unguarded", "profile"), ">=", 0.9),
            ("partner's profile: requests/s, times without access control", partner, ">=", 0.65),
            ("profile: CPU with PostgreSQL, times one statement", cpu, "<=", 2.5),
            ("profile: p99, times PostGraphile", tail[0], "<=", 1.0),
            ("list: requests/s, times PostGraphile", faster("postgraphile", "list"), ">=", 5.0),
            ("list: requests/s, times mercurius", faster("mercurius", "list"), ">=", 2.0),
            ("list: requests/s, times interpreted", faster("interpreted", "list"), ">=", 15.0),
            ("list: p99, times PostGraphile", tail[1], "<=", 1.0),
        ]
        return [
            {
                "goal": f"{name} {sign} {bound:g}",
                "reached": None if math.isnan(value) else round(value, 2),
                "met": None if math.isnan(value) else value >= bound if sign == ">=" else value <= bound,
            }
            for name, value, sign, bound in rows
        ]

    def goals_table(self) -> str:
        """The goals as a markdown table."""
        words = {True: "met", False: "**missed**", None: "not measured"}
        rows = [f"| {goal['goal']} | {goal['reached'] or '–'} | {words[goal['met']]} |" for goal in self.goals()]
        return "\n".join(["| goal at concurrency 16 | reached | |", "|---|--:|---|", *rows])

    def as_json(self) -> list[dict[str, Any]]:
        """All cells."""
        return [asdict(cell) for cell in self.cells]


def content_table(content: dict[str, dict[str, Any]]) -> str:
    """The comparison of the answers as a markdown table."""
    lines = [
        "| answers beside ours | compared | equal | objects each | differences |",
        "|---|--:|--:|--:|---|",
    ]
    for name, found in content.items():
        kinds = ", ".join(f"{path} {count}x" for path, count in found["differences"].items()) or "none"
        lines.append(f"| {name} | {found['answers']} | {found['equal']} | {found['objectsPerAnswer']} | {kinds} |")
    return "\n".join(lines)


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _number(value: float, decimals: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{decimals}f}"

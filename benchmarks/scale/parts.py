"""What the parts have in common: their results, tables, and the service that they measure."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.database import Backends
from benchmarks.measuring import SERVER_CORE
from benchmarks.servers import VARIANTS, Running, body, running


@dataclass(frozen=True)
class Part:
    """The results of one part: markdown for people, data for programs."""

    name: str
    title: str
    text: str
    data: Any


@dataclass(frozen=True)
class Service:
    """One worker of the service, and PostgreSQL's processes for its database."""

    running: Running
    backends: Backends


@contextlib.contextmanager
def service(name: str, url: str, scratch: Path) -> Iterator[Service]:
    """The service on the database at `url`, under a name of its own; stopped at the end."""
    variant = replace(VARIANTS[0], name=name, title=name)
    with running(variant, url, scratch, SERVER_CORE) as server:
        backends = Backends(url)
        try:
            yield Service(server, backends)
        finally:
            backends.close()


def write_bodies(server: Running, path: Path, questions: Iterable[tuple[str, dict[str, Any]]]) -> Path:
    """Write requests, each a query's name and its variables, into a file for the load generator."""
    path.write_bytes(b"".join(body(server.variant, query, variables) + b"\n" for query, variables in questions))
    return path


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table; all but the first column are numbers."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "--:|" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])

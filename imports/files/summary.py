"""What an import did, in figures."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table: made, changed, and found as they were."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: the rows of the CSV, and for each table the rows here."""

    source: str
    rows: int
    rejected: int
    entities: Mapping[str, Counts]
    seconds: float
    dry_run: bool = False

    @property
    def rows_per_second(self) -> float:
        """Rows of the CSV dealt with in a second."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


def counts_of(counts: Counter[tuple[str, str]]) -> dict[str, Counts]:
    """The figures by table, in the order the tables were first counted."""
    tables = dict.fromkeys(table for table, _ in counts)
    return {
        table: Counts(counts[table, "inserted"], counts[table, "updated"], counts[table, "unchanged"])
        for table in tables
    }

"""What a long run shows: a progress bar while it runs, a table at its end."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from imports.files.summary import ImportSummary


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that counts `what`; yields the function to call with (done, total). Silent when nobody looks."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def show_summary(summary: ImportSummary, *, rejects: bool) -> None:
    """Print what an import did as a table; `rejects` tells whether refused rows were written to a file."""
    table = Table(title="dry run: nothing was written" if summary.dry_run else f"imported from {summary.source}")
    table.add_column("table")
    for heading in ("inserted", "updated", "unchanged"):
        table.add_column(heading, justify="right")
    for name, counts in summary.entities.items():
        table.add_row(name, f"{counts.inserted:,}", f"{counts.updated:,}", f"{counts.unchanged:,}")
    console = Console()
    console.print(table)
    console.print(
        f"{summary.rows:,} rows read, {summary.rejected:,} rejected, {summary.seconds:.1f} s"
        f" ({summary.rows_per_second:,.0f} rows/s)"
    )
    if summary.rejected and not rejects:
        console.print("to see which rows were rejected and why, run it again with --rejects FILE")

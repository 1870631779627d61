"""Running an import: `run` reads, converts and loads a file batch by batch."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from core.errors import StartError
from imports import audit
from imports.files import references
from imports.files.copy import CopyQueue
from imports.files.loading import Loader, Outcome
from imports.files.lookups import Lookups
from imports.files.records import Plan
from imports.files.rejects import RejectsFile
from imports.files.summary import ImportSummary, counts_of
from imports.files.table import Row, Table
from imports.files.tuning import tuned
from imports.mapping import read

Connection = psycopg.Connection[Any]
Progress = Callable[[int, int], None]

BATCH_ROWS = 1000

# How long a second import of the same source waits for the first before it says so.
LOCK_WAIT = "10s"


def run(
    database_url: str,
    file: Path,
    mapping: Path,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import the CSV `file` by the mapping file `mapping` and say what was done.

    Rows that cannot be imported go to `rejects` and do not stop the others. A dry run does all of it in one
    transaction that is rolled back. `progress` is called after each batch with the bytes read and the file's size.

    Raises StartError when the mapping, the file, the rejects file or the database does not allow to begin, when the
    same source is being imported elsewhere, and when the connection breaks (run it again: it goes on where it was).
    """
    started = time.perf_counter()
    form = read(mapping)
    _check_paths(file, mapping, rejects)
    with Table(file, form) as table, _connected(database_url) as connection, _alone(connection, form.source):
        plan = Plan(form, table.header)
        with RejectsFile(rejects, form.file, table.header) as refused, _rehearsal(connection, dry_run):
            facts = {"source": form.source, "file": file.name, "sha256": _digest(file)}
            if not dry_run:
                audit.note(connection, "import", facts)
            counts = references.ensure(connection, form)
            # Tables that no row touches are shown too, with zeros.
            counts.update({(record.table, "inserted"): 0 for record in plan.records})
            with CopyQueue(connection) as copies, _connected(database_url) as other:
                # Only the connection of a rehearsal sees its rows, so it cannot look anything up ahead.
                lookups = Lookups(connection if dry_run else other, other, form.source)
                loader = Loader(connection, copies, plan, dry_run, facts)
                rows = _load_all(table, plan, loader, lookups, not dry_run, refused, counts, progress)
        return ImportSummary(
            source=form.source,
            rows=rows,
            rejected=refused.count,
            entities=counts_of(counts),
            seconds=time.perf_counter() - started,
            dry_run=dry_run,
        )


def _load_all(
    table: Table,
    plan: Plan,
    loader: Loader,
    lookups: Lookups,
    ahead: bool,
    refused: RejectsFile,
    counts: Counter[tuple[str, str]],
    progress: Progress | None,
) -> int:
    """Load the rows batch by batch and return their number.

    While one batch is written, the next is read, converted and, if `ahead`, looked up; never more than two are in
    memory.
    """
    rows = 0

    def finish(loading: Future[Outcome] | None) -> Outcome:
        if loading is None:
            return Outcome()
        outcome = loading.result()
        refused.write(outcome.rejects)
        counts.update(outcome.counts)
        lookups.note(outcome.lines)
        if progress is not None:
            progress(table.position, table.size)
        return outcome

    loading: Future[Outcome] | None = None
    with tuned(), ThreadPoolExecutor(1, thread_name_prefix="import") as worker:
        for read_rows in _batches(table):
            converted = [plan.convert(row) for row in read_rows]
            rows += len(converted)
            batch = lookups.batch(converted) if ahead else None
            last = finish(loading)
            batch = batch or lookups.batch(converted)
            batch.learn(last.known, last.lines)
            # Settled before the worker begins, as two threads would only hinder each other in plain Python.
            loading = worker.submit(loader.load, loader.settle(converted, batch))
        finish(loading)
    return rows


def _batches(table: Table) -> Iterator[list[Row]]:
    rows = iter(table)
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _check_paths(file: Path, mapping: Path, rejects: Path | None) -> None:
    if (
        rejects is not None
        and rejects.exists()
        and any(rejects.samefile(path) for path in (file, mapping) if path.exists())
    ):
        raise StartError(f"{rejects}: the rejects would overwrite a file that is being read; name another")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _rehearsal(connection: Connection, dry_run: bool) -> AbstractContextManager[object]:
    # One transaction around all batches, not one for each: later rows may refer to earlier ones.
    return connection.transaction(force_rollback=True) if dry_run else nullcontext()


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    try:
        connection = psycopg.connect(
            database_url, autocommit=True, client_encoding="utf8", application_name="c360 import"
        )
    except psycopg.OperationalError as error:
        raise StartError(f"cannot connect to the database: {str(error).splitlines()[0]}") from None
    try:
        with connection:
            (found,) = connection.execute("select to_regclass('source_keys') is not null").fetchone() or (False,)
            if not found:
                raise StartError("the database has no customer360 tables yet; run c360 migrate first")
            yield connection
    except psycopg.OperationalError as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StartError(f"the import broke off: {line}; run it again, it goes on where it stopped") from error
    except errors.InsufficientPrivilege as error:
        raise StartError(f"the database user may not import: {error.diag.message_primary}") from None


@contextmanager
def _alone(connection: Connection, source: str) -> Iterator[None]:
    """Hold the source's advisory lock, so that no two imports look up the same keys at once."""
    connection.execute("select set_config('lock_timeout', %s, false)", (LOCK_WAIT,))
    try:
        connection.execute("select pg_advisory_lock(hashtextextended('c360 import ' || %s, 0))", (source,))
    except errors.LockNotAvailable:
        raise StartError(f"another import of {source} is running; try again when it has ended") from None
    connection.execute("reset lock_timeout")
    # Ends with the connection, which also holds when this process is killed.
    yield

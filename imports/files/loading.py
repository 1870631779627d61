"""Loading a batch: decide for each record whether it is new, changed or unchanged, and write that in one transaction.

When the database refuses a batch, the batch is halved until the row at fault stands alone; that row is rejected with
the database's reason and all others are written.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors

from events.append import WAKE
from imports import audit
from imports.files import changes
from imports.files.changes import Change, Difference
from imports.files.copy import CopyQueue
from imports.files.events import COLUMNS as EVENT_COLUMNS
from imports.files.events import EventWriter, Line, now_text
from imports.files.known import Key, Known, add_known, change_known
from imports.files.records import CompiledRecord, ConvertedRow, Plan
from imports.files.rules import step_problem
from imports.files.settling import Batch, Settled, Settler, State
from imports.files.table import Reason, Row

Connection = psycopg.Connection[Any]

_ATTEMPTS = 3


@dataclass(slots=True)
class Outcome:
    """What became of a batch: the rows refused, and how many rows of each table were inserted, updated or kept.

    `known` are the rows it made or changed, `lines` the keys it brought; later batches have to learn them.
    """

    rejects: list[Row] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: dict[Key, Known] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take in the outcome of another part."""
        self.rejects += other.rejects
        self.counts += other.counts
        self.known |= other.known
        self.lines |= other.lines


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch ready to be written: what is accepted of it, what is refused, and what it brings."""

    rows: Sequence[ConvertedRow]
    batch: Batch
    accepted: list[Settled]
    rejects: list[Row]
    new: dict[Key, Known]
    lines: dict[Key, int]


class _RowsRefused(Exception):
    """Rows of the batch do not fit the rows they stand for; `reasons` tells why, by their lines."""

    def __init__(self, reasons: dict[int, Reason]) -> None:
        super().__init__()
        self.reasons = reasons


class Loader:
    """Writes batches of converted rows, each with its events and its audit entry, which names the run by `facts`.

    With `dry_run` it spares the numbers, and the sequences of both logs.
    """

    def __init__(
        self, connection: Connection, copies: CopyQueue, plan: Plan, dry_run: bool, facts: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._copies = copies
        self._plan = plan
        self._source = plan.mapping.source
        self._dry_run = dry_run
        self._run = facts
        self._events = [EventWriter(record, self._source) for record in plan.records]

    def settle(self, rows: Sequence[ConvertedRow], batch: Batch) -> Prepared:
        """Decide what is to be written of the rows, by what `batch` knows. Asks the database nothing."""
        settler = Settler(self._plan, batch)
        accepted: list[Settled] = []
        rejects: list[Row] = []
        for converted in rows:
            settled, reasons = settler.settle(converted)
            if reasons:
                rejects.append(Row(converted.row.line, converted.row.cells, reasons))
            else:
                accepted += settled
        return Prepared(rows, batch, accepted, rejects, settler.new, settler.lines)

    def load(self, prepared: Prepared) -> Outcome:
        """Write the rows of a batch and say what became of them. What the batch knows grows by what they bring.

        Raises psycopg.OperationalError when the connection breaks or another transaction stays in the way.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._connection.transaction():
                    try:
                        outcome = self._write(prepared)
                    finally:
                        self._copies.settle()
            except (errors.DeadlockDetected, errors.SerializationFailure):
                if attempt == _ATTEMPTS:
                    raise
            except (psycopg.IntegrityError, psycopg.DataError) as error:
                return self._halved(prepared.rows, prepared.batch, error)
            except _RowsRefused as refused:
                return self._without(prepared.rows, prepared.batch, refused.reasons)
            else:
                prepared.batch.learn(outcome.known, outcome.lines)
                return outcome
        raise AssertionError("every attempt returns or raises")

    def _halved(self, rows: Sequence[ConvertedRow], batch: Batch, error: psycopg.Error) -> Outcome:
        if len(rows) == 1:
            row = rows[0].row
            return Outcome([Row(row.line, row.cells, [*row.reasons, Reason("", _refusal(error))])])
        half = len(rows) // 2
        outcome = self.load(self.settle(rows[:half], batch))
        outcome.add(self.load(self.settle(rows[half:], batch)))
        return outcome

    def _without(self, rows: Sequence[ConvertedRow], batch: Batch, reasons: dict[int, Reason]) -> Outcome:
        for converted in rows:
            if (reason := reasons.get(converted.row.line)) is not None:
                converted.row.reasons.append(reason)
        return self.load(self.settle(rows, batch))

    def _write(self, prepared: Prepared) -> Outcome:
        accepted = prepared.accepted
        outcome = Outcome(prepared.rejects, lines=prepared.lines)
        now = now_text()
        events: list[Line] = []
        customers = {one.customer_id for one in accepted if one.state == "new"}
        made_customers = {one.row_id for one in accepted if one.state == "new" and one.made.record.table == "customers"}
        by_state: defaultdict[tuple[int, State], list[Settled]] = defaultdict(list)
        for one in accepted:
            by_state[one.made.record.index, one.state].append(one)
        for record in self._plan.records:
            new, changed, unchanged = (by_state[record.index, state] for state in ("new", "changed", "unchanged"))
            events += self._insert(record, new, made_customers, now)
            really = self._update(record, changed, events, customers, now)
            for one in changed:
                outcome.known[record.table, one.made.key] = Known(one.row_id, one.customer_id, one.made.digest)
            outcome.counts[record.table, "inserted"] += len(new)
            outcome.counts[record.table, "updated"] += really
            outcome.counts[record.table, "unchanged"] += len(unchanged) + len(changed) - really
        if not self._dry_run:
            self._copies.add("events", EVENT_COLUMNS, events)
        add_known(self._copies, self._source, prepared.new, now)
        self._copies.flush()
        change_known(self._connection, self._source, outcome.known, now)
        if not self._dry_run:
            self._tell(outcome, customers - {""})
            if events:
                self._connection.execute(WAKE)
        outcome.known |= prepared.new
        return outcome

    def _tell(self, outcome: Outcome, customers: set[str]) -> None:
        """Add the audit entry of the batch, if it changed something."""
        rows = {
            f"{table}.{what}": count
            for (table, what), count in sorted(outcome.counts.items())
            if count and what != "unchanged"
        }
        if rows:
            audit.note_rows(self._connection, self._run, customers, rows)

    def _insert(self, record: CompiledRecord, new: Sequence[Settled], made_customers: set[str], now: str) -> list[Line]:
        kind = record.entity
        extra = [now] * len(kind.bookkeeping) + [value for _, value in record.defaults]
        columns = ["id", *record.columns, *kind.bookkeeping, *(name for name, _ in record.defaults)]
        rows = [[one.row_id, *one.values, *extra] for one in new]
        if self._dry_run and kind.numbered:
            # A number is unique and never given twice, so a rehearsal must not use any up.
            columns.append("number")
            for row in rows:
                row.append(row[0])
        self._copies.add(record.table, columns, rows)
        writer = self._events[record.index]
        if writer.silent or self._dry_run:
            return []
        events: list[Line] = []
        for one in new:
            if not (writer.part and one.customer_id in made_customers):
                events += writer.made(one, now)
        return events

    def _update(
        self,
        record: CompiledRecord,
        changed: Sequence[Settled],
        events: list[Line],
        customers: set[str],
        now: str,
    ) -> int:
        """Write what really differs, add its events and customers, and return the number of rows written."""
        if not changed:
            return 0
        self._copies.flush()
        found = changes.differences(self._connection, record, [Change(one.row_id, one.values) for one in changed])
        reasons = {
            one.line: reason for one in changed if (reason := _misfit(record, one, found.get(one.row_id))) is not None
        }
        if reasons:
            raise _RowsRefused(reasons)
        writer = self._events[record.index]
        written: list[str] = []
        for one in changed:
            difference = found[one.row_id]
            if difference.columns:
                written.append(one.row_id)
                customers.add(one.customer_id)
                if not writer.silent:
                    events += writer.changed(one, difference, now)
        if written:
            changes.write(self._connection, record, written, now)
        return len(written)


def _misfit(record: CompiledRecord, one: Settled, difference: Difference | None) -> Reason | None:
    """Why a changed row does not fit the stored one: that is gone, or no way of its workflow leads to the new state."""
    if difference is None:
        return Reason("", f"stands for a row of {record.table} that was deleted here since it was imported")
    for name, position, workflow in record.states:
        after = one.values[position]
        if name in difference.columns and after and difference.states[name]:
            problem = step_problem(workflow, difference.states[name], after)
            if problem is not None:
                return Reason("", f"{record.name}.{name}: {problem}")
    return None


def _refusal(error: psycopg.Error) -> str:
    message = error.diag.message_primary or str(error)
    # The detail of a check violation repeats the whole row, ids and all; that of a key names the key.
    detail = error.diag.message_detail if not isinstance(error, errors.CheckViolation) else None
    return f"the database refuses it: {message}" + (f" ({detail})" if detail else "")

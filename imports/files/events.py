"""Events of imported rows: the declarations in `entities`, compiled for a record and applied to its rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from core.ids import new_id
from imports.files.changes import Difference
from imports.files.entities import HISTORIES, Changed, History, Made, fact_of, graph_name
from imports.files.records import CompiledRecord
from imports.files.settling import Settled
from imports.mapping.catalogue import Kind
from models.event_types import EVENT_TYPES
from models.history import EventSource

COLUMNS = (
    "id",
    "customer_id",
    "type",
    "category",
    "source",
    "summary",
    "occurred_at",
    "subject_kind",
    "subject_id",
    "cause_id",
    "correlation_id",
    "actor",
    "payload",
)

Line = list[str]
Render = Callable[[Sequence[str]], str]

_PLACE = re.compile(r"\{(\w+)\}")


_Tests = list[tuple[int, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class _MadeEvent:
    type: str
    category: str
    summary: Render
    at: tuple[int, ...]
    when: _Tests
    unless: _Tests
    facts: Render
    cause: str | None


class EventWriter:
    """Makes the events of one record's rows, as lines for COPY."""

    def __init__(self, record: CompiledRecord, source: str) -> None:
        self._record = record
        self._actor = f"import:{source}"
        self._history: History = HISTORIES[record.table]
        self._made = [event for rule in self._history.made if (event := self._compiled(rule)) is not None]
        self._changed = [(rule, self._text(rule.summary)) for rule in self._history.changed]
        subject = self._history.subject
        self._subject_kind = subject.kind.value if subject is not None else ""
        self._subject_position = record.position(subject.column) if subject is not None else None

    @property
    def silent(self) -> bool:
        """Whether the table's rows bring no events."""
        return self._history.subject is None

    @property
    def part(self) -> bool:
        """Whether new rows are part of a customer made along with them, and then bring no event of their own."""
        return self._history.part

    def made(self, row: Settled, now: str) -> list[Line]:
        """The events of a new row."""
        lines: list[Line] = []
        ids: dict[str, str] = {}
        values = row.values
        for event in self._made:
            if event.when and not _hold(event.when, values):
                continue
            if event.unless and _hold(event.unless, values):
                continue
            at = now
            for position in event.at:
                if values[position]:
                    at = values[position]
                    break
            if len(at) == 10:
                at += "T00:00:00+00:00"
            identity = ids[event.type] = str(new_id())
            cause = ids.get(event.cause, "") if event.cause else ""
            # What a file dates into the future has been recorded, but not happened yet: the record is the event.
            at = min(at, now)
            summary, facts = event.summary(values), event.facts(values)
            lines.append(self._line(identity, row, event.type, event.category, summary, at, cause, facts))
        return lines

    def changed(self, row: Settled, difference: Difference, now: str) -> list[Line]:
        """The events of a row that differs from the stored one."""
        lines: list[Line] = []
        left = set(difference.columns)
        for rule, summary in self._changed:
            taken = self._taken(rule, row, left)
            if not taken:
                continue
            left -= taken
            payload = orjson.dumps(self._told(rule.type, row, taken, difference)).decode()
            category = EVENT_TYPES[rule.type].category.value
            lines.append(self._line(str(new_id()), row, rule.type, category, summary(row.values), now, "", payload))
        return lines

    def _told(self, event: str, row: Settled, taken: set[str], difference: Difference) -> dict[str, Any]:
        """The facts of a change, as far as the event's type has them: names of fields, states, the risk."""
        told: dict[str, Any] = {"changed": sorted(graph_name(column) for column in taken)}
        state, now_in = ("kyc_status", "to") if event == "KycStatusChanged" else ("status", "status")
        told[now_in] = self._value(row, state)
        told["from"] = difference.states.get(state) if state in taken else None
        score = self._value(row, "risk_score")
        told |= {"riskScore": int(score) if score else None, "riskBand": self._value(row, "risk_band")}
        return {
            fact: value for fact, value in told.items() if value not in (None, "") and fact in EVENT_TYPES[event].facts
        }

    def _value(self, row: Settled, column: str) -> str:
        position = self._record.position(column)
        return row.values[position] if position is not None else ""

    def _taken(self, rule: Changed, row: Settled, left: set[str]) -> set[str]:
        """The changed columns an event speaks of; an event for certain values takes only a change to one of them."""
        if not rule.columns:
            return set(left)
        taken = left & set(rule.columns)
        if taken and rule.to:
            position = self._record.position(rule.columns[0])
            if position is None or row.values[position] not in rule.to:
                return set()
        return taken

    def _line(
        self, identity: str, row: Settled, kind: str, category: str, summary: str, at: str, cause: str, payload: str
    ) -> Line:
        subject = row.row_id if self._subject_position is None else row.values[self._subject_position]
        return [
            identity,
            row.customer_id,
            kind,
            category,
            EventSource.IMPORT.value,
            summary,
            at,
            self._subject_kind,
            subject,
            cause,
            row.correlation_id,
            self._actor,
            payload,
        ]

    def _compiled(self, rule: Made) -> _MadeEvent | None:
        when = self._tests(rule.when)
        if len(when) < len(rule.when):
            return None
        unless = self._tests(rule.unless)
        at = (self._record.position(column) for column in rule.at)
        return _MadeEvent(
            type=rule.type,
            category=EVENT_TYPES[rule.type].category.value,
            summary=self._text(rule.summary),
            at=tuple(position for position in at if position is not None),
            when=when,
            unless=unless if len(unless) == len(rule.unless) else [],
            facts=self._facts(rule.facts),
            cause=rule.cause,
        )

    def _tests(self, conditions: Sequence[tuple[str, tuple[str, ...]]]) -> _Tests:
        """Conditions by their values' positions; those on columns the mapping does not give are left out."""
        found = [(self._record.position(column), frozenset(values)) for column, values in conditions]
        return [(position, values) for position, values in found if position is not None]

    def _words(self, column: str) -> Callable[[str], str]:
        target = self._record.entity.targets[column]
        if target.kind is Kind.CHOICE:
            return {name: name.replace("_", " ").lower() for name in ("", *target.choices)}.__getitem__
        return str

    def _text(self, template: str) -> Render:
        """A function that fills in a summary; a column the mapping does not give becomes nothing."""
        parts = _PLACE.split(template)
        steps: list[str | tuple[int, Callable[[str], str]]] = []
        for number, part in enumerate(parts):
            if number % 2 == 0:
                steps.append(part)
            elif (position := self._record.position(part)) is not None:
                steps.append((position, self._words(part)))
        if len(steps) == 1 and isinstance(steps[0], str):
            constant = steps[0]
            return lambda values: constant

        def render(values: Sequence[str]) -> str:
            return "".join([step if isinstance(step, str) else step[1](values[step[0]]) for step in steps])

        return render

    def _facts(self, columns: Sequence[str]) -> Render:
        """A function that makes the event's payload: the facts of the named columns that have a value."""
        present = [(fact_of(column), self._record.position(column)) for column in columns]
        facts = [(fact, position) for fact, position in present if position is not None]
        if not facts:
            return lambda values: "{}"

        def render(values: Sequence[str]) -> str:
            found = {fact: values[position] for fact, position in facts if values[position]}
            return orjson.dumps(found).decode()

        return render


def _hold(tests: _Tests, values: Sequence[str]) -> bool:
    return all(values[position] in wanted for position, wanted in tests)


def now_text() -> str:
    """The current moment in the form of a converted value."""
    return datetime.now(UTC).isoformat()

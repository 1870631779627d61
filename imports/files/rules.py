"""The rules of commands, for the rows of a file: those of models/rules.py, compiled for a record of a mapping.

What values must look like is checked where they are converted (`values`), by models/notation.py. Here it is what
columns of a row owe each other, which column follows from which, and which ways a state may go.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import models
from core.workflow import Workflow
from models import rules
from models.base import ChoiceText
from models.customers import risk_band
from models.workflows import WORKFLOWS

# From the texts of a rule's columns, "" for none, to the column at fault and the reason.
Check = Callable[..., tuple[str, str] | None]
RowCheck = Callable[[Sequence[str]], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class RowRule:
    """What columns of one row owe each other. It is asked where the mapping fills one of `about`."""

    columns: tuple[str, ...]
    check: Check
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that follows from another, where the mapping fills that one alone."""

    column: str
    source: str
    make: Callable[[str], str]


def _kind_check(columns: Sequence[str]) -> RowCheck:
    """No customer has what only the other kind has. Only columns of the mapping are looked at: of most files, none."""
    kind = columns.index("kind")
    foreign = {
        one.value: [(column, columns.index(column)) for column in others if column in columns]
        for one, others in rules.FOREIGN.items()
    }

    def checked(values: Sequence[str]) -> tuple[str, str] | None:
        for column, position in foreign[values[kind]]:
            if values[position]:
                return column, rules.kind_problem(values[kind])
        return None

    return checked


def _birth_date(birth_date: str) -> tuple[str, str] | None:
    return _at("birth_date", rules.birth_date_problem(birth_date, datetime.now(UTC).date().isoformat()))


def _band(score: str, band: str) -> tuple[str, str] | None:
    return _at("risk_band", rules.band_problem(int(score), band) if score and band else None)


def _place(*parts: str) -> tuple[str, str] | None:
    return _at("city", rules.place_problem(*parts))


def _span(begin: str, end: str) -> RowRule:
    return RowRule((begin, end), lambda first, last: _at(end, rules.span_problem(first, last)), (end,))


def _at(column: str, problem: str | None) -> tuple[str, str] | None:
    return None if problem is None else (column, problem)


ROW_RULES: Mapping[str, tuple[RowRule, ...]] = {
    "customers": (
        RowRule(("birth_date",), _birth_date, ("birth_date",)),
        RowRule(("risk_score", "risk_band"), _band, ("risk_band",)),
    ),
    "addresses": (RowRule(rules.PLACE, _place, ("country",)), _span("valid_from", "valid_to")),
    "relationships": (_span("started_on", "ended_on"),),
    "household_members": (_span("joined_on", "left_on"),),
}

_DERIVED: Mapping[str, tuple[Derived, ...]] = {
    "customers": (Derived("risk_band", "risk_score", lambda score: risk_band(int(score)).value if score else ""),),
}


def derived(table: str, columns: Sequence[str]) -> tuple[Derived, ...]:
    """The columns that follow from those a mapping fills."""
    return tuple(one for one in _DERIVED.get(table, ()) if one.source in columns and one.column not in columns)


def row_checks(table: str, columns: Sequence[str]) -> tuple[RowCheck, ...]:
    """The rules of a table's rows, on values in the order of `columns`."""
    checks = [_kind_check(columns)] if table == "customers" and "kind" in columns else []
    checks += [
        _compiled(rule, columns) for rule in ROW_RULES.get(table, ()) if any(column in columns for column in rule.about)
    ]
    return tuple(checks)


@cache
def workflows_of(table: str) -> Mapping[str, Workflow[Any]]:
    """The table's columns that hold a state, and their workflows."""
    by_states = {workflow.states: workflow for workflow in WORKFLOWS}
    return {
        column.name: by_states[column.type.kind]
        for column in models.metadata.tables[table].columns
        if isinstance(column.type, ChoiceText) and column.type.kind in by_states
    }


def step_problem(workflow: Workflow[Any], before: str, after: str) -> str | None:
    """What is wrong with a state that a file gives to a row it knows: the workflow has to lead there, in however many
    steps, for the source may have gone several since the last file.
    """
    if workflow.reaches(workflow.states(before), workflow.states(after)):
        return None
    return f"a {workflow.name} that is {before} here does not become {after}"


def _compiled(rule: RowRule, columns: Sequence[str]) -> RowCheck:
    positions = [columns.index(column) if column in columns else None for column in rule.columns]
    check = rule.check

    def checked(values: Sequence[str]) -> tuple[str, str] | None:
        return check(*["" if position is None else values[position] for position in positions])

    return checked

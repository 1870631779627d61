"""What payloads hold: only facts that models/event_types.py promises, written as models/event_facts.py says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from models.event_facts import FACTS, FactKind, unfit
from models.event_types import EVENT_TYPES


def test_the_demo_world_tells_what_is_promised(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        told = connection.execute(
            "select distinct type, key, jsonb_typeof(value),"
            " value #>> '{}' ~ '^[0-9]+[.][0-9]{2}$' from events, jsonb_each(payload)"
        ).fetchall()
    assert len(told) > 40
    forms = {FactKind.COUNT: "number", FactKind.FLAG: "boolean", FactKind.CODES: "array"}
    for event, name, form, is_amount in told:
        assert name in EVENT_TYPES[event].facts, event
        assert form == forms.get(FACTS[name].kind, "string"), (event, name)
        assert is_amount or FACTS[name].kind is not FactKind.AMOUNT, (event, name)


def test_every_fact_is_told_by_some_event() -> None:
    assert set(FACTS) == {name for event in EVENT_TYPES.values() for name in event.facts}


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("status", "OPEN", 1),
        ("dueOn", date(2026, 1, 31), "2026-01-31"),
        ("dueOn", date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC)),
        ("dueAt", datetime(2026, 1, 31, 9, tzinfo=UTC), date(2026, 1, 31)),
        ("amount", Decimal("1.50"), 1.5),
        ("graceDays", 30, True),
        ("documents", ["INVOICE"], "INVOICE"),
    ],
)
def test_a_fact_of_another_kind_does_not_fit(name: str, value: Any, wrong: Any) -> None:
    assert unfit({name: value}, (name,)) == []
    assert unfit({name: wrong}, (name,)) == [name]
    assert unfit({name: value}, ()) == [name]

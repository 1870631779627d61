"""What events say: the facts in their payloads, each with one meaning in all types of events.

Names are as in the graph (camelCase). Amounts are text with two decimals, days and moments are ISO 8601, codes are the
values of the graph's enumerations. A fact never tells more of a person than the objects the event is about do by
themselves: no names, no free text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import auto
from typing import Any

from models.base import Choice


class FactKind(Choice):
    """How a fact is written in JSON."""

    CODE = auto(), "A value of an enumeration, a number or code of ours, or a public id: text."
    DAY = auto(), "A day: text, ISO 8601."
    MOMENT = auto(), "A point in time: text, ISO 8601 with its offset from UTC."
    AMOUNT = auto(), "A sum of money: text with two decimals."
    COUNT = auto(), "A whole number."
    FLAG = auto(), "True or false."
    CODES = auto(), "A list of codes."


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name, how it is written, and what it means."""

    name: str
    kind: FactKind
    description: str


_CODE, _DAY, _AMOUNT, _COUNT = FactKind.CODE, FactKind.DAY, FactKind.AMOUNT, FactKind.COUNT

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("status", _CODE, "The state the object is in now."),
        Fact("from", _CODE, "The state it was in before."),
        Fact("to", _CODE, "The state it is in now."),
        Fact("changed", FactKind.CODES, "The fields that were changed."),
        Fact("number", _CODE, "The object's number."),
        Fact("priority", _CODE, "How urgent it is."),
        Fact("kind", _CODE, "Which kind."),
        Fact("type", _CODE, "Which type."),
        Fact("category", _CODE, "Which category."),
        Fact("reason", _CODE, "The reason, as a code."),
        Fact("country", _CODE, "Country (ISO 3166-1)."),
        Fact("product", _CODE, "The product's code."),
        Fact("channel", _CODE, "The channel it came by."),
        Fact("direction", _CODE, "Inbound or outbound."),
        Fact("outcome", _CODE, "What came of it."),
        Fact("coverageLevel", _CODE, "The level of cover."),
        Fact("currency", _CODE, "Currency of the amounts (ISO 4217)."),
        Fact("amount", _AMOUNT, "The sum it is about."),
        Fact("premium", _AMOUNT, "The premium of a billing period."),
        Fact("lateFee", _AMOUNT, "The fee that was added."),
        Fact("method", _CODE, "How it was paid."),
        Fact("dueOn", _DAY, "When it is due."),
        Fact("dueAt", FactKind.MOMENT, "Until when it is to be done."),
        Fact("graceDays", _COUNT, "How long the grace period is, in days."),
        Fact("renewalOn", _DAY, "The day on which it renews."),
        Fact("renewedOn", _DAY, "The day the new term began."),
        Fact("effectiveOn", _DAY, "The day from which it counts."),
        Fact("incidentOn", _DAY, "The day of the damage."),
        Fact("cause", _CODE, "The cause of the damage."),
        Fact("documents", FactKind.CODES, "The kinds of the documents."),
        Fact("riskScore", _COUNT, "The risk score, 0 to 100."),
        Fact("riskBand", _CODE, "The band of the risk score."),
        Fact("purpose", _CODE, "What personal data is used for."),
        Fact("role", _CODE, "The role in a household."),
        Fact("related", _CODE, "The number of the other customer."),
        Fact("spouse", _CODE, "The number of the spouse, if a customer."),
        Fact("child", _CODE, "The number of the child, if a customer."),
        Fact("employment", _CODE, "The new employment status."),
        Fact("city", _CODE, "The town moved to."),
        Fact("system", _CODE, "The system that reported it."),
        Fact("reference", _CODE, "Its reference over there."),
        Fact("level", _COUNT, "The level of the approval."),
    )
}


def unfit(payload: Mapping[str, Any], facts: tuple[str, ...]) -> list[str]:
    """The names in a payload that are not among `facts`, or whose values are not of the fact's kind."""
    return sorted(name for name, value in payload.items() if name not in facts or not _fits(FACTS[name].kind, value))


def _fits(kind: FactKind, value: Any) -> bool:
    match kind:
        case FactKind.CODE:
            return isinstance(value, str)
        case FactKind.DAY:
            return isinstance(value, date) and not isinstance(value, datetime)
        case FactKind.MOMENT:
            return isinstance(value, datetime) and value.tzinfo is not None
        case FactKind.AMOUNT:
            return isinstance(value, Decimal)
        case FactKind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool)
        case FactKind.FLAG:
            return isinstance(value, bool)
        case FactKind.CODES:
            return isinstance(value, list | tuple) and all(isinstance(member, str) for member in value)

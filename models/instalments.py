"""Instalments: how a yearly premium is split, for which periods, and what a part of a period comes to.

Amounts are decimals with two places, rounded half to even; the last instalment of a year takes the remainder, so that
the instalments add up to the year's premium to the cent (docs/adr/0030-contracts-and-billing.md).
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency

_CENT = Decimal("0.01")
_DAY = timedelta(days=1)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Instalment:
    """A premium and the days it pays for, both included; no last day where cover is open-ended and paid for once."""

    first: date
    last: date | None
    amount: Decimal


def split(total: Decimal, count: int) -> tuple[Decimal, ...]:
    """A sum in `count` equal parts to the cent, the last with what remains. Raises ValueError below one part."""
    if count < 1:
        raise ValueError(f"a sum cannot be split into {count} parts")
    part = rounded(total / count)
    return (*(part for _ in range(count - 1)), total - part * (count - 1))


def instalments(
    annual: Decimal, frequency: BillingFrequency, started_on: date, ends_on: date | None, until: date
) -> Iterator[Instalment]:
    """The premiums of a contract from its first day on, those whose period begins on `until` the last.

    `annual` is the premium of a year; of a single premium the whole. Periods are counted from the first day of cover,
    so that a contract begun on the 31st does not wander. A period that the end of the term cuts short costs its share.
    """
    per_year = PREMIUMS_PER_YEAR[frequency]
    if not per_year:
        if started_on <= until:
            yield Instalment(started_on, ends_on, annual)
        return
    parts, months, number = split(annual, per_year), _MONTHS // per_year, 0
    while True:
        first = add_months(started_on, months * number)
        if first > until or (ends_on is not None and first > ends_on):
            return
        last = add_months(started_on, months * (number + 1)) - _DAY
        amount = parts[number % per_year]
        if ends_on is not None and last > ends_on:
            amount = share(amount, first, last, first, ends_on)
            last = ends_on
        yield Instalment(first, last, amount)
        number += 1


def share(amount: Decimal, first: date, last: date, since: date, until: date) -> Decimal:
    """The part of what a period from `first` to `last` costs that falls on the days `since` to `until`, by days."""
    days = (min(until, last) - max(since, first)).days + 1
    return rounded(amount * max(days, 0) / ((last - first).days + 1))


def rounded(amount: Decimal) -> Decimal:
    """The amount with two digits after the point, half to even."""
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def add_months(day: date, months: int) -> date:
    """The day so many months later: the same day of the month, or its last where that month is shorter."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

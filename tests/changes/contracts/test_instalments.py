"""Splitting a premium: to the cent, for periods without gap or overlap."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency
from models.instalments import add_months, instalments, share, split

sums = st.decimals("0.01", "999999.99", places=2)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
regular = st.sampled_from([one for one in BillingFrequency if PREMIUMS_PER_YEAR[one]])


@given(sums, st.integers(1, 12))
def test_the_parts_add_up_and_only_the_last_differs(total: Decimal, count: int) -> None:
    parts = split(total, count)
    assert sum(parts) == total
    assert len(set(parts[:-1])) <= 1
    assert abs(parts[-1] - parts[0]) <= Decimal("0.01") * count / 2


@pytest.mark.parametrize(
    ("total", "count", "first", "last"),
    [("100.00", 3, "33.33", "33.34"), ("0.10", 4, "0.02", "0.04"), ("0.30", 4, "0.08", "0.06"), ("7.00", 1, "7", "7")],
)
def test_halves_are_rounded_to_even_and_the_last_takes_the_remainder(
    total: str, count: int, first: str, last: str
) -> None:
    parts = split(Decimal(total), count)
    assert (parts[0], parts[-1]) == (Decimal(first), Decimal(last))


@given(sums, regular, days)
def test_the_instalments_of_a_year_add_up_and_follow_one_another(
    annual: Decimal, frequency: BillingFrequency, started: date
) -> None:
    ends = add_months(started, 12) - timedelta(days=1)
    found = list(instalments(annual, frequency, started, ends, ends))
    assert sum(one.amount for one in found) == annual
    assert (found[0].first, found[-1].last) == (started, ends)
    for one, following in pairwise(found):
        assert one.last is not None
        assert one.last + timedelta(days=1) == following.first


@given(sums, days, days, days)
def test_the_two_parts_of_a_period_are_the_whole_to_the_cent(amount: Decimal, one: date, two: date, cut: date) -> None:
    first, last = min(one, two), max(one, two)
    before = share(amount, first, last, first, cut)
    after = share(amount, first, last, cut + timedelta(days=1), last)
    assert before >= 0
    assert after >= 0
    assert abs(before + after - amount) <= Decimal("0.01")


def test_a_contract_begun_on_the_31st_does_not_wander() -> None:
    found = list(
        instalments(Decimal(120), BillingFrequency.MONTHLY, date(2027, 1, 31), date(2028, 1, 30), date(2027, 5, 1))
    )
    assert [one.first.isoformat() for one in found] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]


def test_a_period_that_the_term_cuts_short_costs_its_share() -> None:
    *_, short = instalments(
        Decimal(400), BillingFrequency.QUARTERLY, date(2027, 1, 1), date(2027, 4, 9), date(2027, 4, 9)
    )
    # Nine of the ninety-one days of the second quarter.
    assert (short.first, short.last, short.amount) == (date(2027, 4, 1), date(2027, 4, 9), Decimal("9.89"))


def test_a_single_premium_is_asked_for_once() -> None:
    (once,) = instalments(Decimal(5000), BillingFrequency.SINGLE, date(2027, 1, 1), None, date(2030, 1, 1))
    assert (once.first, once.last, once.amount) == (date(2027, 1, 1), None, Decimal(5000))

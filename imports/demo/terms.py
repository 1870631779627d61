"""When a contract runs: dates that fit its status, its product, and the customer's own history."""

from dataclasses import dataclass

from imports.demo.moments import Day, add_months
from imports.demo.pricing import Terms
from imports.demo.world import Customer, World
from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency
from models.contracts import ContractStatus as Status
from models.customers import CustomerStatus

GRACE = 30
"""Days from an unpaid due date to the end of the cover."""


@dataclass(slots=True)
class Span:
    """The days of a contract. `unpaid` is the due date of the premium that broke it, if one did."""

    status: Status
    started: Day
    ends: Day | None = None
    ended: Day | None = None
    renewal: Day | None = None
    grace_ends: Day | None = None
    unpaid: Day | None = None

    def last_covered(self, today: Day) -> Day:
        """Last day of cover up to today."""
        return min(day for day in (self.ends, self.ended, today - 1) if day is not None)


def months_per_period(terms: Terms) -> int:
    """Months one premium pays for; 0 for a single premium."""
    per_year = PREMIUMS_PER_YEAR[terms.frequency]
    return 12 // per_year if per_year else 0


def find_span(world: World, holder: Customer, terms: Terms, status: Status) -> Span | None:
    """Dates for a contract with the status, or None when the customer's history has no room for it.

    The status may come out changed where the product does not know it: an open-ended contract does not expire.
    """
    dice, product = world.dice, terms.product
    low, high = max(holder.since + 3, product.launched_on), holder.until
    if status is Status.EXPIRED and (product.term_months or 999) > 12:
        status = Status.CANCELLED
    if (product.term_months or 12) < 12 and status in (Status.CANCELLED, Status.LAPSED, Status.GRACE_PERIOD):
        status = Status.EXPIRED
    if terms.frequency is BillingFrequency.SINGLE and status in (Status.LAPSED, Status.GRACE_PERIOD):
        status = Status.CANCELLED
    if status is Status.PENDING:
        start = world.today + dice.between(2, 50)
        return _running(world, terms, status, start) if holder.until == world.yesterday else None
    if status is Status.ACTIVE:
        if (product.term_months or 12) < 12:
            low = max(low, world.today - 50)
        return _running(world, terms, status, high - dice.skewed(0, high - low)) if low <= high else None
    if status is Status.EXPIRED:
        return _expired(world, terms, low, high)
    if status in (Status.LAPSED, Status.GRACE_PERIOD):
        return _broken(world, terms, status, low, high)
    return _ended(world, holder, terms, status, low, high)


def _current_term_end(terms: Terms, start: Day, day: Day) -> Day | None:
    """Last day of the term that the day lies in; none for open-ended cover."""
    months = terms.product.term_months
    if months is None:
        return None
    end = add_months(start, months) - 1
    if terms.product.renews:
        years = 1
        while end < day:
            years += 1
            end = add_months(start, 12 * years) - 1
    return end


def _running(world: World, terms: Terms, status: Status, start: Day) -> Span:
    ends = _current_term_end(terms, start, world.today)
    return Span(status, start, ends, renewal=ends + 1 if ends is not None and terms.product.renews else None)


def _expired(world: World, terms: Terms, low: Day, high: Day) -> Span | None:
    months = terms.product.term_months or 12
    longest = (high - low) // (31 * months)
    if longest < 1:
        return None
    terms_run = world.dice.between(1, min(longest, 6)) if terms.product.renews else 1
    start = world.dice.between(low, high - 31 * months * terms_run)
    return Span(Status.EXPIRED, start, add_months(start, months * terms_run) - 1)


def _broken(world: World, terms: Terms, status: Status, low: Day, high: Day) -> Span | None:
    """A contract whose premium, due some days before the end, was not paid."""
    dice, months = world.dice, months_per_period(terms)
    in_grace = status is Status.GRACE_PERIOD
    if in_grace:
        if high < world.yesterday:
            return None
        due = world.today - dice.between(2, 25)
    else:
        due = high - GRACE - dice.skewed(0, max(high - GRACE - low - 31 * months, 0))
    periods = (due - low) // (31 * months)
    if periods < 1:
        return None
    start = add_months(due, -months * dice.between(1, min(periods, 60 // months)))
    if start < low:
        return None
    periods = 1
    while add_months(start, months * (periods + 1)) <= due:
        periods += 1
    due = add_months(start, months * periods)
    ends = _current_term_end(terms, start, due if in_grace else due + GRACE)
    span = Span(status, start, ends, grace_ends=due + GRACE, unpaid=due)
    if in_grace:
        span.renewal = ends + 1 if ends is not None and terms.product.renews else None
    else:
        span.ended = due + GRACE
    return span


def _ended(world: World, holder: Customer, terms: Terms, status: Status, low: Day, high: Day) -> Span | None:
    """Ended by the customer's or the insurer's will, or by the insured's death."""
    dice = world.dice
    if high - low < 120:
        return None
    start = dice.between(low, high - 100)
    died = holder.course is CustomerStatus.DECEASED
    ended = high if died else dice.between(start + 90, high)
    ends = _current_term_end(terms, start, ended)
    if ends is not None and ended > ends:
        return None
    return Span(status, start, ends, ended=ended)

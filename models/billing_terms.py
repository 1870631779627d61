"""How patient the insurer is: days, fees and deadlines by line of business, in one table."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.contracts import Contract
from models.products import LineOfBusiness


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """What holds for the contracts of a line of business; all in days.

    `patience` is how long after its due date a payment becomes overdue, `grace` how long after the due date of an
    overdue premium cover goes on, `reinstatement` how long after a lapse a contract may be put back in force.
    """

    patience: int = 5
    grace: int = 30
    reinstatement: int = 180


_TERMS = BillingTerms()
_LONG_TERMS = BillingTerms(grace=60, reinstatement=1095)

BILLING_TERMS: dict[LineOfBusiness, BillingTerms] = {
    LineOfBusiness.MOTOR: BillingTerms(patience=3, grace=30, reinstatement=90),
    LineOfBusiness.HOME: _TERMS,
    LineOfBusiness.LIABILITY: _TERMS,
    LineOfBusiness.LEGAL: _TERMS,
    LineOfBusiness.LIFE: _LONG_TERMS,
    LineOfBusiness.HEALTH: _LONG_TERMS,
    LineOfBusiness.ACCIDENT: _TERMS,
    LineOfBusiness.TRAVEL: BillingTerms(patience=3, grace=14, reinstatement=30),
    LineOfBusiness.COMMERCIAL: BillingTerms(patience=10, grace=30, reinstatement=90),
}

# What paying late costs. In a currency that is not here it costs nothing.
LATE_FEES: dict[str, Decimal] = {"EUR": Decimal("5.00"), "CHF": Decimal("5.00"), "GBP": Decimal("5.00")}

# A contract can be renewed so many days before its term ends, and is by itself so many days before.
RENEWAL_WINDOW, RENEWAL_LEAD = 90, 14
# The customer is reminded so many days before: early enough to say no before it renews by itself.
REMINDER_LEAD = 30
# Payments are made for so many days ahead, and more of them when so few are left.
BILLED_AHEAD, BILLED_AT_LEAST = 365, 45

# A contract whose product runs for a year renews; others run to their end.
RENEWING_TERM_MONTHS = 12

# Lines with a benefit that somebody else can be named for.
BENEFIT_LINES = frozenset({LineOfBusiness.LIFE, LineOfBusiness.ACCIDENT})


def horizon(contract: Contract, today: date) -> date:
    """The last day on which a period may begin that is billed by now."""
    return max(today, contract.started_on) + timedelta(days=BILLED_AHEAD - 1)

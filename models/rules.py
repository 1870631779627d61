"""Rules that hold for rows, however they come: commands and imports ask the same functions.

Each takes values as Python has them, or the texts a file brings in one canonical form ("" for none), and returns what
is wrong in words, or None.
"""

from collections.abc import Iterable
from typing import TypeVar

from models.base import date
from models.customers import CustomerKind, RiskBand, risk_band

Day = TypeVar("Day", date, str)

OF_PERSONS = (
    "title",
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "marital_status",
    "education",
    "employment_status",
    "occupation",
    "income_amount",
    "nationality",
    "national_id",
)
OF_ORGANISATIONS = ("organisation_name",)
FOREIGN = {CustomerKind.PERSON: OF_ORGANISATIONS, CustomerKind.ORGANISATION: OF_PERSONS}
"""The columns that customers of a kind do not have."""

PLACE = ("street", "postal_code", "city", "region", "area")


def misplaced(kind: str, columns: Iterable[str]) -> str | None:
    """The first of the columns that customers of this kind do not have."""
    foreign = FOREIGN[CustomerKind[kind]]
    return next((column for column in columns if column in foreign), None)


def kind_problem(kind: str) -> str:
    """What is wrong with a column that is misplaced."""
    return f"{'a person' if kind == CustomerKind.PERSON else 'an organisation'} has no such thing"


def birth_date_problem(birth_date: Day | None, today: Day) -> str | None:
    """A date of birth does not lie ahead."""
    return "a date of birth does not lie ahead" if birth_date and birth_date > today else None


def place_problem(*parts: str | None) -> str | None:
    """Of PLACE something is known."""
    return None if any(parts) else "an address has a street, a postal code, a town, a region or a kind of area"


def span_problem(begin: Day | None, end: Day | None) -> str | None:
    """Nothing ends before it begins."""
    return "this ends before it begins" if begin and end and end < begin else None


def band_problem(score: int, band: RiskBand | str) -> str | None:
    """The band is that of the score."""
    right = risk_band(score)
    return None if band == right else f"the band of this score is {right}"

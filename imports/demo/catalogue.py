"""The fixed catalogue: lines of business, categories and products.

Ids come from the codes, so that every run, with whatever seed, means the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.sql import SQL, Identifier, Placeholder

from imports.demo.moments import Day, to_day
from models.claims import ClaimCause as Cause
from models.orders import OrderDocumentKind as Doc
from models.products import LineOfBusiness as Line

_NAMESPACE = UUID("5ba8b1f4-2c3e-7d36-8f0a-c360c360c360")
_FOUNDED = datetime(2008, 1, 2, 8, tzinfo=UTC)
FOUNDED: Day = to_day(_FOUNDED.date())
"""First day of the insurer's records: nobody was a customer before it."""


def fixed_id(code: str, moment: datetime = _FOUNDED) -> str:
    """A UUIDv7 that depends on nothing but the code: 32 hexadecimal digits."""
    low = uuid5(_NAMESPACE, code).int & ((1 << 62) - 1)
    return f"{int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0x8 << 60 | low:032x}"


@dataclass(frozen=True, slots=True)
class Category:
    """A product category, with what is typical of its risks."""

    code: str
    name: str
    description: str
    line: Line
    causes: tuple[Cause, ...]
    documents: tuple[Doc, ...]
    claims_per_year: float

    @property
    def id(self) -> str:
        """Its fixed id."""
        return fixed_id(f"category:{self.code}")


@dataclass(frozen=True, slots=True)
class Product:
    """A product; amounts in whole euros, coverage none where it has no sum insured."""

    code: str
    name: str
    description: str
    category: Category
    base_premium: int
    coverage: tuple[int, int] | None
    term_months: int | None
    launched: date
    cash_value: bool = False
    medical_exam: bool = False
    single_premium: bool = False
    id: str = field(init=False)
    launched_on: Day = field(init=False)

    def __post_init__(self) -> None:
        """Work out what is asked for each row once."""
        object.__setattr__(self, "id", fixed_id(f"product:{self.code}"))
        object.__setattr__(self, "launched_on", to_day(self.launched))

    @property
    def line(self) -> Line:
        """Its line of business."""
        return self.category.line

    @property
    def renews(self) -> bool:
        """Whether its contracts run for a year at a time."""
        return self.term_months == 12


_VEHICLE = (Cause.COLLISION,) * 5 + (Cause.GLASS,) * 3 + (Cause.THEFT, Cause.VANDALISM, Cause.STORM, Cause.OTHER)
_BUILDING = (Cause.WATER,) * 4 + (Cause.STORM,) * 3 + (Cause.FIRE, Cause.GLASS)
_ILLNESS = (Cause.ILLNESS,) * 5 + (Cause.INJURY,)

CATEGORIES: dict[str, Category] = {
    category.code: category
    for category in (
        Category("motor-car", "Car", "Cars for private use.", Line.MOTOR, _VEHICLE,
                 (Doc.VEHICLE_REGISTRATION, Doc.PRIOR_INSURANCE), 0.13),
        Category("motor-bike", "Motorcycle", "Motorcycles and scooters.", Line.MOTOR, _VEHICLE,
                 (Doc.VEHICLE_REGISTRATION,), 0.09),
        Category("home-contents", "Household contents", "What stands in a home.", Line.HOME,
                 (Cause.WATER,) * 4 + (Cause.THEFT,) * 3 + (Cause.FIRE, Cause.VANDALISM, Cause.GLASS), (), 0.07),
        Category("home-building", "Building", "Houses and flats.", Line.HOME, _BUILDING, (Doc.PROPERTY_DEED,), 0.07),
        Category("liability", "Personal liability", "Damage done to others in private life.", Line.LIABILITY,
                 (Cause.LIABILITY,), (), 0.07),
        Category("legal", "Legal costs", "Lawyers, courts and experts.", Line.LEGAL, (Cause.LEGAL_DISPUTE,), (), 0.08),
        Category("life-risk", "Term life", "A sum paid on death within the term.", Line.LIFE, (Cause.DEATH,),
                 (Doc.HEALTH_DECLARATION, Doc.INCOME), 0.0),
        Category("life-savings", "Savings and pensions", "Life cover that builds a cash value.", Line.LIFE,
                 (Cause.DEATH,), (Doc.HEALTH_DECLARATION, Doc.INCOME), 0.0),
        Category("health", "Supplementary health", "What statutory health insurance does not pay.", Line.HEALTH,
                 _ILLNESS, (Doc.HEALTH_DECLARATION,), 0.24),
        Category("care", "Long-term care", "Care at home or in a nursing home.", Line.HEALTH, _ILLNESS,
                 (Doc.HEALTH_DECLARATION, Doc.MEDICAL_REPORT), 0.05),
        Category("accident", "Accident", "Injury and its lasting effects.", Line.ACCIDENT, (Cause.INJURY,), (), 0.07),
        Category("travel", "Travel", "Illness, luggage and cancellation on journeys.", Line.TRAVEL,
                 (Cause.CANCELLATION,) * 4 + (Cause.ILLNESS,) * 3 + (Cause.THEFT,), (), 0.16),
        Category("commercial-property", "Commercial property", "Premises, stock and interruption.", Line.COMMERCIAL,
                 (*_BUILDING, Cause.THEFT, Cause.VANDALISM), (Doc.COMPANY_REGISTER, Doc.PROPERTY_DEED), 0.16),
        Category("commercial-liability", "Commercial liability", "Damage done to others in business.",
                 Line.COMMERCIAL, (Cause.LIABILITY,) * 4 + (Cause.OTHER,), (Doc.COMPANY_REGISTER,), 0.18),
    )
}  # fmt: skip


def _product(category: str, code: str, name: str, description: str, premium: int, coverage: tuple[int, int] | None,
             term: int | None, year: int, **features: bool) -> Product:  # fmt: skip
    return Product(code, name, description, CATEGORIES[category], premium, coverage, term, date(year, 1, 2), **features)


PRODUCTS: dict[str, Product] = {
    product.code: product
    for product in (
        _product("motor-car", "MOTOR-TPL", "Car Liability", "Damage the car does to others.", 310,
                 (7_500_000, 100_000_000), 12, 2008),
        _product("motor-car", "MOTOR-PART", "Car Partial Cover", "Liability, theft, glass, storm and fire.", 450,
                 (10_000, 60_000), 12, 2008),
        _product("motor-car", "MOTOR-COMP", "Car Comprehensive", "All of partial cover and one's own collisions.", 720,
                 (10_000, 90_000), 12, 2008),
        _product("motor-bike", "BIKE-TPL", "Motorcycle Liability", "Damage the motorcycle does to others.", 140,
                 (7_500_000, 50_000_000), 12, 2010),
        _product("home-contents", "HOME-CONTENTS", "Household Contents", "Fire, water, storm and burglary.", 145,
                 (25_000, 150_000), 12, 2008),
        _product("home-contents", "HOME-CONTENTS-PLUS", "Household Contents Plus", "Bicycles, glass and valuables too.",
                 225, (40_000, 300_000), 12, 2014),
        _product("home-building", "HOME-BUILDING", "Residential Building", "The house against fire, water and storm.",
                 480, (150_000, 1_500_000), 12, 2008),
        _product("liability", "LIAB-PRIVATE", "Personal Liability", "Damage the family does to others.", 72,
                 (5_000_000, 50_000_000), 12, 2008),
        _product("liability", "LIAB-DOG", "Dog Owner's Liability", "Damage the dog does to others.", 64,
                 (5_000_000, 20_000_000), 12, 2009),
        _product("legal", "LEGAL-PRIVATE", "Private Legal Costs", "Disputes in private life and at work.", 260,
                 (300_000, 1_000_000), 12, 2011),
        _product("legal", "LEGAL-TRAFFIC", "Traffic Legal Costs", "Disputes after accidents and fines.", 110,
                 (300_000, 1_000_000), 12, 2011),
        _product("life-risk", "LIFE-TERM", "Term Life", "A sum for the family on death within the term.", 290,
                 (50_000, 600_000), 240, 2008, medical_exam=True),
        _product("life-risk", "LIFE-MORTGAGE", "Mortgage Protection", "Pays off the loan on death.", 240,
                 (80_000, 450_000), 300, 2012, medical_exam=True),
        _product("life-savings", "LIFE-ENDOW", "Endowment", "A sum on death or at the end of the term.", 1_450,
                 (15_000, 200_000), 300, 2008, cash_value=True, medical_exam=True),
        _product("life-savings", "PENSION-FLEX", "Flexible Pension", "Saves for a pension, in funds or safe.", 1_800,
                 (20_000, 300_000), 360, 2013, cash_value=True),
        _product("life-savings", "PENSION-SINGLE", "Single-premium Pension", "A pension from one premium.", 30_000,
                 (20_000, 200_000), 240, 2010, cash_value=True, single_premium=True),
        _product("health", "HEALTH-HOSPITAL", "Hospital Plus", "Single room and choice of doctor.", 420, None, None,
                 2008, medical_exam=True),
        _product("health", "HEALTH-DENTAL", "Dental Plus", "Crowns, implants and cleaning.", 230, None, None, 2010),
        _product("care", "CARE-DAILY", "Care Allowance", "A daily allowance when care is needed.", 540,
                 (20_000, 150_000), None, 2012, medical_exam=True),
        _product("accident", "ACC-PERSONAL", "Personal Accident", "A sum for lasting disability.", 130,
                 (50_000, 500_000), 12, 2008),
        _product("accident", "ACC-FAMILY", "Family Accident", "The same for the whole family.", 210,
                 (50_000, 500_000), 12, 2009),
        _product("travel", "TRAVEL-YEAR", "Travel All Year", "All journeys of a year.", 95, (5_000, 50_000), 12, 2009),
        _product("travel", "TRAVEL-TRIP", "Single Journey", "One journey, from booking to return.", 48,
                 (2_000, 20_000), 2, 2015, single_premium=True),
        _product("commercial-property", "COMM-PROPERTY", "Business Property", "Premises, stock and machines.", 2_900,
                 (200_000, 8_000_000), 12, 2008),
        _product("commercial-liability", "COMM-LIABILITY", "Business Liability", "Damage done to others at work.",
                 1_650, (1_000_000, 20_000_000), 12, 2008),
        _product("commercial-liability", "COMM-CYBER", "Cyber Protection", "Data loss, attacks and extortion.", 1_900,
                 (100_000, 5_000_000), 12, 2019),
    )
}  # fmt: skip


def ensure(connection: psycopg.Connection[Any]) -> None:
    """Write the categories and products that are not there yet."""
    insert_missing(
        connection,
        "product_categories",
        (
            {"id": c.id, "code": c.code, "name": c.name, "description": c.description, "line_of_business": c.line.value}
            for c in CATEGORIES.values()
        ),
    )
    insert_missing(
        connection,
        "products",
        (
            {
                "id": p.id,
                "created_at": _FOUNDED,
                "updated_at": _FOUNDED,
                "code": p.code,
                "name": p.name,
                "description": p.description,
                "category_id": p.category.id,
                "status": "ON_SALE",
                "currency": "EUR",
                "base_premium_amount": Decimal(p.base_premium),
                "single_premium": p.single_premium,
                "minimum_coverage_amount": Decimal(p.coverage[0]) if p.coverage else None,
                "maximum_coverage_amount": Decimal(p.coverage[1]) if p.coverage else None,
                "term_months": p.term_months,
                "builds_cash_value": p.cash_value,
                "requires_medical_exam": p.medical_exam,
                "launched_on": p.launched,
            }
            for p in PRODUCTS.values()
        ),
    )


def insert_missing(connection: psycopg.Connection[Any], table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert the rows whose id is not in the table; the ones that are there stay as they are.

    Not `on conflict do nothing`, which would take a number from the table's sequence each time; the caller holds a
    lock that keeps others from doing the same at once.
    """
    there = {row[0].hex for row in connection.execute(SQL("select id from {}").format(Identifier(table)))}
    for row in rows:
        if row["id"] not in there:
            statement = SQL("insert into {} ({}) values ({})").format(
                Identifier(table),
                SQL(", ").join(map(Identifier, row)),
                SQL(", ").join(map(Placeholder, row)),
            )
            connection.execute(statement, row)

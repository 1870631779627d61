"""The rules behind orders: tariff, eligibility tables, and the underwriting table."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes.orders.decisions import SUM_AREAS
from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency, CoverageLevel
from models.customers import RiskBand
from models.order_rules import DOCUMENTS, ELIGIBILITY, age_on
from models.orders import MedicalExamResult, UnderwritingOutcome
from models.products import LineOfBusiness as Line
from models.products import Product, ProductStatus
from models.tariff import LEVEL_FACTORS, annual, loaded, premium
from models.underwriting import RULES, Risk, assess
from tests.access.desk import Desk

_EVERYTHING = st.builds(
    Risk,
    st.sampled_from(Line),
    st.none() | st.decimals(1, 10**8, places=2),
    st.none() | st.integers(0, 110),
    st.none() | st.sampled_from(RiskBand),
    st.none() | st.sampled_from(MedicalExamResult),
)


def _product(base: str = "100.00", least: int | None = 1000, most: int | None = 2000) -> Product:
    return Product(
        code="X",
        name="X",
        description="X",
        category_id=UUID("0192f0c1-7c3e-7b11-a0b1-000000000001"),
        status=ProductStatus.ON_SALE,
        currency="EUR",
        base_premium_amount=Decimal(base),
        minimum_coverage_amount=None if least is None else Decimal(least),
        maximum_coverage_amount=None if most is None else Decimal(most),
        launched_on=date(2020, 1, 1),
    )


def test_every_line_of_business_has_its_row() -> None:
    assert set(ELIGIBILITY) == set(DOCUMENTS) == set(SUM_AREAS) == set(Line)
    assert set(LEVEL_FACTORS) == set(CoverageLevel)


def test_rules_have_names_of_their_own_and_reasons_that_tell_nothing_medical() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.reason
        if rule.exams:
            assert not [word for word in ("exam", "medical", "health") if word in rule.reason.lower()], rule.name


@pytest.mark.parametrize(
    ("risk", "outcome", "loading"),
    [
        (Risk(Line.HOME, Decimal(60_000), 40, RiskBand.LOW), "ACCEPTED", None),
        (Risk(Line.HOME, Decimal(60_000), 40, RiskBand.MEDIUM), "ACCEPTED_WITH_LOADING", 10),
        (Risk(Line.HOME, Decimal(60_000), 40, RiskBand.HIGH), "REFERRED", None),
        (Risk(Line.HOME, Decimal(60_000), 40, None), "REFERRED", None),
        (Risk(Line.HOME, Decimal(60_000), 40, RiskBand.CRITICAL), "DECLINED", None),
        (Risk(Line.HOME, Decimal(1_000_000), None, RiskBand.LOW), "ACCEPTED", None),
        (Risk(Line.HOME, Decimal("1000000.01"), None, RiskBand.LOW), "REFERRED", None),
        (Risk(Line.MOTOR, Decimal(20_000), 24, RiskBand.LOW), "ACCEPTED_WITH_LOADING", 25),
        (Risk(Line.MOTOR, Decimal(20_000), 25, RiskBand.LOW), "ACCEPTED", None),
        (Risk(Line.MOTOR, Decimal(20_000), 24, RiskBand.MEDIUM), "ACCEPTED_WITH_LOADING", 35),
        (Risk(Line.LIFE, Decimal(100_000), 50, RiskBand.LOW), "ACCEPTED_WITH_LOADING", 15),
        (Risk(Line.LIFE, Decimal(100_000), 64, RiskBand.LOW), "ACCEPTED_WITH_LOADING", 15),
        (Risk(Line.LIFE, Decimal(100_000), 65, RiskBand.LOW), "REFERRED", None),
        (Risk(Line.LIFE, Decimal(300_001), 30, RiskBand.LOW), "REFERRED", None),
        (Risk(Line.LIFE, Decimal(100_000), 30, RiskBand.LOW, MedicalExamResult.STANDARD), "ACCEPTED", None),
        (Risk(Line.LIFE, Decimal(100_000), 30, RiskBand.LOW, MedicalExamResult.RATED), "REFERRED", None),
        (Risk(Line.LIFE, Decimal(100_000), 30, RiskBand.LOW, MedicalExamResult.DECLINE), "DECLINED", None),
        (Risk(Line.COMMERCIAL, Decimal(2_000_001), None, RiskBand.LOW), "REFERRED", None),
    ],
)
def test_what_the_rules_say(risk: Risk, outcome: str, loading: int | None) -> None:
    said = assess(risk)
    assert (said.outcome.value, said.loading_percent) == (outcome, loading)


@given(_EVERYTHING)
def test_the_gravest_rule_stands_and_a_loading_goes_with_its_outcome_only(risk: Risk) -> None:
    said = assess(risk)
    outcomes = {rule.outcome for rule in RULES if rule.fits(risk)}
    assert (said.outcome is UnderwritingOutcome.DECLINED) == (UnderwritingOutcome.DECLINED in outcomes)
    assert (said.loading_percent is not None) == (said.outcome is UnderwritingOutcome.ACCEPTED_WITH_LOADING)
    assert (said.reason is None) == (not outcomes)
    if risk.band in (None, RiskBand.HIGH, RiskBand.CRITICAL):
        assert said.outcome in (UnderwritingOutcome.REFERRED, UnderwritingOutcome.DECLINED)


def test_loadings_that_add_up_to_too_much_are_an_underwriters_to_decide() -> None:
    doubled = [*RULES, *RULES]
    said = assess(Risk(Line.MOTOR, Decimal(20_000), 24, RiskBand.MEDIUM), doubled)
    assert (said.outcome, said.loading_percent) == (UnderwritingOutcome.REFERRED, None)


def test_the_tariff_goes_from_the_least_sum_to_the_greatest() -> None:
    def yearly(amount: int) -> Decimal:
        return premium(_product(), CoverageLevel.STANDARD, Decimal(amount), BillingFrequency.ANNUAL)

    assert [yearly(1000), yearly(1500), yearly(2000)] == [Decimal("75.00"), Decimal("105.00"), Decimal("135.00")]
    no_sum = premium(_product(least=None, most=None), CoverageLevel.PREMIUM, None, BillingFrequency.MONTHLY)
    assert no_sum == Decimal("13.33")


@given(
    st.decimals(1, 10**6, places=2),
    st.sampled_from(CoverageLevel),
    st.sampled_from([one for one in BillingFrequency if PREMIUMS_PER_YEAR[one]]),
)
def test_instalments_come_to_the_yearly_premium_but_for_rounding(
    base: Decimal, level: CoverageLevel, frequency: BillingFrequency
) -> None:
    product = _product(str(base))
    instalment = premium(product, level, Decimal(1500), frequency)
    whole = premium(product, level, Decimal(1500), BillingFrequency.ANNUAL)
    assert abs(annual(instalment, frequency) - whole) <= Decimal("0.005") * (PREMIUMS_PER_YEAR[frequency] + 1)


def test_a_loading_is_rounded_half_to_even() -> None:
    assert loaded(Decimal("0.50"), Decimal(1)) == Decimal("0.50")
    assert loaded(Decimal("1.50"), Decimal(1)) == Decimal("1.52")
    assert loaded(Decimal("100.00"), None) == Decimal("100.00")


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [("2000-02-29", "2018-02-28", 17), ("2000-02-29", "2018-03-01", 18), ("2000-05-04", "2018-05-04", 18)],
)
def test_age_counts_completed_years(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


async def test_products_that_are_paid_once_say_so(desk: Desk) -> None:
    assert desk.rows("select code from products where single_premium order by code") == [
        ("PENSION-SINGLE",),
        ("TRAVEL-TRIP",),
    ]

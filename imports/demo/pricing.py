"""What is asked for and what it costs: the terms that an order offers and a contract keeps."""

from dataclasses import dataclass

from imports.demo.catalogue import Product
from imports.demo.dice import shares
from imports.demo.world import Customer, Organisation, Person, World
from models.contact_points import AreaKind
from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency, CoverageLevel
from models.products import LineOfBusiness as Line

_LEVELS = shares(
    {CoverageLevel.BASIC: 20, CoverageLevel.STANDARD: 45, CoverageLevel.EXTENDED: 25, CoverageLevel.PREMIUM: 10}
)
_LEVEL_FACTOR = {CoverageLevel.BASIC: 0.82, CoverageLevel.STANDARD: 1.0, CoverageLevel.EXTENDED: 1.24,
                 CoverageLevel.PREMIUM: 1.6}  # fmt: skip
_FREQUENCIES = shares(
    {
        BillingFrequency.MONTHLY: 25,
        BillingFrequency.QUARTERLY: 18,
        BillingFrequency.SEMI_ANNUAL: 13,
        BillingFrequency.ANNUAL: 44,
    }
)
_AREA_FACTOR = {AreaKind.URBAN: 1.08, AreaKind.SUBURBAN: 1.0, AreaKind.RURAL: 0.94}
_DEDUCTIBLES = (0, 15_000, 15_000, 30_000, 30_000, 50_000, 100_000)
_WITH_DEDUCTIBLE = {Line.MOTOR, Line.HOME, Line.LEGAL, Line.COMMERCIAL, Line.TRAVEL}


@dataclass(slots=True)
class Terms:
    """The product, how much of it, and the price; amounts in cents."""

    product: Product
    level: CoverageLevel
    coverage: int | None
    deductible: int | None
    premium: int
    frequency: BillingFrequency
    currency: str

    @property
    def annual_premium(self) -> int:
        """Premium per year of cover; a single premium is spread over the term."""
        if self.frequency is BillingFrequency.SINGLE:
            return self.premium * 12 // max(self.product.term_months or 12, 12)
        return self.premium * PREMIUMS_PER_YEAR[self.frequency]

    def load(self, percent: int) -> None:
        """Raise the premium for a raised risk."""
        self.premium = self.premium * (100 + percent) // 100


def quote(world: World, holder: Customer, product: Product) -> Terms:
    """Terms for the holder: level and sum by taste, the price by level, place, age or size, and a bit of haggling."""
    dice = world.dice
    level = dice.pick(_LEVELS)
    annual = product.base_premium * 100 * _LEVEL_FACTOR[level] * _AREA_FACTOR[holder.home.area]
    annual *= holder.market.price_level * (0.85 + 0.3 * dice.random())
    coverage = None
    if product.coverage:
        low, high = product.coverage
        place = dice.random()
        sum_insured = low * (high / low) ** place
        step = 10 ** (len(str(int(sum_insured))) - 2)
        coverage = int(sum_insured) // step * step * 100
        annual *= 0.75 + 0.6 * place
    if isinstance(holder, Organisation):
        annual *= 0.6 + min(holder.employees, 900) / 60
    elif isinstance(holder, Person):
        age = holder.age(world.today)
        if product.line in (Line.LIFE, Line.HEALTH):
            annual *= 0.7 + max(age - 20, 0) / 45
        elif product.line is Line.MOTOR and age < 25:
            annual *= 1.6
    frequency = BillingFrequency.SINGLE if product.single_premium else dice.pick(_FREQUENCIES)
    parts = PREMIUMS_PER_YEAR[frequency] or 1
    return Terms(
        product=product,
        level=level,
        coverage=coverage,
        deductible=dice.pick(_DEDUCTIBLES) if product.line in _WITH_DEDUCTIBLE else None,
        premium=max(100, int(annual / parts)),
        frequency=frequency,
        currency=holder.market.currency,
    )

"""The tariff: what cover costs. A yearly premium of a product's base premium and two factors, in instalments.

Amounts are decimals in the contract's currency, rounded half to even to the second place. A loading that underwriting
decides on comes on top (`loaded`).
"""

from decimal import Decimal

from models.contracts import PREMIUMS_PER_YEAR, BillingFrequency, CoverageLevel
from models.instalments import rounded
from models.products import Product

LEVEL_FACTORS: dict[CoverageLevel, Decimal] = {
    CoverageLevel.BASIC: Decimal("0.82"),
    CoverageLevel.STANDARD: Decimal("1.00"),
    CoverageLevel.EXTENDED: Decimal("1.24"),
    CoverageLevel.PREMIUM: Decimal("1.60"),
}

# The factor for the product's least sum insured and for its greatest; in between in proportion.
SUM_FACTORS = (Decimal("0.75"), Decimal("1.35"))


def premium(
    product: Product, level: CoverageLevel, sum_insured: Decimal | None, frequency: BillingFrequency
) -> Decimal:
    """The premium of a billing period; of a single premium the whole, for which the base premium stands then."""
    whole = product.base_premium_amount * LEVEL_FACTORS[level] * _sum_factor(product, sum_insured)
    return rounded(whole / (PREMIUMS_PER_YEAR[frequency] or 1))


def annual(amount: Decimal, frequency: BillingFrequency) -> Decimal:
    """What the premiums of a year come to; a single premium counts as a whole, for it is risked at once."""
    return amount * (PREMIUMS_PER_YEAR[frequency] or 1)


def loaded(amount: Decimal, loading_percent: Decimal | None) -> Decimal:
    """A premium with a loading in percent on top."""
    return rounded(amount * (100 + (loading_percent or 0)) / 100)


def _sum_factor(product: Product, sum_insured: Decimal | None) -> Decimal:
    least, most = product.minimum_coverage_amount, product.maximum_coverage_amount
    if sum_insured is None or least is None or most is None or most <= least:
        return Decimal(1)
    low, high = SUM_FACTORS
    return low + (high - low) * (sum_insured - least) / (most - least)

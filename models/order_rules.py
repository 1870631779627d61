"""What orders must fulfil: who may order what, which terms a product has, and which documents it asks for.

Pure rules over tables by line of business, to be read from top to bottom. Who changes a table changes the rules.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.contracts import BillingFrequency
from models.customers import Customer, CustomerKind, CustomerStatus, KycStatus
from models.orders import Order, OrderDocumentKind
from models.products import LineOfBusiness as Line
from models.products import Product, ProductStatus

_PERSON = frozenset({CustomerKind.PERSON})
_ORGANISATION = frozenset({CustomerKind.ORGANISATION})
_ANYBODY = _PERSON | _ORGANISATION

# How far ahead cover may be asked for.
LONGEST_AHEAD = timedelta(days=366)

# Customers in these states order nothing.
NO_BUSINESS_WITH = frozenset({CustomerStatus.SUSPENDED, CustomerStatus.DECEASED, CustomerStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may order products of a line: kinds of customers, and the ages of persons on the first day of cover."""

    kinds: frozenset[CustomerKind]
    youngest: int | None = None
    oldest: int | None = None


ELIGIBILITY: dict[Line, Eligibility] = {
    Line.MOTOR: Eligibility(_ANYBODY, youngest=17),
    Line.HOME: Eligibility(_ANYBODY, youngest=18),
    Line.LIABILITY: Eligibility(_PERSON, youngest=18),
    Line.LEGAL: Eligibility(_PERSON, youngest=18),
    Line.LIFE: Eligibility(_PERSON, youngest=18, oldest=70),
    Line.HEALTH: Eligibility(_PERSON, youngest=18, oldest=75),
    Line.ACCIDENT: Eligibility(_PERSON, youngest=18, oldest=80),
    Line.TRAVEL: Eligibility(_ANYBODY, youngest=18),
    Line.COMMERCIAL: Eligibility(_ORGANISATION),
}

# Asked for with every order of the line, besides the signed application.
DOCUMENTS: dict[Line, tuple[OrderDocumentKind, ...]] = {
    Line.MOTOR: (OrderDocumentKind.VEHICLE_REGISTRATION,),
    Line.HOME: (),
    Line.LIABILITY: (),
    Line.LEGAL: (),
    Line.LIFE: (OrderDocumentKind.HEALTH_DECLARATION,),
    Line.HEALTH: (OrderDocumentKind.HEALTH_DECLARATION,),
    Line.ACCIDENT: (),
    Line.TRAVEL: (),
    Line.COMMERCIAL: (OrderDocumentKind.COMPANY_REGISTER,),
}

# Sums insured on a life above this are asked to be in proportion to the income.
INCOME_PROOF_ABOVE = Decimal(250_000)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an order cannot be as it is: a code, a message, and the field that is in the way."""

    code: str
    message: str
    field: str


def age_on(birth_date: date, day: date) -> int:
    """Completed years of age on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def objections(order: Order, customer: Customer, product: Product, line: Line, today: date) -> list[Objection]:
    """All that speaks against an order of this customer for this product, seen from today; empty if nothing does.

    The messages tell no age and no state of the customer: not everybody who orders for one may see them.
    """
    found = [*_of_product(order, product, today), *_of_terms(order, product)]
    if reason := _against_customer(order, customer, ELIGIBILITY[line]):
        found.append(Objection("CUSTOMER_NOT_ELIGIBLE", reason, "customerId"))
    if order.requested_start_on < today:
        found.append(Objection("START_IN_PAST", "cover cannot begin in the past", "requestedStartOn"))
    elif order.requested_start_on > today + LONGEST_AHEAD:
        found.append(Objection("START_TOO_FAR", "cover begins within a year at the latest", "requestedStartOn"))
    return found


def _of_product(order: Order, product: Product, today: date) -> list[Objection]:
    if product.status is not ProductStatus.ON_SALE or product.launched_on > today:
        return [Objection("PRODUCT_NOT_ON_SALE", f"the product {product.code} is not on sale", "productId")]
    return []


def _of_terms(order: Order, product: Product) -> list[Objection]:
    found = []
    if (order.billing_frequency is BillingFrequency.SINGLE) != product.single_premium:
        offered = "paid once (SINGLE)" if product.single_premium else "paid in instalments"
        found.append(Objection("FREQUENCY_NOT_OFFERED", f"{product.code} is {offered}", "billingFrequency"))
    least, most, asked = product.minimum_coverage_amount, product.maximum_coverage_amount, order.coverage_amount
    if least is None and most is None:
        if asked is not None:
            found.append(Objection("SUM_NOT_OFFERED", f"{product.code} has no sum insured", "coverageAmount"))
    elif asked is None or (least is not None and asked < least) or (most is not None and asked > most):
        limits = f"{least or 0:,.2f} to {most:,.2f}" if most is not None else f"{least:,.2f} or more"
        found.append(Objection("SUM_OUT_OF_RANGE", f"{product.code} has a sum insured of {limits}", "coverageAmount"))
    return found


def _against_customer(order: Order, customer: Customer, rule: Eligibility) -> str | None:
    if customer.status in NO_BUSINESS_WITH:
        return "there is no new business with this customer"
    if customer.kind not in rule.kinds:
        return f"only a {next(iter(rule.kinds)).value.lower()} can order this product"
    if customer.kind is CustomerKind.ORGANISATION or (rule.youngest is None and rule.oldest is None):
        return None
    if customer.birth_date is None:
        return "the date of birth has to be known for this product"
    age = age_on(customer.birth_date, order.requested_start_on)
    if age < (rule.youngest or 0) or (rule.oldest is not None and age > rule.oldest):
        bounds = f"from {rule.youngest or 0} years" + (f" to {rule.oldest} years" if rule.oldest is not None else "")
        return f"the product is for persons {bounds} of age"
    return None


def documents_for(order: Order, customer: Customer, line: Line) -> tuple[OrderDocumentKind, ...]:
    """The documents an order needs when it is handed in."""
    kinds = [OrderDocumentKind.SIGNED_APPLICATION, *DOCUMENTS[line]]
    if customer.kyc_status is not KycStatus.VERIFIED:
        kinds.append(OrderDocumentKind.IDENTITY)
    if line is Line.LIFE and (order.coverage_amount or 0) > INCOME_PROOF_ABOVE:
        kinds.append(OrderDocumentKind.INCOME)
    return tuple(kinds)

"""Contracts: from the approved order to the end of the cover, with the parties to them."""

from imports.demo import billing, claims, orders
from imports.demo.catalogue import PRODUCTS, Product
from imports.demo.dice import shares
from imports.demo.moments import DAY, HOUR, Day, add_months, to_date
from imports.demo.parties import write_parties
from imports.demo.pricing import quote
from imports.demo.records import Contract, Order, Portfolio
from imports.demo.risks import risk_facts
from imports.demo.terms import find_span
from imports.demo.world import Customer, Organisation, Person, World
from models.contracts import ContractStatus as Status
from models.customers import CustomerStatus
from models.history import EventSource
from models.orders import OrderStatus
from models.products import LineOfBusiness as Line
from models.staff import TeamKind

ORDERS_KEPT = 3_200
"""Days for which orders are kept; of an older contract only the contract itself is known."""


def _demand(**weights: int) -> tuple[Product, ...]:
    return shares({PRODUCTS[code.replace("_", "-")]: weight for code, weight in weights.items()})


_YOUNG = _demand(LIAB_PRIVATE=25, MOTOR_TPL=18, MOTOR_PART=8, HOME_CONTENTS=14, HEALTH_DENTAL=8, ACC_PERSONAL=8,
                 TRAVEL_YEAR=6, TRAVEL_TRIP=6, BIKE_TPL=5, PENSION_FLEX=4)  # fmt: skip
_ADULT = _demand(LIAB_PRIVATE=16, MOTOR_COMP=12, MOTOR_PART=10, MOTOR_TPL=8, HOME_CONTENTS=13, HOME_CONTENTS_PLUS=5,
                 LEGAL_PRIVATE=6, LEGAL_TRAFFIC=4, HEALTH_DENTAL=8, HEALTH_HOSPITAL=4, ACC_PERSONAL=6, PENSION_FLEX=6,
                 LIFE_TERM=3, LIFE_ENDOW=3, TRAVEL_YEAR=5, TRAVEL_TRIP=3, BIKE_TPL=3, LIAB_DOG=3,
                 PENSION_SINGLE=1)  # fmt: skip
_FAMILY = _demand(LIAB_PRIVATE=13, MOTOR_COMP=14, MOTOR_PART=8, MOTOR_TPL=5, HOME_BUILDING=9, HOME_CONTENTS=8,
                  HOME_CONTENTS_PLUS=6, LIFE_TERM=9, LIFE_MORTGAGE=6, LIFE_ENDOW=4, PENSION_FLEX=6, ACC_FAMILY=7,
                  HEALTH_DENTAL=6, HEALTH_HOSPITAL=4, LEGAL_PRIVATE=6, TRAVEL_YEAR=5, LIAB_DOG=3)  # fmt: skip
_SENIOR = _demand(LIAB_PRIVATE=16, MOTOR_PART=12, MOTOR_TPL=8, HOME_BUILDING=11, HOME_CONTENTS=14, HEALTH_HOSPITAL=10,
                  CARE_DAILY=10, LIFE_ENDOW=5, PENSION_SINGLE=4, ACC_PERSONAL=7, TRAVEL_YEAR=6, LEGAL_PRIVATE=4,
                  LIAB_DOG=2)  # fmt: skip
_BUSINESS = _demand(COMM_PROPERTY=32, COMM_LIABILITY=38, COMM_CYBER=16, MOTOR_COMP=14)

_RUNNING = (Status.ACTIVE, Status.GRACE_PERIOD)
_FURTHER = shares(
    {
        Status.ACTIVE: 68,
        Status.CANCELLED: 12,
        Status.EXPIRED: 9,
        Status.LAPSED: 5,
        Status.GRACE_PERIOD: 3,
        Status.PENDING: 3,
    }
)
_ENDED = shares({Status.CANCELLED: 50, Status.EXPIRED: 30, Status.LAPSED: 20})
# How many contracts: first those in force or not of someone still with us, then of those who left.
_COUNTS = shares({1: 28, 2: 32, 3: 24, 4: 11, 5: 4, 6: 1})
_FORMER_COUNTS = shares({1: 60, 2: 30, 3: 10})
_OPEN_ORDERS = shares(
    {
        OrderStatus.DRAFT: 14,
        OrderStatus.SUBMITTED: 8,
        OrderStatus.DOCUMENTS_PENDING: 9,
        OrderStatus.MEDICAL_EXAM_PENDING: 4,
        OrderStatus.UNDERWRITING: 7,
        OrderStatus.REFERRED: 4,
        OrderStatus.APPROVED: 4,
    }
)
_FAILED_ORDERS = (OrderStatus.REJECTED, OrderStatus.REJECTED, OrderStatus.WITHDRAWN)


def insure(world: World, holder: Customer) -> Portfolio:
    """Give the customer the contracts and orders that their course of life asks for."""
    dice, course = world.dice, holder.course
    portfolio = Portfolio()
    demand = _demand_of(world, holder)
    if course in (CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED):
        statuses = [Status.ACTIVE, *(dice.pick(_FURTHER) for _ in range(dice.pick(_COUNTS) - 1))]
    elif course is CustomerStatus.PROSPECT:
        statuses = []
    else:
        statuses = [dice.pick(_ENDED) for _ in range(dice.pick(_FORMER_COUNTS))]
    taken: set[str] = set()
    for status in statuses:
        for _ in range(6):
            product = dice.pick(demand)
            if product.code not in taken and _conclude(world, holder, product, status, portfolio):
                taken.add(product.code)
                break
    _open_orders(world, holder, demand, portfolio)
    return portfolio


def _demand_of(world: World, holder: Customer) -> tuple[Product, ...]:
    if isinstance(holder, Organisation):
        return _BUSINESS
    assert isinstance(holder, Person)
    age = holder.age(world.today)
    if age < 27:
        return _YOUNG
    if age >= 64:
        return _SENIOR
    return _FAMILY if holder.spouse or holder.children else _ADULT


def _conclude(world: World, holder: Customer, product: Product, status: Status, portfolio: Portfolio) -> bool:
    """Write an order and the contract issued from it; False when the dates leave no room for such a contract."""
    dice = world.dice
    died = holder.course is CustomerStatus.DECEASED
    if died and product.line is Line.LIFE and not product.single_premium:
        status = Status.MATURED
    terms = quote(world, holder, product)
    span = find_span(world, holder, terms, status)
    if span is None:
        return False
    status = span.status
    high = min(span.started, world.yesterday)
    low = max(holder.since + 1, high - 20)
    issued_at = max(dice.at_work(dice.working_day(low, high)), holder.created_at + 3 * HOUR)
    order = None
    if span.started > world.today - ORDERS_KEPT and dice.chance(0.9):
        order = orders.apply(world, holder, terms, OrderStatus.ISSUED, issued_at, span.started)
        portfolio.orders.append(order)
    agent = order.agent if order else None
    partner = order.partner if order else None
    if agent is None and partner is None and dice.chance(0.4):
        agent = world.agent(TeamKind.SALES, span.started)
    number = world.number("contracts")
    contract = Contract(dice.new_id(issued_at), number, holder, terms, status, span, issued_at, "", "", agent, partner,
                        updated_at=issued_at)  # fmt: skip
    contract.event = world.record(
        "ContractIssued",
        holder.id,
        issued_at,
        contract.subject,
        f"Contract {number} for {product.name} issued",
        source=EventSource.SERVICE if order else EventSource.IMPORT,
        late=0 if order else 5_400,
        cause=order.event if order else None,
        operation=order.operation if order else None,
        payload={"product": product.code, "premium": f"{terms.premium / 100:.2f}", "currency": terms.currency},
    )
    contract.operation = order.operation if order else contract.event
    holder.ever_insured = True
    billing.bill(world, contract)
    claims.make_claims(world, contract)
    _renewals(world, contract)
    _end(world, contract)
    if status in _RUNNING:
        holder.in_force = True
        holder.premiums += terms.annual_premium
    _write(world, contract, order)
    write_parties(world, contract)
    portfolio.contracts.append(contract)
    return True


def _write(world: World, contract: Contract, order: Order | None) -> None:
    span, terms = contract.span, contract.terms
    cash = None
    if terms.product.cash_value:
        cash = 0
        if contract.status in _RUNNING:
            years = (world.today - span.started) / 365.25
            paid_in = terms.premium if terms.product.single_premium else terms.annual_premium * years
            cash = int(paid_in * 0.88 * 1.017**years)
    world.rows.contracts(
        id=contract.id,
        customer_id=contract.holder.id,
        version=1 + contract.changes,
        created_at=contract.issued_at,
        updated_at=contract.updated_at,
        number=contract.number,
        product_id=terms.product.id,
        order_id=order and order.id,
        status=contract.status,
        coverage_level=terms.level,
        coverage_amount=terms.coverage,
        deductible_amount=terms.deductible,
        currency=terms.currency,
        started_on=span.started,
        ends_on=span.ends,
        premium_amount=terms.premium,
        annual_premium_amount=terms.annual_premium,
        billing_frequency=terms.frequency,
        renewal_on=span.renewal,
        cash_value_amount=cash,
        surrender_value_amount=None if cash is None else cash * 93 // 100,
        grace_period_ends_on=span.grace_ends,
        ended_on=span.ended,
        partner_id=contract.partner and contract.partner.id,
        agent_id=contract.agent and contract.agent.id,
        attributes=risk_facts(world, contract.holder, terms.product, span.started),
    )


def _renewals(world: World, contract: Contract) -> None:
    """The event of the renewal in the last year; older ones are not kept."""
    span = contract.span
    if not contract.terms.product.renews:
        return
    last = min(span.ended or span.ends or world.yesterday, contract.holder.until)
    for year in range(1, 25):
        day = add_months(span.started, 12 * year)
        if day > last:
            return
        if day > world.today - 366:
            contract.touch(day * DAY + HOUR)
            world.record(
                "ContractRenewed",
                contract.holder.id,
                day * DAY + HOUR,
                contract.subject,
                f"Contract {contract.number} renewed for a year",
                actor="renewals",
                payload={"renewedOn": to_date(day)},
            )


def _end(world: World, contract: Contract) -> None:
    """The event that tells how the contract ended, if it did."""
    span, status = contract.span, contract.status
    kinds = {
        Status.LAPSED: ("ContractLapsed", "lapsed: premium not paid"),
        Status.CANCELLED: ("ContractCancelled", "cancelled"),
        Status.EXPIRED: ("ContractExpired", "expired at the end of its term"),
        Status.MATURED: ("ContractExpired", "matured: the sum is due"),
    }
    day: Day | None = span.ended if span.ended is not None else span.ends
    if status not in kinds or day is None:
        return
    kind, what = kinds[status]
    moment = world.past(day * DAY + 20 * HOUR)
    contract.touch(moment)
    # A lapse follows from the unpaid premium; an end by time or by will from nothing in here.
    cause = contract.event if status is Status.LAPSED else None
    contract.event = world.record(
        kind,
        contract.holder.id,
        moment,
        contract.subject,
        f"Contract {contract.number} {what}",
        cause=cause,
        payload={"status": status.value},
    )


def _open_orders(world: World, holder: Customer, demand: tuple[Product, ...], portfolio: Portfolio) -> None:
    """Orders that are still on their way, and ones that led to nothing."""
    dice = world.dice
    alive = holder.until == world.yesterday
    prospect = holder.course is CustomerStatus.PROSPECT
    if alive and holder.course is not CustomerStatus.CLOSED and dice.chance(0.3 if prospect else 0.13):
        status = dice.pick(_OPEN_ORDERS)
        product = dice.pick(demand)
        if status is OrderStatus.MEDICAL_EXAM_PENDING and not product.medical_exam:
            examined = [other for other in demand if other.medical_exam]
            if examined:
                product = dice.pick(examined)
            else:
                status = OrderStatus.UNDERWRITING
        ended_at = world.now - dice.skewed(1, 18) * DAY + dice.between(0, 10 * HOUR)
        ended_at = max(holder.created_at + 2 * HOUR, world.past(ended_at))
        terms = quote(world, holder, product)
        start = world.today + dice.between(5, 60)
        portfolio.orders.append(orders.apply(world, holder, terms, status, world.past(ended_at), start))
    if dice.chance(0.15):
        low, high = holder.since + 2, holder.until - 1
        product = dice.pick(demand)
        low = max(low, product.launched_on)
        if low < high:
            day = high - dice.skewed(0, high - low)
            terms = quote(world, holder, product)
            status = dice.pick(_FAILED_ORDERS)
            portfolio.orders.append(
                orders.apply(world, holder, terms, status, dice.at_work(day), day + dice.between(3, 40))
            )

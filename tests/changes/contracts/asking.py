"""Contracts, orders and payments of the demo world, brought into the state that a test begins with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from auth.actor import Actor
from models.roles import Role
from tests.access.desk import Desk, actor
from tests.changes.customers import asking
from tests.changes.customers.asking import run

SENIOR = actor(Role.SENIOR_AGENT, 4)
MANAGER = actor(Role.MANAGER, 5)
TODAY = datetime.now(UTC).date()
_ISSUE = "contract { id version status number customer { id } } order { id version status }"
_CONTRACT = "contract { id version status startedOn endsOn renewalOn endedOn gracePeriodEndsOn premium { amount } }"
_PAYMENT = "payment { id version status kind amount { amount } dueOn method paidAt } "
_NEXT = "nextPayment { id status kind amount { amount } } "
_RECEIPT = """receipt { id version status customer { id } remaining { amount } matched { amount } returned { amount }
  availableTransitions } """


def day(offset: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=offset)


def mutation(name: str) -> str:
    """The text of a mutation that asks for what it changed."""
    if name == "issueContract":
        return asking.mutation(name, _ISSUE)
    if name in ("matchPayment", "unmatchPayment"):
        return asking.mutation(name, _RECEIPT + _PAYMENT + _CONTRACT)
    if "Receipt" in name:
        return asking.mutation(name, _RECEIPT)
    return asking.mutation(name, _PAYMENT + _NEXT + _CONTRACT if "Payment" in name else _CONTRACT)


async def do(desk: Desk, name: str, given: dict[str, Any], who: Actor = SENIOR) -> dict[str, Any]:
    """The payload of a mutation that did what it should."""
    payload = await desk.done(who, mutation(name), input=given)
    assert payload["userErrors"] == []
    return payload


async def refused(desk: Desk, name: str, given: dict[str, Any], who: Actor = SENIOR) -> dict[str, Any]:
    """The one user error of a mutation that did nothing."""
    payload = await desk.done(who, mutation(name), input=given)
    (error,) = payload["userErrors"]
    assert not payload.get("contract")
    assert not payload.get("receipt")
    return error  # type: ignore[no-any-return]


def contract(
    desk: Desk,
    line: str = "MOTOR",
    *,
    status: str = "ACTIVE",
    frequency: str = "MONTHLY",
    annual: str = "120.00",
    started: int = -100,
    renews: bool = True,
) -> str:
    """The row id of a contract of a line, put into this state, with a term of a year and without payments; `started`
    in days from today.
    """
    ((row_id,),) = desk.rows(
        "select c.id::text from contracts c join products p on p.id = c.product_id"
        " join product_categories g on g.id = p.category_id join customers u on u.id = c.customer_id"
        " where g.line_of_business = %s and p.term_months is not distinct from"
        " (case when %s then 12 else p.term_months end) and not u.restricted and u.status = 'ACTIVE'"
        " order by c.number limit 1",
        line,
        renews,
    )
    without_payments(desk, row_id)
    parts = {"MONTHLY": 12, "QUARTERLY": 4, "SEMI_ANNUAL": 2, "ANNUAL": 1}[frequency]
    run(
        desk,
        "update contracts set status = %s, billing_frequency = %s, annual_premium_amount = %s, currency = 'EUR',"
        " premium_amount = round(%s::numeric / %s, 2), started_on = %s::date,"
        " ends_on = (%s::date + interval '1 year' - interval '1 day')::date,"
        " renewal_on = case when %s then (%s::date + interval '1 year')::date end,"
        " grace_period_ends_on = null, ended_on = null where id = %s",
        *(status, frequency, annual, annual, parts, *[day(started)] * 2, renews, day(started), row_id),
    )
    return str(row_id)


def without_payments(desk: Desk, contract_id: str) -> None:
    """Delete the payments of a contract, and the receipts that paid them."""
    paying = (
        "select m.receipt_id from receipt_matches m join payments p on p.id = m.payment_id where p.contract_id = %s"
    )
    receipts = [row_id for (row_id,) in desk.rows(paying, contract_id)]
    run(desk, "delete from receipt_matches where receipt_id = any(%s)", receipts)
    run(desk, "delete from receipts where id = any(%s)", receipts)
    run(desk, "delete from payments where contract_id = %s", contract_id)


def payment(
    desk: Desk,
    contract_id: str,
    status: str = "DUE",
    *,
    due: int = 0,
    amount: str = "10.00",
    kind: str = "PREMIUM",
    days: int = 30,
) -> str:
    """The row id of a new payment of a contract; `due` in days from today, for a period of `days` from then on."""
    first = day(due)
    ((row_id,),) = desk.rows(
        "insert into payments (id, customer_id, contract_id, kind, status, amount, currency, period_from, period_to,"
        " due_on, paid_at, created_at, updated_at) select gen_random_uuid(), customer_id, id, %s, %s, %s, currency,"
        " %s, %s, %s, %s, now(), now() from contracts where id = %s returning id::text",
        kind,
        status,
        amount,
        *((first, first + timedelta(days=days - 1)) if kind == "PREMIUM" else (None, None)),
        first,
        datetime.now(UTC) if status == "PAID" else None,
        contract_id,
    )
    return str(row_id)


def approved(desk: Desk, line: str = "MOTOR", *, start: int = 10) -> str:
    """The row id of an order that nothing was issued from, of a product of a line, approved for a monthly premium."""
    ((row_id,),) = desk.rows(
        "select o.id::text from orders o join customers u on u.id = o.customer_id where o.status <> 'ISSUED'"
        " and not u.restricted and u.kind = 'PERSON' and u.status = 'ACTIVE' order by o.number limit 1"
    )
    run(
        desk,
        "update orders set status = 'APPROVED', decided_at = now(), requested_start_on = %s, premium_amount = 10,"
        " billing_frequency = 'MONTHLY',"
        " agent_id = coalesce(agent_id, (select id from agents order by number limit 1)),"
        " product_id = (select p.id from products p join product_categories g on g.id = p.category_id"
        " where g.line_of_business = %s order by (p.term_months = 12) desc, p.code limit 1) where id = %s",
        day(start),
        line,
        row_id,
    )
    return str(row_id)


def owner(desk: Desk, table: str, row_id: str) -> str:
    """The row id of the customer a row belongs to."""
    ((customer,),) = desk.rows(f"select customer_id::text from {table} where id = %s", row_id)
    return str(customer)


def payments(desk: Desk, contract_id: str, columns: str = "kind, status, amount::text") -> list[tuple[Any, ...]]:
    """The payments of a contract, the one due first first."""
    return desk.rows(
        f"select {columns} from payments where contract_id = %s order by due_on, kind, amount, status", contract_id
    )

"""What is due by the calendar, for whoever performs it by timer: a command, and which objects it is due for.

    for step in STEPS:
        async with pool.connection() as connection:
            for row_id in await step.due(connection, now, 500):
                await perform(door, SYSTEM, step.command_for(row_id))

A step that was done is not listed again, and doing one that is no longer due is refused (RequestError), so several
processes may do the same at once. What is refused for a reason that stays, such as the renewal of a contract with
arrears, is not listed. The steps stand in the order in which one day's work is done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from changes.billing.overdue import MakePaymentDue, MarkPaymentOverdue
from changes.billing.schedule import BillContract
from changes.commands import Command
from changes.complaints import MarkComplaintOverdue
from changes.contracts.amending import RenewContract
from changes.contracts.arrears import LapseContract
from changes.contracts.ending import ExpireContract
from changes.contracts.issuing import BeginContract
from changes.contracts.reminding import RemindOfRenewal
from changes.follow_ups import MarkFollowUpDue
from changes.rows import Connection
from models.billing_terms import BILLED_AT_LEAST, BILLING_TERMS, REMINDER_LEAD, RENEWAL_LEAD

# What is due at a moment, at most so many.
Due = Callable[[Connection, datetime, int], Awaitable[list[UUID]]]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done by timer: the command, the input that names the object, and what it is due for."""

    command: type[Command]
    argument: str
    due: Due

    def command_for(self, row_id: UUID) -> Command:
        """The command about one object."""
        return self.command(**{self.argument: row_id})


_NO_ARREARS = """not exists (select from payments p where p.contract_id = c.id and p.status = 'OVERDUE'
                              and p.kind = 'PREMIUM')"""

_TO_BEGIN = "select id from contracts where status = 'PENDING' and started_on <= %(today)s"

# A reminder from before these days was of an earlier renewal.
_TO_REMIND = f"""
select c.id from contracts c join customers u on u.id = c.customer_id
where c.status = 'ACTIVE' and c.billing_frequency <> 'SINGLE' and u.status <> 'DECEASED'
  and c.renewal_on > %(today)s and c.renewal_on <= %(today)s::date + %(days)s::int
  and (c.renewal_reminded_on is null or c.renewal_reminded_on < c.renewal_on - %(days)s::int)
  and {_NO_ARREARS}"""

_TO_RENEW = f"""
select c.id from contracts c
where c.status = 'ACTIVE' and c.billing_frequency <> 'SINGLE' and c.renewal_on <= %(today)s::date + %(days)s::int
  and {_NO_ARREARS}"""

_TO_BILL = """
select c.id from contracts c
where c.status in ('ACTIVE', 'GRACE_PERIOD') and c.billing_frequency <> 'SINGLE'
  and (c.ends_on is null or c.ends_on > (select coalesce(max(p.period_to), c.started_on - 1) from payments p
                                         where p.contract_id = c.id and p.kind = 'PREMIUM'))
  and coalesce((select max(p.period_to) from payments p where p.contract_id = c.id and p.kind = 'PREMIUM'),
               %(today)s) <= %(today)s::date + %(days)s::int"""

_TO_BECOME_DUE = "select id from payments where status = 'SCHEDULED' and due_on <= %(today)s"

_OVERDUE = """
select p.id from payments p join contracts k on k.id = p.contract_id join products d on d.id = k.product_id
join product_categories g on g.id = d.category_id
join unnest(%(lines)s::text[], %(patience)s::int[]) as t (line, patience) on t.line = g.line_of_business
where p.status = 'DUE' and p.due_on + t.patience < %(today)s"""

_TO_LAPSE = "select id from contracts where status = 'GRACE_PERIOD' and grace_period_ends_on < %(today)s"

_TO_EXPIRE = """
select id from contracts
where status in ('ACTIVE', 'GRACE_PERIOD') and ends_on < %(today)s and renewal_on is null"""

_COMPLAINTS = """
select c.id from complaints c
where c.status in ('RECEIVED', 'INVESTIGATING', 'PENDING_RESPONSE') and c.due_on < %(today)s and not exists (
    select from events e
    where e.subject_id = c.id and e.type = 'ComplaintOverdue' and e.payload->>'dueOn' = c.due_on::text)"""

_FOLLOW_UPS = """
select f.id from follow_ups f
where f.status = 'OPEN' and f.due_at <= %(now)s and not exists (
    select from events e where e.subject_id = f.id and e.type = 'FollowUpDue' and e.occurred_at = f.due_at)"""


async def due_to_begin(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts whose first day of cover has come."""
    return await _ids(connection, _TO_BEGIN, limit, now)


async def due_to_remind(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts without arrears that renew within thirty days, which their policyholder was not reminded of."""
    return await _ids(connection, _TO_REMIND, limit, now, days=REMINDER_LEAD, order="c.id")


async def due_to_renew(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts without arrears whose term ends within two weeks, and renews."""
    return await _ids(connection, _TO_RENEW, limit, now, days=RENEWAL_LEAD)


async def due_to_bill(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts in force that are billed for few days ahead, and whose term goes on."""
    return await _ids(connection, _TO_BILL, limit, now, days=BILLED_AT_LEAST)


async def due_to_fall_due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Scheduled payments whose day has come."""
    return await _ids(connection, _TO_BECOME_DUE, limit, now)


async def due_to_be_overdue(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Payments that were not received in time, by the patience with their line of business."""
    lines = {line.value: terms.patience for line, terms in BILLING_TERMS.items()}
    patience = list(lines.values())
    return await _ids(connection, _OVERDUE, limit, now, lines=list(lines), patience=patience, order="p.id")


async def due_to_lapse(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts whose grace period is over."""
    return await _ids(connection, _TO_LAPSE, limit, now)


async def due_to_expire(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contracts whose term is over, and that do not renew."""
    return await _ids(connection, _TO_EXPIRE, limit, now)


async def due_complaints(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Complaints that were not answered in time, which the history does not tell yet."""
    return await _ids(connection, _COMPLAINTS, limit, now)


async def due_follow_ups(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Follow-up tasks that were not done when they fell due, which the history does not tell yet."""
    return await _ids(connection, _FOLLOW_UPS, limit, now)


STEPS: tuple[Step, ...] = (
    Step(BeginContract, "contract_id", due_to_begin),
    Step(RemindOfRenewal, "contract_id", due_to_remind),
    Step(RenewContract, "contract_id", due_to_renew),
    Step(BillContract, "contract_id", due_to_bill),
    Step(MakePaymentDue, "payment_id", due_to_fall_due),
    Step(MarkPaymentOverdue, "payment_id", due_to_be_overdue),
    Step(LapseContract, "contract_id", due_to_lapse),
    Step(ExpireContract, "contract_id", due_to_expire),
    Step(MarkComplaintOverdue, "complaint_id", due_complaints),
    Step(MarkFollowUpDue, "follow_up_id", due_follow_ups),
)
"""All that is done by timer, in the order in which one day's work is done."""


async def _ids(
    connection: Connection, query: str, limit: int, now: datetime, *, order: str = "id", **values: Any
) -> list[UUID]:
    """What a query finds at a moment `now`, and on its day `today`, in UTC."""
    statement = f"{query} order by {order} limit %(limit)s"
    given = {**values, "now": now, "today": now.date(), "limit": limit}
    found = await connection.execute(statement.encode(), given)
    return [row_id for (row_id,) in await found.fetchall()]

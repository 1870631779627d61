"""Claiming deliveries and settling them: an attempt has a lease, so that no other process makes it at the same time.

The next delivery of a customer is claimed only when none before it waits: that keeps the order. A process that is
killed in the middle of an attempt lets the lease run out, and the attempt is made again: at least once, never less.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.ids import new_id, public_id
from core.snapshot import Pool
from models.webhooks import DeliveryStatus, WebhookMessage

# Nothing before it of the same customer waits. Messages of the service itself are a line each.
_FIRST_IN_LINE = """
not exists (select from webhook_deliveries b
            where b.endpoint_id = d.endpoint_id and b.order_key = d.order_key and b.status = 'WAITING'
              and b.feed_number < d.feed_number)"""
_DUE = "d.status = 'WAITING' and d.next_attempt_at <= now() and (d.leased_until is null or d.leased_until < now())"
# Tests are sent whatever the state of the endpoint.
_WANTED = "(w.status = 'ACTIVE' or (w.status <> 'REMOVED' and d.message <> 'EVENT')) and p.status = 'ACTIVE'"

_CLAIM = f"""
update webhook_deliveries t
set lease = %(lease)s, leased_until = now() + %(time)s, attempts = t.attempts + 1, attempted_at = now()
where t.id in (
    select d.id from webhook_deliveries d
    join webhook_endpoints w on w.id = d.endpoint_id join partners p on p.id = w.partner_id
    where d.endpoint_id = %(endpoint)s and {_DUE} and {_WANTED} and {_FIRST_IN_LINE}
    order by d.feed_number nulls first limit %(limit)s for update of d skip locked)
returning t.id, t.endpoint_id, t.message, t.event_id, t.feed_number, t.about_id, t.attempts, t.created_at"""

# Who else settles it has another lease; a replay takes the lease away.
_SETTLE = """
update webhook_deliveries
set status = %(status)s, settled_at = case when %(status)s = 'WAITING' then null else now() end,
    next_attempt_at = now() + %(pause)s, answer_status = %(answer)s, failure = %(failure)s, lease = null,
    leased_until = null
where id = %(id)s and lease = %(lease)s"""
_GIVE_BACK = """
update webhook_deliveries
set lease = null, leased_until = null, attempts = attempts - 1, next_attempt_at = now() + %(pause)s
where id = %(id)s and lease = %(lease)s"""
_ARRIVED = "update webhook_endpoints set failing_since = null where id = %s and failing_since is not null"
_FAILED = """
update webhook_endpoints set failing_since = coalesce(failing_since, now()) where id = %s
returning now() - failing_since"""

_BUSY = f"""
select w.id from webhook_endpoints w join partners p on p.id = w.partner_id
where (
    (w.status = 'ACTIVE' and p.status = 'ACTIVE' and w.feed_number < (select max(number) from event_feed)
     and (%(all)s or w.partner_id = any(%(partners)s::uuid[]) or w.updated_at > now() - %(lately)s))
    or exists (select from webhook_deliveries d
               where d.endpoint_id = w.id and {_DUE} and {_WANTED} and {_FIRST_IN_LINE}))
  and not exists (select from jobs.procrastinate_jobs j
                  where j.status = 'todo' and j.queueing_lock = 'webhook/' || w.id)"""

_NOTHING = timedelta(0)
# Longer than between two looks, and than clocks differ: who was resumed or put back is looked at.
_LATELY = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is being attempted, for the `attempts`th time."""

    id: UUID
    endpoint_id: UUID
    message: WebhookMessage
    event_id: UUID | None
    feed_number: int | None
    about_id: UUID | None
    attempts: int
    created_at: datetime
    lease: UUID

    @property
    def message_id(self) -> str:
        """The same for every attempt and every replay: by it a receiver knows what it has seen (`webhook-id`)."""
        return public_id("evt", str(self.event_id)) if self.event_id else public_id("whd", str(self.id))


async def claim(pool: Pool, endpoint_id: UUID, limit: int, time: timedelta) -> list[Claim]:
    """Up to `limit` deliveries of an endpoint that are to be attempted now, for nobody else for so long.

    Raises psycopg.Error, PoolTimeout.
    """
    lease = new_id()
    parameters: dict[str, Any] = {"lease": lease, "time": time, "endpoint": endpoint_id, "limit": limit}
    async with pool.connection() as connection:
        rows = await (await connection.execute(_CLAIM, parameters)).fetchall()
    return [Claim(row[0], row[1], WebhookMessage(row[2]), *row[3:], lease) for row in rows]  # type: ignore[call-arg]


async def settle(
    pool: Pool,
    of: Claim,
    status: DeliveryStatus,
    *,
    pause: timedelta = _NOTHING,
    answer: int | None = None,
    failure: str | None = None,
) -> bool:
    """Note what came of an attempt, unless the lease was lost; returns whether it was noted.

    Raises psycopg.Error, PoolTimeout.
    """
    parameters: dict[str, Any] = {
        "status": status.value,
        "pause": pause,
        "answer": answer,
        "failure": failure,
        "id": of.id,
        "lease": of.lease,
    }
    async with pool.connection() as connection:
        noted = (await connection.execute(_SETTLE, parameters)).rowcount > 0
        if status is DeliveryStatus.DELIVERED:
            await connection.execute(_ARRIVED, [of.endpoint_id])
    return noted


async def give_back(pool: Pool, of: Claim, pause: timedelta) -> None:
    """Take back an attempt that was not made, for a reason of our own. Raises psycopg.Error, PoolTimeout."""
    async with pool.connection() as connection:
        await connection.execute(_GIVE_BACK, {"pause": pause, "id": of.id, "lease": of.lease})


async def failing_for(pool: Pool, endpoint_id: UUID) -> timedelta:
    """Note that an event did not arrive; since when none does. Raises psycopg.Error, PoolTimeout."""
    async with pool.connection() as connection:
        row = await (await connection.execute(_FAILED, [endpoint_id])).fetchone()
    return row[0] if row else _NOTHING


async def busy(pool: Pool, partners: frozenset[str] | None) -> list[UUID]:
    """Endpoints with something to do now and no job for it yet: deliveries that are due, or news for these partners
    (None: for any), or a change of the endpoint itself. Raises psycopg.Error, PoolTimeout.
    """
    parameters: dict[str, Any] = {
        "all": partners is None,
        "partners": sorted(partners or ()),
        "lately": _LATELY,
    }
    async with pool.connection() as connection:
        rows = await (await connection.execute(_BUSY, parameters)).fetchall()
    return [row[0] for row in rows]

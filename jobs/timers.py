"""What is done by the clock: one table. Each is done by one process at a time, and may be done twice without harm."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from auth.actor import SYSTEM
from changes import idempotency, perform
from changes.due import STEPS, Step
from core.errors import RequestError
from core.snapshot import Pool
from execution.services import Services
from models.base import utc_now

log = logging.getLogger(__name__)

# What the descriptions of the graph promise.
KEYS_KEPT = timedelta(days=30)
DELIVERIES_KEPT = timedelta(days=30)
# Rows removed in one transaction.
_BATCH = 5_000
# Objects looked for at once, of a step that is due for many.
_AT_ONCE = 500

_OLD_DELIVERIES = """
delete from webhook_deliveries where id in (
    select id from webhook_deliveries where settled_at < now() - %s order by settled_at limit %s)"""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is done by the clock: `cron` says when, in UTC; `does` does it and returns how often."""

    name: str
    cron: str
    description: str
    does: Callable[[Services], Awaitable[int]]


async def _forget_keys(services: Services) -> int:
    async with services.pool.connection() as connection:
        return await idempotency.forget(connection, utc_now() - KEYS_KEPT)


async def _forget_deliveries(services: Services) -> int:
    return await _in_batches(services.pool, _OLD_DELIVERIES, DELIVERIES_KEPT)


async def _in_batches(pool: Pool, statement: str, age: timedelta) -> int:
    """Remove rows that old, some at a time, so that nobody waits for the lock of many."""
    removed = 0
    while True:
        async with pool.connection() as connection:
            count = (await connection.execute(statement.encode(), [age, _BATCH])).rowcount
        removed += count
        if count < _BATCH:
            return removed


async def _do_what_is_due(services: Services) -> int:
    """Perform every step of changes/due.py for all it is due for, as the system; what is refused waits for the next."""
    done = 0
    for step in STEPS:
        done += await _do_step(services, step)
    return done


async def _do_step(services: Services, step: Step) -> int:
    done, seen = 0, set[UUID]()
    while True:
        async with services.pool.connection() as connection:
            found = await step.due(connection, utc_now(), _AT_ONCE)
        fresh = [row_id for row_id in found if row_id not in seen]
        if not fresh:
            return done
        seen.update(fresh)
        for row_id in fresh:
            try:
                await perform(services.door, SYSTEM, step.command_for(row_id))
                done += 1
            except RequestError as error:
                # Another process was first, or something stands in the way that a person has to look at.
                log.info("%s is not done for %s: %s", step.command.__name__, row_id, error.code)


TIMERS = (
    Timer(
        "do-what-is-due",
        "5 * * * *",
        "Does what the calendar says (changes/due.py): contracts begin, renew, are billed, lapse and expire; customers"
        " are reminded of renewals; payments fall due and become overdue; complaints and follow-up tasks that are late"
        " are noted.",
        _do_what_is_due,
    ),
    Timer(
        "forget-idempotency-keys",
        "10 * * * *",
        "Forgets idempotency keys that were first used thirty days ago.",
        _forget_keys,
    ),
    Timer(
        "forget-webhook-deliveries",
        "20 * * * *",
        "Forgets deliveries that were settled thirty days ago.",
        _forget_deliveries,
    ),
)
"""All timers."""

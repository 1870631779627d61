"""Performing a command: permission, transaction, idempotency, events and audit entry, in that order.

There is no other way to have a command carried out, so none of these can be forgotten.
"""

import logging
from uuid import UUID

import psycopg

from auth.actor import Actor
from changes import idempotency
from changes.commands import Command, Made
from changes.errors import Forbidden, NotFound
from changes.work import Door, Work
from models.base import utc_now

log = logging.getLogger(__name__)

# Two commands that lock the same customers in another order: PostgreSQL ends one of them, which is then tried again. So
# is one whose customer was merged into another while it worked: looked at anew, it belongs to the survivor.
_PASSING = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.ForeignKeyViolation,
)


async def perform(door: Door, actor: Actor, command: Command, *, key: str | None = None) -> Made:
    """Carry out a command as `actor`; what it made or changed, by the name of the payload's field.

    With an idempotency `key` that was used before nothing is done again, and the first result returned. Raises
    RequestError when the command cannot be carried out, psycopg.Error when the database cannot; nothing changes then.
    """
    if not actor.may(command.permission):
        raise Forbidden(command.permission)
    checked: Command = command.checked()
    if key is not None:
        key = idempotency.checked_key(key)
    for attempt in range(1, command.attempts + 1):
        try:
            return await _once(door, actor, checked, key)
        except _PASSING:
            if attempt == command.attempts:
                raise
            log.info("%s met another change and is tried again", type(command).__name__)
        except psycopg.errors.InsufficientPrivilege:
            # The actor's role may not even look into the table.
            raise NotFound("object") from None
    raise AssertionError("unreachable")


async def _once(door: Door, actor: Actor, command: Command, key: str | None) -> Made:
    async with door.pool.connection() as connection, connection.transaction():
        work = Work(connection, door, actor, type(command).__name__, utc_now())
        if key is not None:
            first = await idempotency.claim(connection, work.actor_name, key, command, work.now)
            if first is not None:
                return first
        made = {
            name: str(value) if isinstance(value, UUID) else value
            for name, value in (await command.perform(work)).items()
        }
        await work.finish()
        if key is not None:
            await idempotency.keep(connection, work.actor_name, key, made)
        return made

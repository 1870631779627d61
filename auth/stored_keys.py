"""Signing keys that the service makes for itself and keeps in the database: for trying it out, not for production."""

from datetime import datetime, timedelta

from auth import keys
from auth.access import Access, Connection
from auth.actor import Actor
from auth.keys import KeyRing
from auth.security_events import SecurityEvent, SecurityEventKind

# Any fixed number nothing else uses: only one of several processes that start together makes the first key.
_LOCK = 0x633336306B657973

# A new key signs only after all workers have read it; they read the keys every ten seconds.
ANNOUNCED_FOR = timedelta(seconds=30)
# Added to the life of the last tokens of an old key, for clocks that differ.
_MARGIN = timedelta(minutes=1)


async def load(access: Access) -> KeyRing:
    """The key ring in the database; the first key is made when there is none."""
    now = access.clock()
    async with access.transaction() as connection:
        rows = await _rows(connection, now)
        if not rows:
            await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            rows = await _rows(connection, now)
        if not rows:
            await _insert(connection, keys.generate(), now, now)
            rows = await _rows(connection, now)
    found = [(keys.from_pem(pem.encode()), activates_at) for pem, activates_at in rows]
    signing = next((key for key, activates_at in found if activates_at <= now), found[-1][0])
    return keys.key_ring(signing, [key.verification for key, _ in found])


async def rotate(access: Access, by: Actor) -> tuple[str, datetime, datetime]:
    """Make a new key. Returns its id, from when it signs, and from when tokens of the keys before are refused."""
    now = access.clock()
    activates_at = now + ANNOUNCED_FOR
    retires_at = activates_at + access.policy.access_lifetime + _MARGIN
    key = keys.generate()
    async with access.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        await connection.execute("update signing_keys set retires_at = %s where retires_at is null", [retires_at])
        await connection.execute("delete from signing_keys where retires_at < %s", [now])
        await _insert(connection, key, now, activates_at)
        event = SecurityEvent(SecurityEventKind.SIGNING_KEY_ROTATED, by.id, None, {"kid": key.verification.kid})
        await access.record(connection, event)
    return key.verification.kid, activates_at, retires_at


async def _rows(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """The keys that are not retired: private key and activation, the newest first."""
    cursor = await connection.execute(
        """
        select private_key, activates_at from signing_keys where retires_at is null or retires_at > %s
        order by activates_at desc, kid
        """,
        [now],
    )
    return await cursor.fetchall()


async def _insert(connection: Connection, key: keys.SigningKey, now: datetime, activates_at: datetime) -> None:
    await connection.execute(
        "insert into signing_keys (kid, private_key, created_at, activates_at) values (%s, %s, %s, %s)",
        [key.verification.kid, keys.to_pem(key), now, activates_at],
    )

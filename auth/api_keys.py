"""API keys: credentials of partners' programs, shown once, stored as digests, narrower than the partner role."""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from auth.access import Access, Connection
from auth.actor import Actor, ActorKind, user
from auth.digests import digest, random_secret
from auth.errors import AuthenticationError, Refusal
from auth.permissions import ROLES
from auth.security_events import SecurityEvent, SecurityEventKind
from core.errors import BadInput
from core.ids import new_id
from models.roles import Role

DEFAULT_LIFE = timedelta(days=365)
LONGEST_LIFE = timedelta(days=2 * 365)
DEFAULT_OVERLAP = timedelta(days=7)

_SHAPE = re.compile(r"c360_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_PREFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_LAST_USE_STEP = timedelta(minutes=1)

_PARTNER_PERMISSIONS = ROLES[Role.PARTNER]


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """An API key as stored."""

    id: UUID
    name: str
    prefix: str
    key_hash: str = field(repr=False)
    partner_id: UUID
    partner_number: str
    partner_active: bool
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    rotated_from_id: UUID | None

    def is_good(self, now: datetime) -> bool:
        """Whether the key works at a moment."""
        return self.revoked_at is None and now < self.expires_at and self.partner_active


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key, whose text is shown this once."""

    key: ApiKeyRow
    text: str = field(repr=False)


_SELECT = """
    select k.id, k.name, k.prefix, k.key_hash, k.partner_id, p.number as partner_number,
           p.status = 'ACTIVE' as partner_active, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
           k.rotated_from_id
    from api_keys k join partners p on p.id = k.partner_id
"""
_BY_ID_LOCKED = f"{_SELECT} where k.id = %s for update of k"
_BY_PREFIX = f"{_SELECT} where k.prefix = %s"
_ALL = f"{_SELECT} order by p.number, k.created_at, k.id"


async def create(
    access: Access,
    by: Actor,
    name: str,
    partner_number: str,
    scopes: Iterable[str] | None = None,
    *,
    life: timedelta = DEFAULT_LIFE,
) -> NewApiKey:
    """A new key for a partner; without `scopes` it has all permissions of the partner role.

    Raises BadInput when a scope is not one of them, there is no such partner, or the life is not between an hour
    and two years.
    """
    wanted = frozenset(scopes) if scopes is not None else _PARTNER_PERMISSIONS
    if not wanted or wanted - _PARTNER_PERMISSIONS:
        raise BadInput(f"scopes are some of: {', '.join(sorted(_PARTNER_PERMISSIONS))}")
    if not timedelta(hours=1) <= life <= LONGEST_LIFE:
        raise BadInput("an API key lives between an hour and two years")
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise BadInput("the name of an API key has 1 to 100 printable characters")
    async with access.transaction() as connection:
        cursor = await connection.execute("select id from partners where number = %s", [partner_number])
        partner = await cursor.fetchone()
        if partner is None:
            raise BadInput("there is no partner with that number (P-…)")
        made = await _insert(access, connection, by, name, partner[0], wanted, access.clock() + life, None)
        await _record(access, connection, SecurityEventKind.API_KEY_CREATED, by, made.key)
    return made


async def rotate(
    access: Access,
    by: Actor,
    key_id: UUID,
    *,
    overlap: timedelta = DEFAULT_OVERLAP,
    life: timedelta = DEFAULT_LIFE,
) -> NewApiKey:
    """A new key with the name and scopes of another, which works on for the overlap and then expires.

    Raises BadInput when there is no such key, or it works no longer.
    """
    if not timedelta(0) <= overlap <= timedelta(days=90) or not timedelta(hours=1) <= life <= LONGEST_LIFE:
        raise BadInput("the overlap is at most 90 days, and an API key lives between an hour and two years")
    now = access.clock()
    async with access.transaction() as connection:
        old = await _locked(connection, key_id)
        if not old.is_good(now):
            raise BadInput("the key works no longer; create a new one")
        made = await _insert(
            access, connection, by, old.name, old.partner_id, frozenset(old.scopes), now + life, old.id
        )
        await connection.execute(
            """
            update api_keys set expires_at = least(expires_at, %s), version = version + 1, updated_at = %s
            where id = %s
            """,
            [now + overlap, now, old.id],
        )
        if not overlap:
            await connection.execute("update api_keys set revoked_at = %s where id = %s", [now, old.id])
        await _record(access, connection, SecurityEventKind.API_KEY_ROTATED, by, made.key, old=str(old.id))
    return made


async def revoke(access: Access, by: Actor, key_id: UUID) -> ApiKeyRow:
    """Refuse a key from now on, within seconds in all workers. Raises BadInput when there is no such key."""
    async with access.transaction() as connection:
        key = await _locked(connection, key_id)
        if key.revoked_at is None:
            await connection.execute(
                "update api_keys set revoked_at = %s, version = version + 1, updated_at = %s where id = %s",
                [access.clock(), access.clock(), key_id],
            )
            await _record(access, connection, SecurityEventKind.API_KEY_REVOKED, by, key)
        return await _locked(connection, key_id)


async def all_keys(access: Access) -> list[ApiKeyRow]:
    """All keys by partner and age."""
    async with access.pool.connection() as connection, connection.cursor(row_factory=class_row(ApiKeyRow)) as cursor:
        await cursor.execute(_ALL)
        return await cursor.fetchall()


async def find(access: Access, prefix: str) -> ApiKeyRow:
    """The key whose text begins with this prefix, with or without `c360_`. Raises BadInput when there is none."""
    async with access.pool.connection() as connection:
        key = await _by_prefix(connection, prefix.removeprefix("c360_").partition("_")[0])
    if key is None:
        raise BadInput("there is no API key with that prefix")
    return key


async def verify(access: Access, text: str) -> tuple[Actor, datetime]:
    """The actor of a key, and when the key expires. Its last use is noted at most once a minute.

    Raises AuthenticationError, the same for a key that is unknown, revoked, or of a partner who has left; EXPIRED
    for an expired one.
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise AuthenticationError(Refusal.MALFORMED, "the API key is malformed")
    now = access.clock()
    async with access.pool.connection() as connection:
        key = await _by_prefix(connection, shape[1])
        expected = key.key_hash if key is not None else digest("")
        if not hmac.compare_digest(expected, digest(text)) or key is None:
            raise AuthenticationError(Refusal.INVALID, "the API key is not accepted")
        if now >= key.expires_at:
            raise AuthenticationError(Refusal.EXPIRED, "the API key has expired")
        if not key.is_good(now):
            raise AuthenticationError(Refusal.REVOKED, "the API key is not accepted")
        if key.last_used_at is None or now - key.last_used_at >= _LAST_USE_STEP:
            await connection.execute(
                "update api_keys set last_used_at = %s where id = %s and last_used_at is not distinct from %s",
                [now, key.id, key.last_used_at],
            )
    actor = user(
        str(key.id),
        frozenset({Role.PARTNER}),
        partner_id=str(key.partner_id),
        scopes=frozenset(key.scopes),
        kind=ActorKind.API_KEY,
    )
    return actor, key.expires_at


async def _insert(
    access: Access,
    connection: Connection,
    by: Actor,
    name: str,
    partner_id: UUID,
    scopes: frozenset[str],
    expires_at: datetime,
    rotated_from_id: UUID | None,
) -> NewApiKey:
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(8))
    text, now, key_id = f"c360_{prefix}_{random_secret()}", access.clock(), new_id()
    created_by = UUID(by.id) if by.id is not None and by.kind is ActorKind.USER else None
    await connection.execute(
        """
        insert into api_keys (id, created_at, updated_at, name, prefix, key_hash, partner_id, scopes, created_by_id,
                              expires_at, rotated_from_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            key_id,
            now,
            now,
            name,
            prefix,
            digest(text),
            partner_id,
            sorted(scopes),
            created_by,
            expires_at,
            rotated_from_id,
        ],
    )
    return NewApiKey(await _locked(connection, key_id), text)


async def _locked(connection: Connection, key_id: UUID) -> ApiKeyRow:
    async with connection.cursor(row_factory=class_row(ApiKeyRow)) as cursor:
        await cursor.execute(_BY_ID_LOCKED, [key_id])
        key = await cursor.fetchone()
    if key is None:
        raise BadInput("there is no such API key")
    return key


async def _by_prefix(connection: Connection, prefix: str) -> ApiKeyRow | None:
    if not prefix.isascii() or not prefix.isalnum():
        return None
    async with connection.cursor(row_factory=class_row(ApiKeyRow)) as cursor:
        await cursor.execute(_BY_PREFIX, [prefix])
        return await cursor.fetchone()


async def _record(
    access: Access, connection: Connection, kind: SecurityEventKind, by: Actor, key: ApiKeyRow, **details: object
) -> None:
    facts = {"prefix": key.prefix, "partner": key.partner_number, "scopes": sorted(key.scopes), **details}
    await access.record(connection, SecurityEvent(kind, by.id, str(key.id), facts))

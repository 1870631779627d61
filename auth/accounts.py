"""Reading users: the one place that knows their columns."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from auth.access import Connection
from models.access import UserStatus
from models.roles import Role

_COLUMNS = """
    u.id, u.version, u.created_at, u.login, u.status, u.roles, u.partner_id, u.agent_id, u.password_hash,
    u.password_expires_at, u.must_change_password, u.failed_attempts, u.locked_until, u.last_login_at, u.totp_secret,
    u.totp_confirmed_at, u.totp_last_step, u.external_issuer, u.external_subject, u.access_version,
    p.number as partner_number, coalesce(p.status = 'ACTIVE', true) as partner_active
"""
_FROM = "from users u left join partners p on p.id = u.partner_id"

_BY = {
    "id": "where u.id = %s",
    "login": "where lower(u.login) = lower(%s)",
}

# What a login may be. Only these characters have one case each and look like nothing else.
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{1,62}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Account:
    """A user as stored, with what signing in needs. Secrets do not show in its repr."""

    id: UUID
    version: int
    created_at: datetime
    login: str
    status: str
    roles: list[str]
    partner_id: UUID | None
    agent_id: UUID | None
    password_hash: str | None = field(repr=False)
    password_expires_at: datetime | None
    must_change_password: bool
    failed_attempts: int
    locked_until: datetime | None
    last_login_at: datetime | None
    totp_secret: str | None = field(repr=False)
    totp_confirmed_at: datetime | None
    totp_last_step: int | None = field(repr=False)
    external_issuer: str | None
    external_subject: str | None
    access_version: int
    partner_number: str | None
    partner_active: bool

    @property
    def role_set(self) -> frozenset[Role]:
        """The roles as members of Role."""
        return frozenset(Role[name] for name in self.roles)

    @property
    def may_sign_in(self) -> bool:
        """Whether the account is active and, for a partner's user, the partner is too: neither ended nor suspended."""
        return self.status == UserStatus.ACTIVE.value and self.partner_active

    def password_is_over(self, now: datetime) -> bool:
        """Whether the password was a one-time password that waited too long."""
        return self.password_expires_at is not None and self.password_expires_at <= now

    @property
    def has_second_factor(self) -> bool:
        """Whether the authenticator app is set up and asked for."""
        return self.totp_confirmed_at is not None


async def find(
    connection: Connection, by: Literal["id", "login"], value: UUID | str, *, lock: bool = False
) -> Account | None:
    """The user with this id or login (whatever its case); `lock` keeps others from changing it until the commit."""
    query = f"select {_COLUMNS} {_FROM} {_BY[by]}{' for update of u' if lock else ''}"
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(query, [value])
        return await cursor.fetchone()


async def access_changed(connection: Connection, user_id: UUID, now: datetime) -> int:
    """Refuse all tokens the user holds: after a change of roles, status or password. Returns the new access version."""
    cursor = await connection.execute(
        """
        update users set access_version = access_version + 1, access_changed_at = %(now)s, version = version + 1,
               updated_at = %(now)s
        where id = %(id)s returning access_version
        """,
        {"id": user_id, "now": now},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def find_external(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The user with this identity at an external issuer."""
    query = f"select {_COLUMNS} {_FROM} where u.external_issuer = %s and u.external_subject = %s"
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(query, [issuer, subject])
        return await cursor.fetchone()


async def all_accounts(connection: Connection) -> list[Account]:
    """All users by login."""
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(f"select {_COLUMNS} {_FROM} order by lower(u.login)")
        return await cursor.fetchall()

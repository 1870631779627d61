"""Users as administrators manage them: add, disable, enable, reset, set roles, list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import psycopg

from auth import accounts, second_factor, session_store
from auth.access import Access, Connection
from auth.accounts import LOGIN, Account
from auth.actor import Actor
from auth.demo_logins import is_demo_login
from auth.passwords import check_strength, one_time_password
from auth.security_events import SecurityEvent, SecurityEventKind
from core.errors import BadInput
from core.ids import new_id
from models.access import SessionEnd, UserStatus
from models.roles import Role

# How long a password that an administrator hands over may wait for its first use.
ONE_TIME_PASSWORD_LIFE = timedelta(days=7)

FIRST_ADMINISTRATOR = (
    "There is no administrator yet. Add the first one:  c360 user add LOGIN --role administrator --generate"
)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A user and the one-time password to hand over, shown once; none where the password was given."""

    user: Account
    one_time_password: str | None = field(repr=False)


async def add(
    access: Access,
    by: Actor,
    login: str,
    roles: Iterable[Role],
    *,
    password: str | None = None,
    partner_number: str | None = None,
    agent_number: str | None = None,
) -> HandedOver:
    """Add a user. Without a password one is made up, which works for seven days and must be changed.

    Raises BadInput when the login is malformed, reserved or taken, the roles do not go together, or there is no such
    partner or agent; WeakPassword.
    """
    _check_login(login)
    role_set = frozenset(roles)
    _check_roles(role_set, partner_number is not None)
    if password is not None:
        await check_strength(password, login)
    generated = one_time_password() if password is None else None
    password_hash = await access.passwords.hash(password or generated or "")
    now = access.clock()
    user_id = new_id()
    async with access.transaction() as connection:
        partner_id = await _partner(connection, partner_number)
        agent_id = await _agent(connection, agent_number)
        try:
            await connection.execute(
                """
                insert into users (id, created_at, updated_at, login, status, roles, partner_id, agent_id,
                                   password_hash, password_expires_at, must_change_password, failed_attempts,
                                   access_version, access_changed_at)
                values (%(id)s, %(now)s, %(now)s, %(login)s, %(status)s, %(roles)s, %(partner)s, %(agent)s, %(hash)s,
                        %(expires)s, %(generated)s, 0, 1, %(now)s)
                """,
                {
                    "id": user_id,
                    "now": now,
                    "login": login,
                    "status": UserStatus.ACTIVE.value,
                    "roles": _names(role_set),
                    "partner": partner_id,
                    "agent": agent_id,
                    "hash": password_hash,
                    "expires": now + ONE_TIME_PASSWORD_LIFE if generated else None,
                    "generated": generated is not None,
                },
            )
        except psycopg.errors.UniqueViolation:
            raise BadInput(f"there is a user {login} already") from None
        await _record(access, connection, SecurityEventKind.USER_ADDED, by, user_id, roles=_names(role_set))
        return HandedOver(await _get(connection, user_id), generated)


async def disable(access: Access, by: Actor, user_id: UUID) -> Account:
    """Keep a user out: sessions end, tokens given before are refused within seconds.

    Raises BadInput when there is no such user, or it is the last administrator.
    """
    async with access.transaction() as connection:
        user = await _get(connection, user_id, lock=True)
        if user.status != UserStatus.DISABLED.value:
            await _keep_an_administrator(connection, user)
            await _set_status(access, connection, user_id, UserStatus.DISABLED)
            await session_store.end_all(connection, user_id, SessionEnd.USER_DISABLED, access.clock())
            await _record(access, connection, SecurityEventKind.USER_DISABLED, by, user_id)
        return await _get(connection, user_id)


async def enable(access: Access, by: Actor, user_id: UUID) -> Account:
    """Let a user in again, and end a lock-out. Raises BadInput when there is no such user."""
    async with access.transaction() as connection:
        user = await _get(connection, user_id, lock=True)
        if user.status != UserStatus.ACTIVE.value or user.locked_until is not None:
            await _set_status(access, connection, user_id, UserStatus.ACTIVE)
            await _record(access, connection, SecurityEventKind.USER_ENABLED, by, user_id)
        return await _get(connection, user_id)


async def reset(access: Access, by: Actor, user_id: UUID, *, remove_second_factor: bool = False) -> HandedOver:
    """Give a user a one-time password; sessions end. For who lost the phone too, the second factor is taken away.

    Raises BadInput when there is no such user, or it signs in elsewhere.
    """
    generated = one_time_password()
    password_hash = await access.passwords.hash(generated)
    now = access.clock()
    async with access.transaction() as connection:
        user = await _get(connection, user_id, lock=True)
        if user.external_issuer is not None:
            raise BadInput(f"{user.login} signs in at {user.external_issuer}, which keeps the password")
        await connection.execute(
            """
            update users set password_hash = %s, password_expires_at = %s, must_change_password = true,
                   failed_attempts = 0, locked_until = null
            where id = %s
            """,
            [password_hash, now + ONE_TIME_PASSWORD_LIFE, user_id],
        )
        if remove_second_factor:
            await second_factor.remove(connection, user_id)
            await _record(access, connection, SecurityEventKind.SECOND_FACTOR_REMOVED, by, user_id)
        await accounts.access_changed(connection, user_id, now)
        await session_store.end_all(connection, user_id, SessionEnd.PASSWORD_CHANGED, now)
        await _record(access, connection, SecurityEventKind.PASSWORD_RESET, by, user_id)
        return HandedOver(await _get(connection, user_id), generated)


async def set_roles(
    access: Access, by: Actor, user_id: UUID, roles: Iterable[Role], *, partner_number: str | None = None
) -> Account:
    """Give a user other roles; tokens with the old ones are refused within seconds, a refresh brings the new.

    Raises BadInput when there is no such user or partner, the roles do not go together, an issuer decides them, or
    nobody would be left as administrator.
    """
    role_set = frozenset(roles)
    _check_roles(role_set, partner_number is not None)
    async with access.transaction() as connection:
        user = await _get(connection, user_id, lock=True)
        if user.external_issuer is not None:
            raise BadInput(f"the roles of {user.login} come from {user.external_issuer}")
        if Role.ADMINISTRATOR not in role_set:
            await _keep_an_administrator(connection, user)
        partner_id = await _partner(connection, partner_number)
        await connection.execute(
            "update users set roles = %s, partner_id = %s where id = %s", [_names(role_set), partner_id, user_id]
        )
        await accounts.access_changed(connection, user_id, access.clock())
        change = {"before": sorted(user.roles), "after": _names(role_set)}
        await _record(access, connection, SecurityEventKind.ROLES_CHANGED, by, user_id, **change)
        return await _get(connection, user_id)


async def find(access: Access, login: str) -> Account:
    """The user with this login, whatever its case. Raises BadInput when there is none."""
    async with access.pool.connection() as connection:
        user = await accounts.find(connection, "login", login) if login.isprintable() else None
    if user is None:
        raise BadInput("there is no user with that login")
    return user


async def get(access: Access, user_id: UUID) -> Account:
    """The user with this id. Raises BadInput when there is none."""
    async with access.pool.connection() as connection:
        return await _get(connection, user_id)


async def all_users(access: Access) -> list[Account]:
    """All users by login."""
    async with access.pool.connection() as connection:
        return await accounts.all_accounts(connection)


async def has_administrator(access: Access) -> bool:
    """Whether somebody may sign in as administrator; else FIRST_ADMINISTRATOR is the text to show."""
    async with access.pool.connection() as connection:
        return bool(await _administrators(connection, lock=False))


async def _administrators(connection: Connection, *, lock: bool) -> list[UUID]:
    cursor = await connection.execute(
        f"""
        select id from users where status = 'ACTIVE' and 'ADMINISTRATOR' = any(roles)
        order by id {"for update" if lock else ""}
        """
    )
    return [row[0] for row in await cursor.fetchall()]


async def _keep_an_administrator(connection: Connection, user: Account) -> None:
    if Role.ADMINISTRATOR in user.role_set and await _administrators(connection, lock=True) == [user.id]:
        raise BadInput(f"{user.login} is the last administrator; make another one first")


async def _set_status(access: Access, connection: Connection, user_id: UUID, status: UserStatus) -> None:
    await connection.execute(
        "update users set status = %s, failed_attempts = 0, locked_until = null where id = %s", [status.value, user_id]
    )
    await accounts.access_changed(connection, user_id, access.clock())


async def _get(connection: Connection, user_id: UUID, *, lock: bool = False) -> Account:
    user = await accounts.find(connection, "id", user_id, lock=lock)
    if user is None:
        raise BadInput("there is no such user")
    return user


async def _partner(connection: Connection, number: str | None) -> UUID | None:
    if number is None:
        return None
    row = await (await connection.execute("select id from partners where number = %s", [number])).fetchone()
    if row is None:
        raise BadInput("there is no partner with that number (P-…)")
    partner_id: UUID = row[0]
    return partner_id


async def _agent(connection: Connection, number: str | None) -> UUID | None:
    if number is None:
        return None
    row = await (await connection.execute("select id from agents where number = %s", [number])).fetchone()
    if row is None:
        raise BadInput("there is no agent with that number (A-…)")
    agent_id: UUID = row[0]
    return agent_id


def _names(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)


def _check_login(login: str) -> None:
    if not LOGIN.fullmatch(login):
        raise BadInput("a login has 3 to 64 characters: letters a to z, digits, and . _ @ + - within")
    if is_demo_login(login):
        raise BadInput("logins that end in @demo are kept for demo users")


def _check_roles(roles: frozenset[Role], has_partner: bool) -> None:
    if not roles:
        raise BadInput("a user needs a role")
    if Role.PARTNER in roles and len(roles) > 1:
        raise BadInput("the partner role stands alone")
    if (Role.PARTNER in roles) != has_partner:
        raise BadInput("the partner role needs a partner, and no other role has one")


async def _record(
    access: Access, connection: Connection, kind: SecurityEventKind, by: Actor, user_id: UUID, **details: object
) -> None:
    await access.record(connection, SecurityEvent(kind, by.id, str(user_id), details))

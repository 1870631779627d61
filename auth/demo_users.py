"""Demo users: one for each role, to try the service out with.

Their password is the same in every copy of this program, so it is no secret. It is used only where nobody but the user
of this machine can reach the service: in development, listening on the loopback interface. Elsewhere in development a
new password is made up at every start and printed. In production the demo users are disabled, and their logins are
refused besides (auth/sessions.py), because a database may have been tried out before.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from auth import accounts, lockout, session_store
from auth.access import Access, Connection
from auth.actor import SYSTEM
from auth.demo_logins import SUFFIX
from auth.passwords import Argon2Cost, Passwords, one_time_password
from auth.security_events import SecurityEvent, SecurityEventKind
from core.ids import new_id
from core.settings import Settings
from models.access import SessionEnd, UserStatus
from models.roles import Role

WELL_KNOWN_PASSWORD = "customer360-demo"  # noqa: S105

# What everybody knows need not be protected, and a start need not wait for six expensive hashes.
_PUBLIC_COST = Argon2Cost(passes=1, memory_kib=1024, lanes=1)

# Any fixed number nothing else uses: processes that start together make the demo users one after the other.
_LOCK = 0x6333363064757372


@dataclass(frozen=True, slots=True)
class DemoUser:
    """What to print so that one can sign in."""

    role: Role
    login: str
    password: str = field(repr=False)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def are_there(settings: Settings) -> bool:
    """Whether the service keeps demo users by these settings."""
    return settings.env != "production" and settings.demo_customers > 0


def login_of(role: Role) -> str:
    """The login of the demo user with a role."""
    return role.value.lower().replace("_", ".") + SUFFIX


def for_the_page(settings: Settings) -> dict[str, Any] | None:
    """The logins to choose from on the page of the service, and their password if it is no secret; None without any."""
    if not are_there(settings):
        return None
    password = WELL_KNOWN_PASSWORD if is_loopback(settings.host) else None
    return {"logins": [login_of(role) for role in Role], "password": password}


async def ensure(access: Access, host: str) -> list[DemoUser]:
    """Make the demo users that are missing, and let the printed password be the right one for all of them.

    `host` is the address the service listens on. The partner's user belongs to the partner with the most contracts;
    without partners there is none. Demo users that somebody disabled stay so, and are not in the list. In production
    all of them are disabled, and the list is empty.
    """
    if access.policy.production:
        await disable(access)
        return []
    password, passwords = WELL_KNOWN_PASSWORD, Passwords(_PUBLIC_COST)
    if not is_loopback(host):
        password, passwords = one_time_password(), access.passwords
    async with access.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        partner_id = await _one(connection, _LARGEST_PARTNER)
        made = []
        for role in Role:
            if role is Role.PARTNER and partner_id is None:
                continue
            login = login_of(role)
            user = await accounts.find(connection, "login", login, lock=True)
            if user is None:
                agent_id = await _one(connection, _AGENT, _TEAMS[role]) if role in _TEAMS else None
                partner = partner_id if role is Role.PARTNER else None
                password_hash = await passwords.hash(password)
                await _insert(access, connection, login, role, password_hash, partner, agent_id)
            elif user.status == UserStatus.ACTIVE.value:
                await _restore(access, connection, user, password, passwords)
            else:
                continue
            made.append(DemoUser(role, login, password))
    return made


async def disable(access: Access) -> int:
    """Disable all demo users. Returns how many were active."""
    async with access.transaction() as connection:
        cursor = await connection.execute(
            "update users set status = 'DISABLED' where lower(login) like %s and status = 'ACTIVE' returning id",
            [f"%{SUFFIX}"],
        )
        ids = [row[0] for row in await cursor.fetchall()]
        for user_id in ids:
            await accounts.access_changed(connection, user_id, access.clock())
            await session_store.end_all(connection, user_id, SessionEnd.USER_DISABLED, access.clock())
            event = SecurityEvent(SecurityEventKind.USER_DISABLED, SYSTEM.id, str(user_id), {"why": "production"})
            await access.record(connection, event)
    return len(ids)


_LARGEST_PARTNER = """
    select p.id from partners p left join contracts c on c.partner_id = p.id
    where p.status = 'ACTIVE' group by p.id, p.number order by count(c.id) desc, p.number limit 1
"""

_AGENT = """
    select a.id from agents a join teams t on t.id = a.team_id
    where t.kind = %s and a.status = 'ACTIVE' order by a.number limit 1
"""

# Those who are agents in the demo world too, so that "my customers" and "my claims" are not empty.
_TEAMS = {Role.AGENT: "SERVICE", Role.SENIOR_AGENT: "SALES", Role.UNDERWRITER: "UNDERWRITING", Role.MANAGER: "CLAIMS"}


async def _one(connection: Connection, query: Any, *parameters: str) -> UUID | None:
    row = await (await connection.execute(query, parameters)).fetchone()
    return row[0] if row else None


async def _insert(
    access: Access,
    connection: Connection,
    login: str,
    role: Role,
    password_hash: str,
    partner_id: UUID | None,
    agent_id: UUID | None,
) -> None:
    user_id, now = new_id(), access.clock()
    await connection.execute(
        """
        insert into users (id, created_at, updated_at, login, status, roles, partner_id, agent_id, password_hash,
                           must_change_password, failed_attempts, access_version, access_changed_at)
        values (%s, %s, %s, %s, 'ACTIVE', %s, %s, %s, %s, false, 0, 1, %s)
        """,
        [user_id, now, now, login, [role.value], partner_id, agent_id, password_hash, now],
    )
    event = SecurityEvent(SecurityEventKind.USER_ADDED, SYSTEM.id, str(user_id), {"roles": [role.value]})
    await access.record(connection, event)


async def _restore(
    access: Access, connection: Connection, user: accounts.Account, password: str, passwords: Passwords
) -> None:
    """Let the password be the one that is printed; whoever knows another one is signed out."""
    await lockout.succeeded(connection, user.id)
    if await passwords.verify(user.password_hash, password):
        return
    await connection.execute(
        """
        update users set password_hash = %s, must_change_password = false, password_expires_at = null where id = %s
        """,
        [await passwords.hash(password), user.id],
    )
    await accounts.access_changed(connection, user.id, access.clock())
    await session_store.end_all(connection, user.id, SessionEnd.PASSWORD_CHANGED, access.clock())
    event = SecurityEvent(SecurityEventKind.PASSWORD_RESET, SYSTEM.id, str(user.id), {"why": "demo"})
    await access.record(connection, event)

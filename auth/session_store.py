"""Sessions and their refresh tokens as rows: made, rotated, listed, ended."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from auth.access import Access, Connection
from auth.accounts import Account
from auth.digests import digest, random_secret
from core.ids import new_id
from models.access import SessionEnd

_DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as stored."""

    id: UUID
    user_id: UUID
    device: str
    created_at: datetime
    last_used_at: datetime
    authenticated_at: datetime
    methods: list[str]
    idle_expires_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


_COLUMNS = (
    "s.id, s.user_id, s.device, s.created_at, s.last_used_at, s.authenticated_at, s.methods, s.idle_expires_at, "
    "s.expires_at, s.revoked_at"
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token that was found: its row, whether it had been used before, and its session."""

    token_id: UUID
    was_used: bool
    session: SessionRow


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A new refresh token."""

    id: UUID
    text: str = field(repr=False)


async def start(
    access: Access, connection: Connection, account: Account, methods: frozenset[str], device: str
) -> SessionRow:
    """A new session of the user, from now."""
    now = access.clock()
    expires_at = now + access.policy.session_lifetime
    session = SessionRow(
        id=new_id(),
        user_id=account.id,
        device=_printable(device),
        created_at=now,
        last_used_at=now,
        authenticated_at=now,
        methods=sorted(methods),
        idle_expires_at=min(now + access.policy.idle_lifetime, expires_at),
        expires_at=expires_at,
        revoked_at=None,
    )
    await connection.execute(
        """
        insert into sessions (id, user_id, device, created_at, last_used_at, authenticated_at, methods,
                              idle_expires_at, expires_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            session.id,
            session.user_id,
            session.device,
            now,
            now,
            now,
            session.methods,
            session.idle_expires_at,
            session.expires_at,
        ],
    )
    return session


async def add_token(connection: Connection, session_id: UUID, now: datetime) -> RefreshToken:
    """A new refresh token of the session; its text is known only to the caller."""
    token = RefreshToken(new_id(), f"c360r_{random_secret()}")
    await connection.execute(
        "insert into refresh_tokens (id, session_id, token_hash, created_at) values (%s, %s, %s, %s)",
        [token.id, session_id, digest(token.text), now],
    )
    return token


async def take(connection: Connection, token: str) -> Refresh | None:
    """The session of a refresh token, locked until the commit: a second use waits for the first and sees it."""
    cursor = await connection.execute(
        """
        select t.id, t.session_id from refresh_tokens t join sessions s on s.id = t.session_id
        where t.token_hash = %s for update of s
        """,
        [digest(token)],
    )
    found = await cursor.fetchone()
    if found is None:
        return None
    token_id, session_id = found
    # A statement of its own sees what was committed while the one above waited.
    cursor = await connection.execute("select used_at is not null from refresh_tokens where id = %s", [token_id])
    (was_used,) = await cursor.fetchone() or (True,)
    session = await find(connection, session_id)
    assert session is not None
    return Refresh(token_id, was_used, session)


async def rotate(access: Access, connection: Connection, refresh: Refresh) -> tuple[RefreshToken, datetime]:
    """A new token in place of the one taken. Returns also until when it has to be used."""
    now = access.clock()
    idle_expires_at = min(now + access.policy.idle_lifetime, refresh.session.expires_at)
    token = await add_token(connection, refresh.session.id, now)
    await connection.execute(
        "update refresh_tokens set used_at = %s, replaced_by_id = %s where id = %s", [now, token.id, refresh.token_id]
    )
    await connection.execute(
        "update sessions set last_used_at = %s, idle_expires_at = %s where id = %s",
        [now, idle_expires_at, refresh.session.id],
    )
    return token, idle_expires_at


async def prove(
    access: Access, connection: Connection, session: SessionRow, methods: frozenset[str]
) -> tuple[datetime, frozenset[str]]:
    """Note in the session that the user has just proved who they are. Returns when, and all methods used so far."""
    now, all_methods = access.clock(), frozenset(session.methods) | methods
    await connection.execute(
        "update sessions set authenticated_at = %s, methods = %s where id = %s",
        [now, sorted(all_methods), session.id],
    )
    return now, all_methods


async def find(connection: Connection, session_id: UUID) -> SessionRow | None:
    """The session with this id."""
    async with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        await cursor.execute(f"select {_COLUMNS} from sessions s where s.id = %s", [session_id])
        return await cursor.fetchone()


async def active(connection: Connection, user_id: UUID, now: datetime) -> list[SessionRow]:
    """The user's sessions that can still be refreshed, the last used first."""
    async with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        await cursor.execute(
            f"""
            select {_COLUMNS} from sessions s
            where s.user_id = %(user)s and s.revoked_at is null and s.idle_expires_at > %(now)s
              and s.expires_at > %(now)s
            order by s.last_used_at desc, s.id desc
            """,
            {"user": user_id, "now": now},
        )
        return await cursor.fetchall()


async def end(connection: Connection, session_id: UUID, user_id: UUID, reason: SessionEnd, now: datetime) -> bool:
    """End a session of the user. Returns whether there was one to end."""
    cursor = await connection.execute(
        """
        update sessions set revoked_at = %s, revoked_reason = %s
        where id = %s and user_id = %s and revoked_at is null returning true
        """,
        [now, reason.value, session_id, user_id],
    )
    return await cursor.fetchone() is not None


async def end_all(
    connection: Connection, user_id: UUID, reason: SessionEnd, now: datetime, *, but: UUID | None = None
) -> int:
    """End all sessions of the user, but for one where given. Returns how many."""
    cursor = await connection.execute(
        """
        update sessions set revoked_at = %s, revoked_reason = %s
        where user_id = %s and revoked_at is null and id is distinct from %s
        """,
        [now, reason.value, user_id, but],
    )
    return cursor.rowcount


async def forget(connection: Connection, before: datetime) -> int:
    """Delete the sessions that ended before a moment, with their refresh tokens. Returns how many."""
    parameters = {"before": before}
    await connection.execute(
        """
        delete from refresh_tokens t using sessions s where s.id = t.session_id and s.expires_at < %(before)s
        """,
        parameters,
    )
    cursor = await connection.execute("delete from sessions where expires_at < %(before)s", parameters)
    return cursor.rowcount


def _printable(device: str) -> str:
    return "".join(character for character in device if character.isprintable())[:_DEVICE_LENGTH]

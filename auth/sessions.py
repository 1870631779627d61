"""Sessions: signing in, staying signed in by refresh tokens that are good once, signing out."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from auth import accounts, lockout, proof, second_factor, session_store
from auth.access import Access, Connection
from auth.accounts import LOGIN, Account
from auth.actor import Actor, RequiredAction
from auth.demo_logins import is_demo_login
from auth.errors import AuthenticationError, Refusal, SecondFactorRequired
from auth.revocations import Revocations
from auth.security_events import SecurityEvent, SecurityEventKind
from auth.session_store import SessionRow
from auth.tokens import AccessToken, Method, Subject, Tokens
from models.access import SessionEnd


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a client gets: an access token for its requests, and a refresh token that is good once."""

    access_token: AccessToken
    refresh_token: str = field(repr=False)
    refresh_before: datetime
    session_id: UUID
    user_id: UUID
    required_action: RequiredAction | None


class Sessions:
    """Signs users in and out. What changes a session is seen here at once, by other workers within two seconds."""

    def __init__(self, access: Access, tokens: Tokens, revocations: Revocations) -> None:
        self._access = access
        self._tokens = tokens
        self._revocations = revocations

    async def login(
        self, login: str, password: str, *, code: str | None = None, device: str = "", address: str | None = None
    ) -> SignedIn:
        """Begin a session. `code` is one of the authenticator app or a recovery code; `device` the User-Agent.

        Raises SignInFailed, the same for every cause, also for an administrator at an `address` from where they may not
        come; SecondFactorRequired when all that is missing is the code.
        """
        account = await self._account(login)
        if account is not None and not self._access.policy.may_come_from(address, account.role_set):
            account = None
        attempt = await proof.password(self._access, account, password)
        assert account is not None
        if account.has_second_factor and not code:
            await proof.undo(self._access, account, attempt)
            raise SecondFactorRequired
        new_hash = None
        # A demo user's password is as public as it was made (auth/demo_users.py): a dearer hash would only cost time.
        kept = account.password_hash or ""
        if kept and not is_demo_login(login) and self._access.passwords.is_outdated(kept):
            new_hash = await self._access.passwords.hash(password)
        async with self._access.transaction() as connection:
            signed_in = await self._begin(connection, account, code, device, new_hash)
        return signed_in or await proof.fail(self._access, account, attempt)

    async def _account(self, login: str) -> Account | None:
        if not LOGIN.fullmatch(login) or (self._access.policy.production and is_demo_login(login)):
            return None
        async with self._access.pool.connection() as connection:
            return await accounts.find(connection, "login", login)

    async def _begin(
        self, connection: Connection, seen: Account, code: str | None, device: str, new_hash: str | None
    ) -> SignedIn | None:
        """The session of a user whose password was right; None if the code is wrong or the account has changed."""
        account = await accounts.find(connection, "id", seen.id, lock=True)
        if account is None or not account.may_sign_in or account.password_hash != seen.password_hash:
            return None
        methods = {Method.PASSWORD.value}
        if account.has_second_factor:
            if not code or not await second_factor.accept(self._access, connection, account, code):
                return None
            methods.add(Method.ONE_TIME_CODE.value)
        await lockout.succeeded(connection, account.id)
        await connection.execute(
            "update users set last_login_at = %s, password_hash = coalesce(%s, password_hash) where id = %s",
            [self._access.clock(), new_hash, account.id],
        )
        session = await session_store.start(self._access, connection, account, frozenset(methods), device)
        token = await session_store.add_token(connection, session.id, self._access.clock())
        await self._record(connection, SecurityEventKind.SIGNED_IN, account.id, session.id, methods=sorted(methods))
        return self._signed_in(account, session, token.text, session.idle_expires_at)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """New tokens for a refresh token, which is then used up.

        Raises AuthenticationError: the token is unknown, or its session has ended. A token that comes a second time
        ends its session, for the thief as for the owner: nobody can tell which of them came first. There is no grace
        for a client that sends it twice at once; clients refresh one at a time.
        """
        async with self._access.transaction() as connection:
            refresh = await session_store.take(connection, refresh_token)
            if refresh is None:
                raise AuthenticationError(Refusal.INVALID)
            session, now = refresh.session, self._access.clock()
            if not refresh.was_used:
                return await self._refreshed(connection, refresh)
            if session.revoked_at is None and session.expires_at > now:
                await session_store.end(connection, session.id, session.user_id, SessionEnd.REFRESH_REUSED, now)
                await self._record(connection, SecurityEventKind.REFRESH_REUSED, session.user_id, session.id)
        await self._revocations.notice()
        raise AuthenticationError(Refusal.REVOKED)

    async def _refreshed(self, connection: Connection, refresh: session_store.Refresh) -> SignedIn:
        session, now = refresh.session, self._access.clock()
        if session.revoked_at is not None:
            raise AuthenticationError(Refusal.REVOKED)
        if now >= session.idle_expires_at or now >= session.expires_at:
            raise AuthenticationError(Refusal.EXPIRED, "the session has ended; sign in again")
        account = await accounts.find(connection, "id", session.user_id)
        if account is None or not account.may_sign_in:
            raise AuthenticationError(Refusal.REVOKED)
        token, refresh_before = await session_store.rotate(self._access, connection, refresh)
        return self._signed_in(account, session, token.text, refresh_before)

    async def logout(self, actor: Actor) -> None:
        """End the session of the actor."""
        if actor.session_id is not None:
            await self.end(actor, UUID(actor.session_id))

    async def end(self, actor: Actor, session_id: UUID) -> bool:
        """End one of the actor's own sessions. Returns whether there was one to end."""
        user_id = _user_id(actor)
        async with self._access.transaction() as connection:
            now = self._access.clock()
            ended = await session_store.end(connection, session_id, user_id, SessionEnd.SIGNED_OUT, now)
            if ended:
                await self._record(connection, SecurityEventKind.SIGNED_OUT, user_id, session_id)
        await self._revocations.notice()
        return ended

    async def logout_everywhere(self, actor: Actor) -> int:
        """End all sessions of the actor, this one too. Returns how many there were."""
        user_id = _user_id(actor)
        async with self._access.transaction() as connection:
            now = self._access.clock()
            count = await session_store.end_all(connection, user_id, SessionEnd.SIGNED_OUT_EVERYWHERE, now)
            event = SecurityEvent(SecurityEventKind.SIGNED_OUT_EVERYWHERE, actor.id, str(user_id), {"sessions": count})
            await self._access.record(connection, event)
        await self._revocations.notice()
        return count

    async def of(self, user_id: UUID) -> list[SessionRow]:
        """The sessions of a user that can still be refreshed, the last used first."""
        async with self._access.pool.connection() as connection:
            return await session_store.active(connection, user_id, self._access.clock())

    def access_token(
        self, account: Account, session: SessionRow, *, methods: frozenset[str], proved_at: datetime
    ) -> AccessToken:
        """An access token for the session, as the account is now."""
        subject = Subject(
            user_id=str(account.id),
            session_id=str(session.id),
            roles=account.role_set,
            partner_id=str(account.partner_id) if account.partner_id else None,
            methods=methods,
            authenticated_at=proved_at,
            version=account.access_version,
            required_action=proof.required_action(self._access.policy, account),
        )
        return self._tokens.issue(subject, not_after=session.expires_at)

    def _signed_in(self, account: Account, session: SessionRow, token: str, refresh_before: datetime) -> SignedIn:
        access_token = self.access_token(
            account, session, methods=frozenset(session.methods), proved_at=session.authenticated_at
        )
        action = proof.required_action(self._access.policy, account)
        return SignedIn(access_token, token, refresh_before, session.id, account.id, action)

    async def _record(
        self, connection: Connection, kind: SecurityEventKind, user_id: UUID, session_id: UUID, **details: object
    ) -> None:
        event = SecurityEvent(kind, str(user_id), str(user_id), {"session": str(session_id), **details})
        await self._access.record(connection, event)


def _user_id(actor: Actor) -> UUID:
    if actor.id is None or actor.session_id is None:
        raise AuthenticationError(Refusal.INVALID, "there is no session of this service")
    return UUID(actor.id)

"""What users do with their own account: prove who they are once more, change the password, set up a second factor."""

from typing import NoReturn
from uuid import UUID

from auth import accounts, lockout, passwords, proof, second_factor, session_store
from auth.access import Access, Connection
from auth.accounts import Account
from auth.actor import Actor
from auth.errors import AuthenticationError, Refusal, SecondFactorRequired, StepUpRequired
from auth.revocations import Revocations
from auth.second_factor import Enrolment
from auth.security_events import SecurityEvent, SecurityEventKind
from auth.session_store import SessionRow
from auth.sessions import Sessions
from auth.tokens import AccessToken, Method
from core.errors import BadInput
from models.access import SessionEnd

_PASSWORD = frozenset({Method.PASSWORD.value})
_CODE = frozenset({Method.ONE_TIME_CODE.value})


class OwnAccount:
    """Acts on the account of an actor who is signed in here; others are refused with an AuthenticationError."""

    def __init__(self, access: Access, sessions: Sessions, revocations: Revocations) -> None:
        self._access = access
        self._sessions = sessions
        self._revocations = revocations

    async def step_up(self, actor: Actor, *, password: str | None = None, code: str | None = None) -> AccessToken:
        """An access token with a fresh `auth_time`, for a code, or for the password where no second factor is set up.

        Raises SignInFailed; SecondFactorRequired when a code is needed and none came.
        """
        seen, _ = await self._here(actor)
        if not seen.has_second_factor:
            attempt, methods = await proof.password(self._access, seen, password or ""), _PASSWORD
        elif code:
            attempt, methods = await proof.begin_code(self._access, seen), _CODE
        else:
            raise SecondFactorRequired
        async with self._access.transaction() as connection:
            account, session = await self._locked(connection, actor)
            if account.has_second_factor:
                good = bool(code) and await second_factor.accept(self._access, connection, account, code or "")
            else:
                good = account.password_hash == seen.password_hash
            if good:
                await lockout.succeeded(connection, account.id)
                await self._record(connection, SecurityEventKind.STEPPED_UP, account)
                return await self._proved(connection, account, session, methods)
        return await proof.fail(self._access, seen, attempt)

    async def change_password(self, actor: Actor, current: str, new: str) -> AccessToken:
        """Change the password; all other sessions end. Returns a token in place of the one the actor holds.

        Raises SignInFailed when the current password is wrong, WeakPassword, BadInput when nothing would change.
        """
        seen, _ = await self._here(actor)
        attempt = await proof.password(self._access, seen, current)
        try:
            if new == current:
                raise BadInput("the new password is the old one")
            await passwords.check_strength(new, seen.login)
        except BadInput:
            await proof.undo(self._access, seen, attempt)
            raise
        new_hash = await self._access.passwords.hash(new)
        async with self._access.transaction() as connection:
            account, session = await self._locked(connection, actor)
            if account.password_hash != seen.password_hash:
                raise AuthenticationError(Refusal.REVOKED)
            now = self._access.clock()
            await connection.execute(
                """
                update users set password_hash = %s, must_change_password = false, password_expires_at = null
                where id = %s
                """,
                [new_hash, account.id],
            )
            await lockout.succeeded(connection, account.id)
            await session_store.end_all(connection, account.id, SessionEnd.PASSWORD_CHANGED, now, but=session.id)
            await accounts.access_changed(connection, account.id, now)
            await self._record(connection, SecurityEventKind.PASSWORD_CHANGED, account)
            account, session = await self._locked(connection, actor)
            token = await self._proved(connection, account, session, _PASSWORD)
        await self._revocations.notice()
        return token

    async def enrol_second_factor(self, actor: Actor) -> Enrolment:
        """Begin to set up an authenticator app. Raises StepUpRequired, BadInput when there is one already."""
        proof.require_recent(actor, self._access.policy.step_up_window, self._access.clock())
        async with self._access.transaction() as connection:
            account, _ = await self._locked(connection, actor)
            return await second_factor.begin(self._access, connection, account)

    async def confirm_second_factor(self, actor: Actor, code: str) -> tuple[AccessToken, list[str]]:
        """Finish setting up with a first code; all other sessions end. Returns a new token and the recovery codes.

        Raises StepUpRequired, BadInput when the code is wrong.
        """
        proof.require_recent(actor, self._access.policy.step_up_window, self._access.clock())
        async with self._access.transaction() as connection:
            account, session = await self._locked(connection, actor)
            codes = await second_factor.confirm(self._access, connection, account, code)
            await session_store.end_all(
                connection, account.id, SessionEnd.SECOND_FACTOR_CHANGED, self._access.clock(), but=session.id
            )
            account, session = await self._locked(connection, actor)
            token = await self._proved(connection, account, session, _CODE)
        await self._revocations.notice()
        return token, codes

    async def remove_second_factor(self, actor: Actor) -> None:
        """Take the second factor away; all other sessions end.

        Raises StepUpRequired, also when the session was not opened with the second factor.
        """
        self._require_second_factor(actor)
        async with self._access.transaction() as connection:
            account, session = await self._locked(connection, actor)
            await second_factor.remove(connection, account.id)
            await session_store.end_all(
                connection, account.id, SessionEnd.SECOND_FACTOR_CHANGED, self._access.clock(), but=session.id
            )
            await accounts.access_changed(connection, account.id, self._access.clock())
            await self._record(connection, SecurityEventKind.SECOND_FACTOR_REMOVED, account)
        await self._revocations.notice()

    async def renew_recovery_codes(self, actor: Actor) -> list[str]:
        """Ten new recovery codes; those before are void. Raises StepUpRequired."""
        self._require_second_factor(actor)
        async with self._access.transaction() as connection:
            account, _ = await self._locked(connection, actor)
            if not account.has_second_factor:
                raise BadInput("there is no second factor")
            await self._record(connection, SecurityEventKind.RECOVERY_CODES_RENEWED, account)
            return await second_factor.new_recovery_codes(connection, account.id, self._access.clock())

    def _require_second_factor(self, actor: Actor) -> None:
        proof.require_recent(actor, self._access.policy.step_up_window, self._access.clock())
        if not actor.second_factor:
            raise StepUpRequired

    async def _here(self, actor: Actor) -> tuple[Account, SessionRow]:
        async with self._access.pool.connection() as connection:
            return await self._found(connection, actor, lock=False)

    async def _locked(self, connection: Connection, actor: Actor) -> tuple[Account, SessionRow]:
        return await self._found(connection, actor, lock=True)

    async def _found(self, connection: Connection, actor: Actor, *, lock: bool) -> tuple[Account, SessionRow]:
        if actor.id is None or actor.session_id is None:
            _refuse()
        account = await accounts.find(connection, "id", UUID(actor.id), lock=lock)
        session = await session_store.find(connection, UUID(actor.session_id))
        if account is None or session is None or session.user_id != account.id:
            _refuse()
        if session.revoked_at is not None or session.expires_at <= self._access.clock() or not account.may_sign_in:
            raise AuthenticationError(Refusal.REVOKED)
        return account, session

    async def _proved(
        self, connection: Connection, account: Account, session: SessionRow, methods: frozenset[str]
    ) -> AccessToken:
        proved_at, all_methods = await session_store.prove(self._access, connection, session, methods)
        return self._sessions.access_token(account, session, methods=all_methods, proved_at=proved_at)

    async def _record(self, connection: Connection, kind: SecurityEventKind, account: Account) -> None:
        await self._access.record(connection, SecurityEvent(kind, str(account.id), str(account.id)))


def _refuse() -> NoReturn:
    message = "sign in to this service for that; who signs in elsewhere manages passwords and second factors there"
    raise AuthenticationError(Refusal.INVALID, message)

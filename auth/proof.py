"""Proofs of identity: a password or a code, counted by the lock-out, recorded when they fail."""

from datetime import datetime, timedelta
from typing import NoReturn

from auth import lockout
from auth.access import Access
from auth.accounts import Account
from auth.actor import Actor, RequiredAction
from auth.errors import SignInFailed, StepUpRequired
from auth.lockout import Attempt
from auth.policy import Policy
from auth.security_events import SecurityEvent, SecurityEventKind


async def password(access: Access, account: Account | None, typed: str) -> Attempt:
    """Check a password; the attempt returned is still counted as failed.

    Raises SignInFailed, after the same work whether there is no such account, it may not sign in, it is locked, the
    one-time password is too old, or the password is wrong.
    """
    attempt = None
    if account is not None and account.may_sign_in and not account.password_is_over(access.clock()):
        attempt = await _begin(access, account)
    right = await access.passwords.verify(account.password_hash if account and attempt else None, typed)
    if account is None or attempt is None or not right:
        await fail(access, account, attempt)
    return attempt


async def begin_code(access: Access, account: Account) -> Attempt:
    """Count an attempt with a code alone, before the code is looked at. Raises SignInFailed while that is locked."""
    attempt = await _begin(access, account) if account.may_sign_in else None
    return attempt or await fail(access, account, None)


async def undo(access: Access, account: Account, attempt: Attempt) -> None:
    """Take back the count of an attempt that was incomplete."""
    async with access.pool.connection() as connection:
        await lockout.undo(connection, account.id, attempt)


async def fail(access: Access, account: Account | None, attempt: Attempt | None) -> NoReturn:
    """Record a failed proof, and the lock-out if it brings one. Raises SignInFailed, always."""
    subject = str(account.id) if account else None
    if account is None:
        why = "unknown login"
    elif not account.may_sign_in:
        why = "disabled"
    elif account.password_is_over(access.clock()):
        why = "one-time password too old"
    else:
        why = "locked" if attempt is None else "wrong password or code"
    async with access.transaction() as connection:
        event = SecurityEvent(SecurityEventKind.SIGN_IN_FAILED, None, subject, {"why": why})
        await access.record(connection, event)
        if attempt is not None and attempt.locked_until is not None:
            details = {"attempts": attempt.number, "until": attempt.locked_until.isoformat()}
            await access.record(connection, SecurityEvent(SecurityEventKind.LOCKED_OUT, None, subject, details))
    raise SignInFailed


def required_action(policy: Policy, account: Account) -> RequiredAction | None:
    """What the user has to do before anything else."""
    if account.must_change_password:
        return RequiredAction.CHANGE_PASSWORD
    if account.role_set & policy.second_factor_roles and not account.has_second_factor:
        return RequiredAction.ENROL_SECOND_FACTOR
    return None


def require_recent(actor: Actor, window: timedelta, now: datetime) -> None:
    """Let only those through who proved who they are within the window: for sensitive actions.

    Raises StepUpRequired.
    """
    if actor.authenticated_at is None or now - actor.authenticated_at > window:
        raise StepUpRequired


async def _begin(access: Access, account: Account) -> Attempt | None:
    async with access.pool.connection() as connection:
        return await lockout.begin(connection, account.id, access.clock())

"""Users of an external issuer: what its claims say becomes an actor, and a user here from the first sight on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from auth import accounts
from auth.access import Access, Connection
from auth.accounts import Account
from auth.actor import Actor, user
from auth.errors import AuthenticationError, Refusal
from auth.oidc import OidcRules
from auth.security_events import SecurityEvent, SecurityEventKind
from core.ids import new_id
from models.roles import Role

# Values of `amr` (RFC 8176) that tell of more than a password.
_SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "fido", "sms"})
_LAST_SIGN_IN_STEP = timedelta(minutes=1)


async def actor(access: Access, rules: OidcRules, claims: Mapping[str, Any]) -> tuple[Actor, int]:
    """The actor the claims describe, and the user's access version.

    The issuer decides roles and partner; here a user can only be disabled. Raises AuthenticationError when no role is
    meant by the claims, partner and role do not go together, the second factor is missing that the roles require, or
    the user is disabled here.
    """
    roles = _roles(rules, claims)
    if not roles:
        raise AuthenticationError(Refusal.INVALID, "this identity has no role here")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= 255:
        raise AuthenticationError(Refusal.INVALID)
    second_factor = not _SECOND_FACTORS.isdisjoint(_texts(claims.get("amr")))
    if roles & access.policy.second_factor_roles and not second_factor:
        message = "this role needs a second factor at the identity provider (claim amr)"
        raise AuthenticationError(Refusal.INVALID, message)
    async with access.transaction() as connection:
        partner_id = await _partner(connection, rules, claims) if Role.PARTNER in roles else None
        if Role.PARTNER in roles and (partner_id is None or len(roles) > 1):
            message = "the partner role stands alone and needs the number of a partner"
            raise AuthenticationError(Refusal.INVALID, message)
        account = await _known(access, connection, rules.issuer, subject, claims, roles, partner_id)
    if not account.may_sign_in:
        raise AuthenticationError(Refusal.REVOKED)
    made = user(
        str(account.id),
        roles,
        partner_id=str(partner_id) if partner_id else None,
        authenticated_at=_moment(claims.get("auth_time")),
        second_factor=second_factor,
    )
    return made, account.access_version


async def _known(
    access: Access,
    connection: Connection,
    issuer: str,
    subject: str,
    claims: Mapping[str, Any],
    roles: frozenset[Role],
    partner_id: UUID | None,
) -> Account:
    """The user of this identity, made on first sight, with the roles and partner the token tells."""
    now, names = access.clock(), sorted(role.value for role in roles)
    account = await accounts.find_external(connection, issuer, subject)
    if account is None:
        user_id = new_id()
        cursor = await connection.execute(
            """
            insert into users (id, created_at, updated_at, login, status, roles, partner_id, external_issuer,
                               external_subject, must_change_password, failed_attempts, access_version,
                               access_changed_at)
            values (%s, %s, %s, %s, 'ACTIVE', %s, %s, %s, %s, false, 0, 1, %s)
            on conflict (external_issuer, external_subject) do nothing returning id
            """,
            [user_id, now, now, _login(claims, user_id), names, partner_id, issuer, subject, now],
        )
        if await cursor.fetchone() is not None:
            details = {"issuer": issuer, "roles": names}
            await access.record(connection, SecurityEvent(SecurityEventKind.USER_ADDED, None, str(user_id), details))
        account = await accounts.find_external(connection, issuer, subject)
        assert account is not None
    if account.role_set != roles or account.partner_id != partner_id:
        await connection.execute(
            "update users set roles = %s, partner_id = %s, version = version + 1, updated_at = %s where id = %s",
            [names, partner_id, now, account.id],
        )
        change = {"before": sorted(account.roles), "after": names, "issuer": issuer}
        await access.record(connection, SecurityEvent(SecurityEventKind.ROLES_CHANGED, None, str(account.id), change))
        account = await accounts.find_external(connection, issuer, subject)
        assert account is not None
    if account.last_login_at is None or now - account.last_login_at >= _LAST_SIGN_IN_STEP:
        await connection.execute("update users set last_login_at = %s where id = %s", [now, account.id])
    return account


def _login(claims: Mapping[str, Any], user_id: UUID) -> str:
    """A name to show. It has a colon, which no login to sign in with can have, and is made unique by the id."""
    name = claims.get("preferred_username") or claims.get("email") or claims["sub"]
    shown = "".join(character for character in str(name) if character.isprintable())[:64]
    return f"oidc:{shown}#{user_id.hex[-6:]}"


def _roles(rules: OidcRules, claims: Mapping[str, Any]) -> frozenset[Role]:
    found: Any = claims.get(rules.role_claim)
    if found is None:
        found = claims
        for name in rules.role_claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    return frozenset(rules.role_map[name] for name in _texts(found) if name in rules.role_map)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


async def _partner(connection: Connection, rules: OidcRules, claims: Mapping[str, Any]) -> UUID | None:
    number = claims.get(rules.partner_claim)
    if not isinstance(number, str) or not number.isprintable():
        return None
    row = await (await connection.execute("select id from partners where number = %s", [number])).fetchone()
    return row[0] if row else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None

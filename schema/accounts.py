"""Users, their sessions and second factors, and API keys, as the graph shows them."""

from datetime import datetime

import strawberry

from auth.accounts import Account
from auth.api_keys import ApiKeyRow
from auth.session_store import SessionRow
from core.ids import public_id
from execution.permissions import INHERITED
from models.access import UserStatus
from models.roles import Role
from schema.mutations import payload


@strawberry.type(description="A sign-in on one device.")
class Session:
    """A session that has not ended."""

    __permission__ = INHERITED

    id: strawberry.ID = strawberry.field(description="The id, for `endSession`.")
    device: str = strawberry.field(description="What the browser or program calls itself.")
    created_at: datetime = strawberry.field(description="When it began.")
    last_used_at: datetime = strawberry.field(description="When it was last refreshed.")
    expires_at: datetime = strawberry.field(description="When it ends at the latest.")
    current: bool = strawberry.field(description="Whether it is the session of this request.")


def session(row: SessionRow, current_id: str | None) -> Session:
    """The session of a row; `current_id` is the id of the request's own."""
    return Session(
        id=strawberry.ID(public_id("ses", str(row.id))),
        device=row.device,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        current=str(row.id) == current_id,
    )


@strawberry.type(description="Somebody who signs in to the service.")
class User:
    """A user as administrators see them."""

    __permission__ = "access:read"

    id: strawberry.ID = strawberry.field(description="The id.")
    login: str = strawberry.field(description="The name the user signs in with.")
    status: UserStatus = strawberry.field(description="Whether the user may sign in.")
    roles: list[Role] = strawberry.field(description="What the user is; decides what they may see and do.")
    partner_number: str | None = strawberry.field(description="The partner of a partner's user.")
    has_second_factor: bool = strawberry.field(description="Whether an authenticator app is set up.")
    must_change_password: bool = strawberry.field(description="Whether the password must be changed first of all.")
    locked_until: datetime | None = strawberry.field(description="No attempt is looked at before this moment.")
    last_login_at: datetime | None = strawberry.field(description="When the user last signed in.")
    external_issuer: str | None = strawberry.field(description="Where the user signs in, if not here.")
    created_at: datetime = strawberry.field(description="When the user was added.")


def user(account: Account) -> User:
    """The user of an account."""
    return User(
        id=strawberry.ID(public_id("usr", str(account.id))),
        login=account.login,
        status=UserStatus[account.status],
        roles=sorted(account.role_set, key=lambda role: role.value),
        partner_number=account.partner_number,
        has_second_factor=account.has_second_factor,
        must_change_password=account.must_change_password,
        locked_until=account.locked_until,
        last_login_at=account.last_login_at,
        external_issuer=account.external_issuer,
        created_at=account.created_at,
    )


@strawberry.type(description="A credential of a partner's program.")
class ApiKey:
    """An API key, without what it could be used by."""

    __permission__ = "access:read"

    id: strawberry.ID = strawberry.field(description="The id.")
    name: str = strawberry.field(description="What the key is for, in the words of whoever made it.")
    prefix: str = strawberry.field(description="The readable part of the key.")
    partner_number: str = strawberry.field(description="The partner whose program it is.")
    scopes: list[str] = strawberry.field(description="The permissions it has.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it stops working.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute.")


def api_key(row: ApiKeyRow) -> ApiKey:
    """The API key of a row."""
    return ApiKey(
        id=strawberry.ID(public_id("key", str(row.id))),
        name=row.name,
        prefix=row.prefix,
        partner_number=row.partner_number,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


@payload("What came of proving who one is: a token in place of the one in use.")
class AccessTokenPayload:
    """Of `stepUp` and `changePassword`."""

    access_token: str | None = strawberry.field(default=None, description="Send it as `Authorization: Bearer …`.")
    expires_at: datetime | None = strawberry.field(default=None, description="When the access token expires.")


@payload("What an authenticator app needs, shown this once.")
class EnrolSecondFactorPayload:
    """Of `enrolSecondFactor`."""

    secret: str | None = strawberry.field(default=None, description="The secret, to be typed into the app.")
    uri: str | None = strawberry.field(default=None, description="The same as an `otpauth:` URI.")
    qr_code: str | None = strawberry.field(default=None, description="The same as a picture, an SVG data URI.")


@payload("What came of setting up a second factor.")
class ConfirmSecondFactorPayload:
    """Of `confirmSecondFactor`."""

    access_token: str | None = strawberry.field(default=None, description="A token in place of the one in use.")
    expires_at: datetime | None = strawberry.field(default=None, description="When the access token expires.")
    recovery_codes: list[str] | None = strawberry.field(
        default=None, description="Codes that stand in for the app, each once; shown this once."
    )


@payload("What came of taking the second factor away.")
class RemoveSecondFactorPayload:
    """Of `removeSecondFactor`."""

    removed: bool = strawberry.field(default=False, description="Whether there is no second factor any more.")


@payload("New recovery codes.")
class RecoveryCodesPayload:
    """Of `renewRecoveryCodes`."""

    recovery_codes: list[str] | None = strawberry.field(
        default=None, description="Codes that stand in for the app, each once; shown this once."
    )


@payload("What came of changing a user.")
class UserPayload:
    """Of the mutations on users."""

    user: User | None = strawberry.field(default=None, description="The user as it is now.")
    one_time_password: str | None = strawberry.field(
        default=None, description="The password to hand over, shown this once."
    )


@payload("What came of changing an API key.")
class ApiKeyPayload:
    """Of the mutations on API keys."""

    api_key: ApiKey | None = strawberry.field(default=None, description="The key as it is now.")
    secret: str | None = strawberry.field(default=None, description="The key to hand over, shown this once.")

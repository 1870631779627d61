"""Access: users, their sessions and second factors, the API keys of partners, and the keys that sign tokens.

Nothing here is part of the graph. Tokens, codes and keys are stored as digests only; what could be used to sign in
cannot be read from these tables.
"""

from enum import auto

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from models.base import (
    UUID,
    Choice,
    Identified,
    Versioned,
    choice,
    datetime,
    flag,
    index,
    integer,
    moment,
    ref,
    text,
    texts,
    utc_now,
)
from models.roles import Role


class UserStatus(Choice):
    """Whether a user may sign in."""

    ACTIVE = auto(), "May sign in."
    DISABLED = auto(), "May not sign in, and tokens given before are refused."


class SessionEnd(Choice):
    """Why a session was ended before its time."""

    SIGNED_OUT = auto(), "The user signed out."
    SIGNED_OUT_EVERYWHERE = auto(), "The user signed out of all sessions."
    REFRESH_REUSED = auto(), "A refresh token came a second time: somebody has a copy."
    PASSWORD_CHANGED = auto(), "The password was changed or reset."
    SECOND_FACTOR_CHANGED = auto(), "The second factor was set up or taken away."
    USER_DISABLED = auto(), "The user was disabled."


_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class User(Versioned, table=True):
    """A person who signs in: with a password here, or at an external identity provider."""

    __tablename__ = "users"
    __table_args__ = (
        Index("users_login_key", sql("lower(login)"), unique=True),
        UniqueConstraint("external_issuer", "external_subject"),
        CheckConstraint(f"roles <@ array[{_ROLES}]", name="roles"),
        CheckConstraint("('PARTNER' = any(roles)) = (partner_id is not null)", name="partner"),
        CheckConstraint("not 'PARTNER' = any(roles) or cardinality(roles) = 1", name="partner_alone"),
        CheckConstraint("(external_issuer is null) = (external_subject is null)", name="external"),
        CheckConstraint("(password_hash is null) = (external_issuer is not null)", name="password"),
        CheckConstraint("totp_confirmed_at is null or totp_secret is not null", name="totp"),
        index("access_changed_at"),
        index("status", "id"),
    )

    login: str = text("The name the user signs in with; unique whatever its case.")
    status: UserStatus = choice(UserStatus, "Whether the user may sign in.")
    roles: list[str] = texts("What the user is; decides what they may see and do.")
    partner_id: UUID | None = ref("partners.id", "The partner of a partner's user.", nullable=True, index=True)
    agent_id: UUID | None = ref("agents.id", "The agent the user is, if any.", nullable=True, index=True)
    password_hash: str | None = text("Argon2id hash; none for external identities.", nullable=True)
    password_expires_at: datetime | None = moment("When a one-time password stops working.", nullable=True)
    must_change_password: bool = flag("Whether the password must be changed before anything else.", default=False)
    failed_attempts: int = integer("Failed proofs of identity since the last good one.", default=0)
    locked_until: datetime | None = moment("No attempt is looked at before this moment.", nullable=True)
    last_login_at: datetime | None = moment("When the user last signed in.", nullable=True)
    totp_secret: str | None = text("Sealed secret of the authenticator app.", nullable=True)
    totp_confirmed_at: datetime | None = moment(
        "Since when the authenticator app is asked for; none while it is being set up.", nullable=True
    )
    totp_last_step: int | None = integer(
        "Time step of the last code that was accepted; older ones are refused.", nullable=True, big=True
    )
    external_issuer: str | None = text("Issuer of an external identity.", nullable=True)
    external_subject: str | None = text("The user's id at that issuer.", nullable=True)
    access_version: int = integer(
        "Grows when roles, status or password change; tokens with a lower number are refused.", default=1
    )
    access_changed_at: datetime = moment("When the access version last grew.", default_factory=utc_now)


class Session(Identified, table=True):
    """A sign-in on one device, and the family of refresh tokens that prolong it."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("(revoked_at is null) = (revoked_reason is null)", name="revoked"),
        index("user_id", "created_at", "id"),
        index("revoked_at", where="revoked_at is not null"),
        index("expires_at"),
    )

    user_id: UUID = ref("users.id", "Who signed in.")
    device: str = text("What the browser or program calls itself (User-Agent), cut to 200 characters.")
    created_at: datetime = moment("When it began.")
    last_used_at: datetime = moment("When it was last refreshed.")
    authenticated_at: datetime = moment("When the user last proved who they are.")
    methods: list[str] = texts("How they proved it, as in the claim `amr` of RFC 8176: pwd, otp.")
    idle_expires_at: datetime = moment("When it ends unless it is refreshed before.")
    expires_at: datetime = moment("When it ends at the latest.")
    revoked_at: datetime | None = moment("When it was ended before its time.", nullable=True)
    revoked_reason: SessionEnd | None = choice(SessionEnd, "Why it was ended before its time.", nullable=True)


class RefreshToken(Identified, table=True):
    """One refresh token of a session, good for one use; used ones are kept so that a second use is noticed."""

    __tablename__ = "refresh_tokens"

    session_id: UUID = ref("sessions.id", "The session it prolongs.", index=True)
    token_hash: str = text("SHA-256 of the token, in hexadecimal.", unique=True)
    created_at: datetime = moment("When it was given.")
    used_at: datetime | None = moment("When it was used.", nullable=True)
    replaced_by_id: UUID | None = ref("refresh_tokens.id", "The token given in its place.", nullable=True, index=True)


class RecoveryCode(Identified, table=True):
    """A code that stands in once for the authenticator app."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: UUID = ref("users.id", "Whose code it is.")
    code_hash: str = text("SHA-256 of the code, in hexadecimal.")
    created_at: datetime = moment("When it was given.")
    used_at: datetime | None = moment("When it was used.", nullable=True)


class ApiKey(Versioned, table=True):
    """A credential of a partner's program: narrower than the partner role, and with an end."""

    __tablename__ = "api_keys"
    __table_args__ = (index("revoked_at", where="revoked_at is not null"), index("partner_id", "created_at", "id"))

    name: str = text("What the key is for, in the words of whoever made it.")
    prefix: str = text("The readable part of the key, by which it is found.", unique=True)
    key_hash: str = text("SHA-256 of the whole key, in hexadecimal.")
    partner_id: UUID = ref("partners.id", "The partner whose program it is.")
    scopes: list[str] = texts("The permissions it has, all of them permissions of the partner role.")
    created_by_id: UUID | None = ref("users.id", "Who made it; none on the command line.", nullable=True, index=True)
    expires_at: datetime = moment("When it stops working.")
    revoked_at: datetime | None = moment("When it was revoked.", nullable=True)
    last_used_at: datetime | None = moment("When it was last used, to the minute.", nullable=True)
    rotated_from_id: UUID | None = ref("api_keys.id", "The key it takes over from.", nullable=True, index=True)


class StoredSigningKey(SQLModel, table=True):
    """A key that signs access tokens, made by the service itself; never used in production."""

    __tablename__ = "signing_keys"

    kid: str = text("Key id: SHA-256 of the public key.", primary_key=True)
    private_key: str = text("The private key, PEM (PKCS 8).")
    created_at: datetime = moment("When it was made.")
    activates_at: datetime = moment("From when it signs; known to all workers before.")
    retires_at: datetime | None = moment("From when tokens signed with it are refused.", nullable=True)

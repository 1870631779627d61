"""Access tokens: short-lived JWTs (RFC 9068) that say who somebody is, signed by the service itself."""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import jwt

from auth.access import Clock
from auth.actor import Actor, RequiredAction, user
from auth.errors import AuthenticationError, Refusal
from auth.key_source import KeySource
from auth.policy import Policy
from core.ids import new_id
from models.roles import Role

# Longer ones are refused unread. Issuers that put all of a user's groups into a token need a few thousand.
LONGEST_TOKEN = 16_384
_TYPE = "at+jwt"
_REQUIRED = ["iss", "aud", "sub", "sid", "roles", "iat", "nbf", "exp", "jti", "amr", "auth_time", "ver"]
# For clocks that differ between the machines of the service.
_LEEWAY_SECONDS = 5


class Method(StrEnum):
    """How somebody proved who they are: values of the claim `amr` (RFC 8176)."""

    PASSWORD = "pwd"  # noqa: S105
    ONE_TIME_CODE = "otp"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a token says: of whom, for which session, proved how and when; `version` is users.access_version."""

    user_id: str
    session_id: str
    roles: frozenset[Role]
    partner_id: str | None
    methods: frozenset[str]
    authenticated_at: datetime
    version: int
    required_action: RequiredAction | None = None

    def actor(self) -> Actor:
        """The actor of a request that bears the token. Raises ValueError when roles and partner do not go together."""
        return user(
            self.user_id,
            self.roles,
            partner_id=self.partner_id,
            session_id=self.session_id,
            authenticated_at=self.authenticated_at,
            second_factor=Method.ONE_TIME_CODE in self.methods,
            required_action=self.required_action,
        )


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and when it expires."""

    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a good token says, and until when (Unix seconds)."""

    subject: Subject
    expires: float


class Tokens:
    """Makes and checks access tokens with the keys in use."""

    def __init__(self, keys: KeySource, policy: Policy, clock: Clock) -> None:
        self._keys = keys
        self._policy = policy
        self._clock = clock

    def issue(self, subject: Subject, *, not_after: datetime) -> AccessToken:
        """A token that lives as long as the settings say, though not beyond `not_after`."""
        now = self._clock()
        expires_at = min(now + self._policy.access_lifetime, not_after).replace(microsecond=0)
        claims: dict[str, Any] = {
            "iss": self._policy.issuer,
            "aud": self._policy.audience,
            "sub": subject.user_id,
            "sid": subject.session_id,
            "roles": sorted(role.value for role in subject.roles),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": str(new_id()),
            "amr": sorted(subject.methods),
            "auth_time": int(subject.authenticated_at.timestamp()),
            "ver": subject.version,
        }
        if subject.partner_id is not None:
            claims["partner"] = subject.partner_id
        if subject.required_action is not None:
            claims["required_action"] = subject.required_action.value
        key = self._keys.ring.signing
        headers = {"kid": key.verification.kid, "typ": _TYPE}
        return AccessToken(jwt.encode(claims, key.private, key.verification.algorithm, headers), expires_at)

    async def verify(self, token: str) -> Verified:
        """What the token says.

        Raises AuthenticationError unless it is signed by a key of ours with that key's algorithm, for us, by us, now.
        """
        top = header(token)
        kid = top.get("kid")
        if top.get("typ") != _TYPE or not isinstance(kid, str) or not await self._keys.knows(kid):
            raise AuthenticationError(Refusal.INVALID)
        key = self._keys.ring.accepted[kid]
        claims = decoded(
            token,
            key.public,
            (key.algorithm,),
            issuer=self._policy.issuer,
            audience=self._policy.audience,
            required=_REQUIRED,
            leeway=_LEEWAY_SECONDS,
        )
        try:
            return Verified(_subject(claims), float(claims["exp"]))
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise AuthenticationError(Refusal.INVALID) from None


def _subject(claims: Mapping[str, Any]) -> Subject:
    roles, methods, action = claims["roles"], claims["amr"], claims.get("required_action")
    if not isinstance(roles, list) or not isinstance(methods, list):
        raise TypeError("a list is missing")
    return Subject(
        user_id=str(claims["sub"]),
        session_id=str(claims["sid"]),
        roles=frozenset(Role[name] for name in roles),
        partner_id=claims.get("partner"),
        methods=frozenset(methods),
        authenticated_at=datetime.fromtimestamp(int(claims["auth_time"]), UTC),
        version=int(claims["ver"]),
        required_action=None if action is None else RequiredAction(action),
    )


def header(token: str) -> dict[str, Any]:
    """The header of a token, not verified. Raises AuthenticationError for what is no JWT."""
    return _guarded(lambda: jwt.get_unverified_header(token), token)


def unverified_issuer(token: str) -> object:
    """Who a token claims to be from: only to choose who checks it. Raises AuthenticationError for what is no JWT."""
    claims = _guarded(lambda: jwt.decode(token, options={"verify_signature": False}), token)
    return claims.get("iss")


def decoded(
    token: str,
    key: Any,
    algorithms: tuple[str, ...],
    *,
    issuer: str,
    audience: str,
    required: list[str],
    leeway: float,
) -> dict[str, Any]:
    """The claims of a token whose signature, issuer, audience and times hold. The key decides the algorithms.

    Raises AuthenticationError: EXPIRED when only time has passed, else INVALID or MALFORMED.
    """
    return _guarded(
        lambda: jwt.decode(
            token,
            key,
            algorithms=list(algorithms),
            issuer=issuer,
            audience=audience,
            leeway=leeway,
            options={"require": required, "enforce_minimum_key_length": True},
        ),
        token,
    )


def _guarded(read: Any, token: str) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN:
        raise AuthenticationError(Refusal.MALFORMED)
    try:
        result: dict[str, Any] = read()
    except jwt.ExpiredSignatureError:
        raise AuthenticationError(Refusal.EXPIRED, "the access token has expired; refresh it") from None
    except jwt.DecodeError as error:
        # A wrong signature is a DecodeError too.
        invalid = isinstance(error, jwt.InvalidSignatureError)
        raise AuthenticationError(Refusal.INVALID if invalid else Refusal.MALFORMED) from None
    except jwt.PyJWTError:
        raise AuthenticationError(Refusal.INVALID) from None
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        # What strangers put into the parts of a token reaches the JSON parser before the signature is checked.
        raise AuthenticationError(Refusal.MALFORMED) from None
    return result

"""An external OpenID Connect issuer: its keys, found by discovery, and the checking of its tokens."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from auth.demo_users import is_loopback
from auth.errors import AuthenticationError, Refusal, Unavailable
from auth.policy import role_named
from auth.tokens import decoded, header
from core.errors import StartError
from core.settings import Settings
from models.roles import Role

log = logging.getLogger(__name__)

# The keys are fetched anew after ten minutes. Should the issuer not answer then, the old ones serve for an hour more.
KEYS_FRESH_SECONDS = 600.0
KEYS_USABLE_SECONDS = 4_200.0
# A token that names an unknown key has them fetched anew, though not more often than this: anybody can invent names.
PAUSE_SECONDS = 30.0

_LEEWAY_SECONDS = 30
_TIMEOUT_SECONDS = 5.0
_LARGEST_ANSWER = 1_000_000
_REQUIRED = ["iss", "aud", "sub", "iat", "exp"]
_ALGORITHMS: dict[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
}


@dataclass(frozen=True, slots=True)
class OidcRules:
    """Which issuer is trusted, and what its claims mean here."""

    issuer: str
    audience: str
    role_claim: str
    role_map: Mapping[str, Role]
    partner_claim: str

    @classmethod
    def of(cls, settings: Settings) -> "OidcRules | None":
        """The rules by the settings; None without an issuer. Raises StartError when something is missing or unsafe."""
        if settings.oidc_issuer is None:
            return None
        if settings.oidc_audience is None:
            raise StartError("C360_OIDC_ISSUER needs C360_OIDC_AUDIENCE, or tokens for other services were accepted")
        if not settings.oidc_role_map:
            raise StartError("C360_OIDC_ISSUER needs C360_OIDC_ROLE_MAP, or nobody had a role")
        if not _is_safe(settings.oidc_issuer):
            raise StartError("C360_OIDC_ISSUER must be an https:// URL, or its keys could be exchanged on the way")
        if settings.oidc_issuer == settings.token_issuer:
            raise StartError("C360_OIDC_ISSUER must differ from C360_TOKEN_ISSUER")
        role_map = {name: role_named(role, "C360_OIDC_ROLE_MAP") for name, role in settings.oidc_role_map.items()}
        return cls(
            settings.oidc_issuer,
            settings.oidc_audience,
            settings.oidc_role_claim,
            role_map,
            settings.oidc_partner_claim,
        )


@dataclass(frozen=True, slots=True)
class _Key:
    public: Any
    algorithms: tuple[str, ...]


class OidcIssuer:
    """Checks tokens of one issuer. Close it at the end."""

    def __init__(self, rules: OidcRules, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.rules = rules
        self._pause = pause_seconds
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False)
        self._keys: dict[str, _Key] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def verify(self, token: str) -> dict[str, Any]:
        """The claims of a good token.

        Raises AuthenticationError when signature, issuer, audience, times or algorithm are wrong; Unavailable
        when the issuer's keys cannot be had.
        """
        kid = header(token).get("kid")
        if not isinstance(kid, str):
            raise AuthenticationError(Refusal.INVALID)
        key = await self._key(kid)
        if key is None:
            raise AuthenticationError(Refusal.INVALID)
        return decoded(
            token,
            key.public,
            key.algorithms,
            issuer=self.rules.issuer,
            audience=self.rules.audience,
            required=_REQUIRED,
            leeway=_LEEWAY_SECONDS,
        )

    async def _key(self, kid: str) -> _Key | None:
        age = time.monotonic() - self._fetched_at
        if kid in self._keys and age < KEYS_FRESH_SECONDS:
            return self._keys[kid]
        async with self._turn:
            now = time.monotonic()
            fresh = now - self._fetched_at < KEYS_FRESH_SECONDS
            if not (fresh and kid in self._keys) and now - self._tried_at >= self._pause:
                await self._fetch()
        if time.monotonic() - self._fetched_at > KEYS_USABLE_SECONDS:
            raise Unavailable
        return self._keys.get(kid)

    async def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            async with asyncio.timeout(2 * _TIMEOUT_SECONDS):
                found = await self._key_set()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError, TimeoutError) as error:
            log.warning("the keys of the OIDC issuer could not be fetched: %s", str(error) or type(error).__name__)
            return
        self._keys = dict(_usable(found))
        self._fetched_at = self._tried_at

    async def _key_set(self) -> list[Any]:
        discovery = await self._json(self.rules.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if discovery.get("issuer") != self.rules.issuer:
            raise ValueError("its discovery document is of another issuer")
        jwks_uri = discovery.get("jwks_uri")
        if not isinstance(jwks_uri, str) or not _is_safe(jwks_uri):
            raise ValueError("its discovery document names no safe jwks_uri")
        found = (await self._json(jwks_uri)).get("keys")
        if not isinstance(found, list):
            raise ValueError("its key set is no key set")
        return found

    async def _json(self, url: str) -> dict[str, Any]:
        text = b""
        async with self._http.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"status {answer.status_code}")
            async for part in answer.aiter_bytes():
                text += part
                if len(text) > _LARGEST_ANSWER:
                    raise ValueError("the answer is too large")
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("the answer is no JSON object")
        return found


def _usable(keys: list[Any]) -> list[tuple[str, _Key]]:
    """The asymmetric signing keys with an id; a key that says its algorithm is good for no other."""
    usable = []
    for data in keys:
        if not isinstance(data, dict) or not isinstance(data.get("kid"), str) or data.get("use", "sig") != "sig":
            continue
        algorithms = _ALGORITHMS.get(str(data.get("crv") or data.get("kty")), ())
        named = data.get("alg")
        if named is not None:
            algorithms = tuple(name for name in algorithms if name == named)
        if not algorithms:
            continue
        try:
            key = jwt.PyJWK(data, algorithm=algorithms[0])
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        usable.append((data["kid"], _Key(key.key, algorithms)))
    return usable


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))

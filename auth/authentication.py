"""Who asks: from the headers of a request to the actor."""

import time

import psycopg
from psycopg_pool import PoolTimeout

from auth import api_keys, external_users
from auth.access import Access
from auth.actor import ANONYMOUS, Actor, ActorKind
from auth.errors import AuthenticationError, NotFromHere, Refusal, Unavailable
from auth.key_source import KeySource
from auth.oidc import OidcIssuer
from auth.revocations import Revocations
from auth.tokens import LONGEST_TOKEN, Tokens, unverified_issuer
from auth.verified_cache import Known, VerifiedCache

_SCHEME = "bearer"
# How long a verified credential is kept at most. An API key's last use is noted when it is verified anew.
_API_KEY_SECONDS = 60.0
_EXTERNAL_SECONDS = 300.0


class Authenticator:
    """Checks credentials, and remembers those that were good until they expire or are revoked."""

    def __init__(
        self, access: Access, tokens: Tokens, keys: KeySource, revocations: Revocations, oidc: OidcIssuer | None = None
    ) -> None:
        self._access = access
        self._tokens = tokens
        self._keys = keys
        self._revocations = revocations
        self._oidc = oidc
        self._cache = VerifiedCache()
        self._key_changes = keys.changes

    async def actor(self, authorization: str | None, api_key: str | None = None, address: str | None = None) -> Actor:
        """The actor of a request with these headers (Authorization, X-API-Key); ANONYMOUS when it has neither.

        `address` is where the request comes from. Raises AuthenticationError (HTTP 401) for a credential that is not
        accepted, NotFromHere (403) for an administrator's from elsewhere than the settings allow, Unavailable (503)
        when it cannot be checked at the moment.
        """
        actor = await self._verified(authorization, api_key)
        if not self._access.policy.may_come_from(address, actor.roles):
            raise NotFromHere
        return actor

    async def _verified(self, authorization: str | None, api_key: str | None) -> Actor:
        if authorization is None:
            if api_key is None:
                return ANONYMOUS
            credential, kind = api_key, b"k"
        elif api_key is None:
            credential, kind = authorization, b"t"
        else:
            raise AuthenticationError(Refusal.MALFORMED, "send one credential: Authorization or X-API-Key")
        if len(credential) > LONGEST_TOKEN:
            raise AuthenticationError(Refusal.MALFORMED, "the credential is too long")
        if self._revocations.is_stale:
            await self._revocations.renew_if_stale()
        if self._key_changes != self._keys.changes:
            # A key may have gone because it was stolen.
            self._key_changes = self._keys.changes
            self._cache.clear()
        key, changes = VerifiedCache.key(kind, credential), self._key_changes
        known = self._cache.get(key, time.time())
        if known is None or self._is_revoked(known):
            self._cache.drop(key)
            try:
                known = await (self._known_key(credential) if kind == b"k" else self._known_token(credential))
            except (psycopg.OperationalError, PoolTimeout):
                raise Unavailable from None
            if self._is_revoked(known):
                raise AuthenticationError(Refusal.REVOKED)
            if changes == self._keys.changes:
                self._cache.put(key, known)
        return known.actor

    def _is_revoked(self, known: Known) -> bool:
        actor = known.actor
        assert actor.id is not None
        if self._revocations.refuse_partner(actor.partner_id):
            return True
        if actor.kind is ActorKind.API_KEY:
            return self._revocations.refuse_key(actor.id)
        return self._revocations.refuse(user_id=actor.id, session_id=actor.session_id, version=known.version)

    async def _known_key(self, text: str) -> Known:
        actor, expires_at = await api_keys.verify(self._access, text)
        return Known(actor, min(expires_at.timestamp(), time.time() + _API_KEY_SECONDS), 0)

    async def _known_token(self, header: str) -> Known:
        scheme, _, token = header.partition(" ")
        token = token.strip(" ")
        if scheme.lower() != _SCHEME or not token:
            raise AuthenticationError(Refusal.MALFORMED, "the header is: Authorization: Bearer TOKEN")
        if self._oidc is not None and unverified_issuer(token) == self._oidc.rules.issuer:
            claims = await self._oidc.verify(token)
            actor, version = await external_users.actor(self._access, self._oidc.rules, claims)
            return Known(actor, min(float(claims["exp"]), time.time() + _EXTERNAL_SECONDS), version)
        verified = await self._tokens.verify(token)
        try:
            return Known(verified.subject.actor(), verified.expires, verified.subject.version)
        except ValueError:
            raise AuthenticationError(Refusal.INVALID) from None

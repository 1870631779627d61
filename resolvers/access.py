"""Signing in and out, and who one is."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry import Info

from auth import users
from auth.actor import ActorKind
from auth.sessions import SignedIn as Session
from auth.sign_in_rate import count_sign_in
from execution.permissions import PUBLIC, SIGNED_IN
from schema.access import Me, SignedIn, SignInPayload, SignOutPayload
from schema.mutations import context_of, mutation


def _signed_in(session: Session) -> SignInPayload:
    token = session.access_token
    return SignInPayload(
        session=SignedIn(
            access_token=token.text,
            expires_at=token.expires_at,
            refresh_token=session.refresh_token,
            refresh_before=session.refresh_before,
            required_action=session.required_action,
        )
    )


async def _me(info: Info) -> Me:
    context = context_of(info)
    actor = context.actor
    login = partner = None
    if actor.kind is ActorKind.USER and actor.id is not None:
        account = await users.get(context.services.authentication.access, UUID(actor.id))
        login, partner = account.login, account.partner_number
    return Me(
        id=strawberry.ID(f"{'usr' if actor.kind is ActorKind.USER else 'key'}_{actor.id}"),
        login=login,
        roles=sorted(actor.roles, key=lambda role: role.value),
        permissions=sorted(actor.permissions),
        partner_number=partner,
        required_action=actor.required_action,
    )


def _me_field() -> Any:
    field: Any = strawberry.field(resolver=_me, description="Who is asking, and what they may do.")
    field.permission = SIGNED_IN
    return field


@strawberry.type
class Query:
    """Root field of access."""

    me: Me | None = _me_field()


@strawberry.type
class Mutation:
    """Signing in and out."""

    @mutation(
        PUBLIC,
        {
            "login": "The login.",
            "password": "The password.",
            "code": "The code of the authenticator app, or a recovery code.",
        },
    )
    async def login(self, info: Info, login: str, password: str, code: str | None = None) -> SignInPayload:
        """Sign in by login and password, and the code of the second factor where the account has one."""
        context = context_of(info)
        services = context.services
        await count_sign_in(services.rates, context.address, services.settings.sign_ins_per_minute)
        sessions = services.authentication.sessions
        return _signed_in(
            await sessions.login(login, password, code=code, device=context.device, address=context.address)
        )

    @mutation(PUBLIC, {"refresh_token": "The refresh token; it is used up by this."})
    async def refresh_session(self, info: Info, refresh_token: str) -> SignInPayload:
        """New tokens for a refresh token, which is then used up; used twice, it ends the session."""
        return _signed_in(await context_of(info).services.authentication.sessions.refresh(refresh_token))

    @mutation(SIGNED_IN)
    async def logout(self, info: Info) -> SignOutPayload:
        """End this session."""
        context = context_of(info)
        await context.services.authentication.sessions.logout(context.actor)
        return SignOutPayload(ended=1)

    @mutation(SIGNED_IN)
    async def logout_everywhere(self, info: Info) -> SignOutPayload:
        """End all sessions of this user."""
        context = context_of(info)
        return SignOutPayload(ended=await context.services.authentication.sessions.logout_everywhere(context.actor))

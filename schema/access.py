"""Signing in as the graph shows it: tokens, who one is, one's sessions."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import Info

from auth.actor import ActorKind, RequiredAction
from execution.permissions import INHERITED
from models.roles import Role
from schema.accounts import Session, session
from schema.mutations import context_of, payload

REQUIRED_ACTION = strawberry.enum(RequiredAction, description="What a user has to do before anything else.")
_ACTIONS = {
    RequiredAction.CHANGE_PASSWORD: "Change the password, which somebody else has set.",
    RequiredAction.ENROL_SECOND_FACTOR: "Set up a second factor, which the role demands.",
}
for _value in REQUIRED_ACTION.__strawberry_definition__.values:  # type: ignore[attr-defined]
    _value.description = _ACTIONS[RequiredAction(_value.value)]


@strawberry.type(description="A signed-in session: the tokens a client needs.")
class SignedIn:
    """What `login` and `refreshSession` give."""

    __permission__ = INHERITED

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")
    expires_at: datetime = strawberry.field(description="When the access token expires.")
    refresh_token: str = strawberry.field(description="Good once, for `refreshSession`.")
    refresh_before: datetime = strawberry.field(description="When the session ends unless it is refreshed.")
    required_action: RequiredAction | None = strawberry.field(
        description="What the user has to do before anything else is allowed."
    )


async def _sessions(info: Info) -> list[Session]:
    context = context_of(info)
    actor = context.actor
    if actor.kind is not ActorKind.USER or actor.id is None:
        return []
    rows = await context.services.authentication.sessions.of(UUID(actor.id))
    return [session(row, actor.session_id) for row in rows]


@strawberry.type(description="Who is asking.")
class Me:
    """The actor of the request."""

    __permission__ = INHERITED

    id: strawberry.ID = strawberry.field(description="The id of the user or API key.")
    login: str | None = strawberry.field(description="The login; none for an API key.")
    roles: list[Role] = strawberry.field(description="The roles.")
    permissions: list[str] = strawberry.field(description="All that the roles, or the scopes of the key, allow.")
    partner_number: str | None = strawberry.field(description="The partner whose customers are all one sees.")
    required_action: RequiredAction | None = strawberry.field(
        description="What the user has to do before anything else is allowed."
    )
    sessions: list[Session] | None = strawberry.field(
        resolver=_sessions, description="The sessions of the user that have not ended, the last used first."
    )


@payload("What came of signing in.")
class SignInPayload:
    """Of `login` and `refreshSession`."""

    session: SignedIn | None = strawberry.field(default=None, description="The session; none if it was refused.")


@payload("What came of signing out.")
class SignOutPayload:
    """Of `logout` and `logoutEverywhere`."""

    ended: int = strawberry.field(default=0, description="How many sessions were ended.")

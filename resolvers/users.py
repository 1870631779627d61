"""Users and API keys, for administrators. Changing them takes a recent proof of identity (`stepUp`)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import strawberry
from strawberry import Info

from auth import api_keys, proof, users
from auth.access import Access
from auth.actor import Actor
from core.errors import BadInput
from core.ids import row_id
from models.roles import Role
from schema.accounts import ApiKey, ApiKeyPayload, User, UserPayload, api_key, user
from schema.mutations import context_of, mutation


def _changing(info: Info) -> tuple[Access, Actor]:
    """What changes need. Raises StepUpRequired unless the actor proved lately who they are."""
    context = context_of(info)
    access = context.services.authentication.access
    proof.require_recent(context.actor, access.policy.step_up_window, access.clock())
    return access, context.actor


def _user_id(value: str) -> UUID:
    return UUID(row_id(value, "usr", "user"))


def _key_id(value: str) -> UUID:
    return UUID(row_id(value, "key", "API key"))


def _life(days: int | None, name: str, default: timedelta) -> timedelta:
    if days is None:
        return default
    if not 0 <= days <= 10_000:
        raise BadInput(f"{name}: a number of days", argument=name)
    return timedelta(days=days)


async def _users(info: Info) -> list[User]:
    return [user(account) for account in await users.all_users(context_of(info).services.authentication.access)]


async def _api_keys(info: Info) -> list[ApiKey]:
    return [api_key(row) for row in await api_keys.all_keys(context_of(info).services.authentication.access)]


def _field(resolver: Any, description: str) -> Any:
    field: Any = strawberry.field(resolver=resolver, description=description)
    field.permission = "access:read"
    return field


@strawberry.type
class Query:
    """Users and API keys."""

    users: list[User] | None = _field(_users, "All users, by login.")
    api_keys: list[ApiKey] | None = _field(_api_keys, "All API keys, by partner and age.")


@strawberry.type
class Mutation:
    """Users and API keys."""

    @mutation(
        "access:write",
        {
            "login": "The name the user signs in with.",
            "roles": "What the user is.",
            "partner_number": "The partner of a partner's user (P-…).",
            "agent_number": "The agent the user is (A-…).",
        },
    )
    async def add_user(
        self,
        info: Info,
        login: str,
        roles: list[Role],
        partner_number: str | None = None,
        agent_number: str | None = None,
    ) -> UserPayload:
        """Add a user, who gets a one-time password that is good for seven days."""
        access, actor = _changing(info)
        made = await users.add(access, actor, login, roles, partner_number=partner_number, agent_number=agent_number)
        return UserPayload(user=user(made.user), one_time_password=made.one_time_password)

    @mutation(
        "access:write",
        {
            "id": "The id of the user (usr_…).",
            "roles": "What the user is from now on.",
            "partner_number": "The partner of a partner's user (P-…).",
        },
    )
    async def set_user_roles(
        self, info: Info, id: strawberry.ID, roles: list[Role], partner_number: str | None = None
    ) -> UserPayload:
        """Give a user these roles in place of those before; tokens given before are refused."""
        access, actor = _changing(info)
        changed = await users.set_roles(access, actor, _user_id(id), roles, partner_number=partner_number)
        return UserPayload(user=user(changed))

    @mutation("access:write", {"id": "The id of the user (usr_…)."})
    async def disable_user(self, info: Info, id: strawberry.ID) -> UserPayload:
        """Keep a user out; their sessions end."""
        access, actor = _changing(info)
        return UserPayload(user=user(await users.disable(access, actor, _user_id(id))))

    @mutation("access:write", {"id": "The id of the user (usr_…)."})
    async def enable_user(self, info: Info, id: strawberry.ID) -> UserPayload:
        """Let a user in again, and end a lock-out."""
        access, actor = _changing(info)
        return UserPayload(user=user(await users.enable(access, actor, _user_id(id))))

    @mutation(
        "access:write",
        {
            "id": "The id of the user (usr_…).",
            "remove_second_factor": "Whether to take the second factor away too, for who lost it.",
        },
    )
    async def reset_user(self, info: Info, id: strawberry.ID, remove_second_factor: bool | None = None) -> UserPayload:
        """Give a user a new one-time password; their sessions end."""
        access, actor = _changing(info)
        made = await users.reset(access, actor, _user_id(id), remove_second_factor=bool(remove_second_factor))
        return UserPayload(user=user(made.user), one_time_password=made.one_time_password)

    @mutation(
        "access:write",
        {
            "name": "What the key is for.",
            "partner_number": "The partner whose program it is (P-…).",
            "scopes": "Its permissions, all of them permissions of the partner role.",
            "life_days": "Days until it expires; 365 unless given.",
        },
    )
    async def create_api_key(
        self,
        info: Info,
        name: str,
        partner_number: str,
        scopes: list[str] | None = None,
        life_days: int | None = None,
    ) -> ApiKeyPayload:
        """A key for a partner's program, with all permissions of the partner role unless scopes are given."""
        access, actor = _changing(info)
        life = _life(life_days, "lifeDays", api_keys.DEFAULT_LIFE)
        made = await api_keys.create(access, actor, name, partner_number, scopes, life=life)
        return ApiKeyPayload(api_key=api_key(made.key), secret=made.text)

    @mutation(
        "access:write",
        {
            "id": "The id of the key (key_…).",
            "overlap_days": "Days that the old key works on.",
            "life_days": "Days until the new key expires; 365 unless given.",
        },
    )
    async def rotate_api_key(
        self, info: Info, id: strawberry.ID, overlap_days: int | None = None, life_days: int | None = None
    ) -> ApiKeyPayload:
        """A new key in place of another, which works on for the overlap: seven days unless given."""
        access, actor = _changing(info)
        overlap = _life(overlap_days, "overlapDays", api_keys.DEFAULT_OVERLAP)
        life = _life(life_days, "lifeDays", api_keys.DEFAULT_LIFE)
        made = await api_keys.rotate(access, actor, _key_id(id), overlap=overlap, life=life)
        return ApiKeyPayload(api_key=api_key(made.key), secret=made.text)

    @mutation("access:write", {"id": "The id of the key (key_…)."})
    async def revoke_api_key(self, info: Info, id: strawberry.ID) -> ApiKeyPayload:
        """Refuse a key from now on."""
        access, actor = _changing(info)
        return ApiKeyPayload(api_key=api_key(await api_keys.revoke(access, actor, _key_id(id))))

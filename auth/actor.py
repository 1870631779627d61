"""The actor: who asks. Made once for each request, from a verified credential; everything else only reads it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from auth.permissions import PERMISSIONS, permissions_of
from models.roles import Role


class Audience(Enum):
    """Which door of the database an actor comes through: each is a database role of its own."""

    STAFF = "c360_staff"
    PARTNER = "c360_partner"
    PUBLIC = "c360_public"


class ActorKind(Enum):
    """What kind of thing asks."""

    ANONYMOUS = "anonymous"
    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


class RequiredAction(Enum):
    """What a user has to do before they may do anything else."""

    CHANGE_PASSWORD = "CHANGE_PASSWORD"  # noqa: S105
    ENROL_SECOND_FACTOR = "ENROL_SECOND_FACTOR"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and what they may.

    `id` is the row id (UUID text) of the user or API key; `partner_id` the partner whose book is all they see;
    `session_id` the sign-in; `authenticated_at` when they last proved who they are, `second_factor` whether that
    took two factors. With a `required_action` they have no permission at all: they may do that, and sign out.
    """

    kind: ActorKind
    audience: Audience
    id: str | None = None
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[str] = frozenset()
    partner_id: str | None = None
    session_id: str | None = None
    authenticated_at: datetime | None = None
    second_factor: bool = False
    required_action: RequiredAction | None = None
    # What plans are kept apart by: two actors with the same key may share one.
    plan_key: tuple[Audience, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plan_key", (self.audience, self.permissions))

    def may(self, permission: str) -> bool:
        """Whether the actor has a permission."""
        return permission in self.permissions


ANONYMOUS = Actor(ActorKind.ANONYMOUS, Audience.PUBLIC)
# The service itself, and whoever runs its commands.
SYSTEM = Actor(ActorKind.SYSTEM, Audience.STAFF, permissions=frozenset(PERMISSIONS))


def user(
    user_id: str,
    roles: frozenset[Role],
    *,
    partner_id: str | None = None,
    scopes: frozenset[str] | None = None,
    session_id: str | None = None,
    authenticated_at: datetime | None = None,
    second_factor: bool = False,
    required_action: RequiredAction | None = None,
    kind: ActorKind = ActorKind.USER,
) -> Actor:
    """The actor with these roles. `scopes`, where given, narrow the roles' permissions (API keys); a required action
    takes them all away.

    Raises ValueError when partner role and partner organisation do not go together: such an actor would either see
    everything or nothing.
    """
    if (Role.PARTNER in roles) != (partner_id is not None) or (Role.PARTNER in roles and len(roles) > 1):
        raise ValueError("the partner role stands alone and needs a partner organisation")
    permissions = frozenset[str]() if required_action is not None else permissions_of(roles)
    return Actor(
        kind,
        Audience.PARTNER if partner_id is not None else Audience.STAFF,
        user_id,
        roles,
        permissions if scopes is None else permissions & scopes,
        partner_id,
        session_id,
        authenticated_at,
        second_factor,
        required_action,
    )

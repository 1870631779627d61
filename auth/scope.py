"""Which database role an actor reads with."""

from auth.actor import Actor, Audience
from core.scope import PARTNER, STAFF, STAFF_UNRESTRICTED, DatabaseRole


def role_of(actor: Actor) -> DatabaseRole:
    """The role that decides which rows and columns the actor gets (models/scope.py, models/grants.py)."""
    if actor.audience is Audience.PARTNER:
        return PARTNER
    return STAFF_UNRESTRICTED if actor.may("customers:read_restricted") else STAFF

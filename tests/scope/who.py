"""Everybody the graph is asked by: each role, two partners, API keys with narrow scopes, and nobody."""

from auth.actor import ANONYMOUS, Actor, ActorKind, Audience, user
from models.roles import Role
from tests.scope.expected import World

_USER = "0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b8"

NAMES = (
    *(role.value.lower() for role in Role if role is not Role.PARTNER),
    "partner_a",
    "partner_b",
    "staff_key",
    "partner_key",
    "anonymous",
)

_SCOPES = frozenset({"customers:read", "claims:read", "history:read"})


def actors(world: World) -> dict[str, Actor]:
    """An actor for each name; the partners are the two with the most customers."""
    book = {partner: len(world.seen_by_partner(partner)["customers"]) for partner in world.partners()}
    first, second = sorted(book, key=lambda partner: (-book[partner], partner))[:2]
    partner = frozenset({Role.PARTNER})
    found = {role.value.lower(): user(_USER, frozenset({role})) for role in Role if role is not Role.PARTNER}
    found["partner_a"] = user(_USER, partner, partner_id=first)
    found["partner_b"] = user(_USER, partner, partner_id=second)
    found["staff_key"] = user(_USER, frozenset({Role.AGENT}), scopes=_SCOPES, kind=ActorKind.API_KEY)
    found["partner_key"] = user(_USER, partner, partner_id=first, scopes=_SCOPES, kind=ActorKind.API_KEY)
    found["anonymous"] = ANONYMOUS
    assert found.keys() == set(NAMES)
    return found


def seen_by(world: World, actor: Actor) -> dict[str, set[str]]:
    """The ids of the rows of each table that the database lets an actor see, whatever its permissions say."""
    if actor.audience is Audience.PARTNER:
        assert actor.partner_id
        mine = world.seen_by_partner(actor.partner_id)
        public = {table: world.ids(table) for table in ("products", "product_categories")}
        return {table: mine.get(table, public.get(table, set())) for table in world.tables} | {
            "partners": {actor.partner_id}
        }
    if actor.may("customers:read_restricted"):
        return {table: world.ids(table) for table in world.tables}
    return {table: world.seen_by_staff(table) for table in world.tables}

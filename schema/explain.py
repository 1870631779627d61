"""Why one may see something or not: the rules that apply to an object and a field of it."""

from collections.abc import Iterator
from enum import Enum

import strawberry
from graphql import GraphQLField, GraphQLObjectType

from auth.actor import Actor
from auth.permissions import ROLES
from core.errors import BadInput
from execution.permissions import INHERITED, SIGNED_IN, Need, lacking, needs_of, type_needs
from models.roles import Role
from schema.masking import MaskedField


@strawberry.enum(description="A kind of rule about what one may see.")
class AccessRuleKind(Enum):
    """Which rule it is."""

    TYPE = strawberry.enum_value("TYPE", description="What objects of the type need.")
    FIELD = strawberry.enum_value("FIELD", description="What the field needs besides.")
    REVEAL = strawberry.enum_value("REVEAL", description="What it needs to see a masked value in full.")
    ROW = strawberry.enum_value("ROW", description="Whether the object is there, and one of those you may see.")


@strawberry.type(description="A rule, and whether it lets you through.")
class AccessRule:
    """One rule."""

    __permission__ = INHERITED

    kind: AccessRuleKind = strawberry.field(description="Which rule it is.")
    allows: bool | None = strawberry.field(
        description="Whether it lets you through; null for a row that was not looked for, because the type is refused."
    )
    needs: list[str] = strawberry.field(description="The permissions that the rule wants.")
    missing: list[str] = strawberry.field(description="Those of them that you do not have.")
    roles: list[Role] = strawberry.field(
        description="The roles that have all of them; none where no permission decides."
    )


@strawberry.type(description="Why you may see an object, or a field of it, or not.")
class AccessExplanation:
    """All rules that apply."""

    __permission__ = INHERITED

    subject: str = strawberry.field(description="What it is about, such as `Customer` or `Customer.income`.")
    allowed: bool = strawberry.field(description="Whether you may see it.")
    rules: list[AccessRule] = strawberry.field(
        description="The rules that apply. All but REVEAL have to let you through to see it."
    )


def field_of(kind: GraphQLObjectType, name: str) -> GraphQLField:
    """The field of that name. Raises BadInput when the type has none."""
    field: GraphQLField | None = kind.fields.get(name)
    if field is None:
        raise BadInput(f"{kind.name} has no such field", argument="field")
    return field


def rule(kind: AccessRuleKind, needs: Need, actor: Actor) -> AccessRule:
    """The rule that wants these permissions."""
    lacks = lacking(needs, actor)
    return AccessRule(
        kind=kind,
        allows=not lacks,
        needs=sorted(needs),
        missing=sorted(lacks),
        roles=[role for role in Role if needs - {SIGNED_IN} <= ROLES[role]],
    )


def permission_rules(kind: GraphQLObjectType, field: GraphQLField | None, actor: Actor) -> Iterator[AccessRule]:
    """The rules that hold for every row of a type."""
    own = type_needs(kind)
    yield rule(AccessRuleKind.TYPE, own, actor)
    if field is not None:
        yield rule(AccessRuleKind.FIELD, needs_of(field) - own, actor)
        definition = field.extensions.get("strawberry-definition")
        if isinstance(definition, MaskedField):
            yield rule(AccessRuleKind.REVEAL, frozenset({definition.reveal}), actor)


def row_rule(allows: bool | None) -> AccessRule:
    """The rule about the row."""
    return AccessRule(kind=AccessRuleKind.ROW, allows=allows, needs=[], missing=[], roles=[])

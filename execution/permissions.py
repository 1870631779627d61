"""Permissions on the schema: what each field needs, checked before a plan is made and before a resolver is called.

Every field's need is known when the schema is built, from three declarations: the permission of its type (`@entity`),
its own (`column(permission=...)`), and that of the type it leads to. A field without any makes the schema fail to
build. Both drivers ask here: the compiler refuses to compile what the actor may not see, and graphql-core's resolvers
are wrapped, so that a refused field is null with an error of code FORBIDDEN at its path.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
)

from auth.actor import Actor, ActorKind
from core.errors import RequestError
from loaders.request import Where

# What a class or field may declare instead of a permission.
PUBLIC = "public"  # anybody, signed in or not
SIGNED_IN = "signed-in"  # any actor but the anonymous one
INHERITED = "inherited"  # whoever may see the object may see its fields

Need = frozenset[str]
Permission = str | tuple[str, ...]
NOTHING: Need = frozenset()

_KEY = "c360-needs"


class Refused(RequestError):
    """The actor may not see or do this; `field` is the field it is about, such as Customer.income, where known."""

    def __init__(self, actor: Actor, missing: Need, field: str | None = None) -> None:
        self.missing = missing
        self.field = field
        if actor.kind is ActorKind.ANONYMOUS:
            super().__init__("UNAUTHENTICATED", "sign in first")
        else:
            names = ", ".join(sorted(missing))
            super().__init__("FORBIDDEN", f"this needs the permission {names}", needs=sorted(missing))


def declare(schema: GraphQLSchema) -> None:
    """Note on each field of the schema what it needs, say so in its description, and guard its resolver.

    Raises TypeError naming the fields that declare nothing, and those that could blank their object when refused:
    a field that needs more than its object has to be nullable.
    """
    problems: list[str] = []
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or is_introspection_type(kind):
            continue
        own = type_needs(kind)
        if own:
            kind.description = f"{kind.description}\n\nNeeds {_listed(own)}."
        for name, field in kind.fields.items():
            needs = _field_needs(kind, field)
            if needs is None:
                problems.append(f"{kind.name}.{name} declares no permission")
                continue
            extra = needs - own
            if extra and isinstance(field.type, GraphQLNonNull) and kind is not schema.mutation_type:
                problems.append(f"{kind.name}.{name} needs {_listed(extra)} and has to be nullable")
            if extra - {SIGNED_IN}:
                field.description = f"{field.description}\n\nNeeds {_listed(extra - {SIGNED_IN})}."
            field.extensions[_KEY] = needs
            if needs:
                field.resolve = _guarded(field.resolve, needs)
                if field.subscribe is not None:
                    field.subscribe = _guarded(field.subscribe, needs)
    if problems:
        raise TypeError("\n".join(problems))


def missing(field: GraphQLField, actor: Actor) -> Need:
    """What the actor lacks to see a field; empty if nothing. Raises KeyError for a field of an undeclared schema."""
    needs: Need = field.extensions[_KEY]
    return lacking(needs, actor)


def lacking(needs: Need, actor: Actor) -> Need:
    """What the actor lacks of `needs`."""
    if needs <= actor.permissions:
        return NOTHING
    lacks = needs - actor.permissions
    return lacks - {SIGNED_IN} if actor.kind is not ActorKind.ANONYMOUS else lacks


def type_needs(kind: GraphQLObjectType) -> Need:
    """What the rows of a type need; for connections and their edges, the type of their nodes."""
    for name in ("nodes", "node"):
        if name in kind.fields and ("pageInfo" in kind.fields or "cursor" in kind.fields):
            row_type = get_named_type(kind.fields[name].type)
            assert isinstance(row_type, GraphQLObjectType)
            return type_needs(row_type)
    return _set(getattr(_origin(kind), "__permission__", INHERITED))


def require_type(kind: GraphQLObjectType, actor: Actor) -> None:
    """Raise Refused unless the actor may see the rows of a type: where only data tells the type of a row."""
    lacks = lacking(type_needs(kind), actor)
    if lacks:
        raise Refused(actor, lacks)


def visible(kind: GraphQLObjectType, actor: Actor) -> Where:
    """The conditions under which the actor sees a row of the type; none for most types."""
    condition: Callable[[Need], Where] | None = getattr(_origin(kind), "__visible__", None)
    return condition(actor.permissions) if condition is not None else ()


def needs_of(field: GraphQLField) -> Need:
    """All that a field needs."""
    needs: Need = field.extensions[_KEY]
    return needs


def _field_needs(kind: GraphQLObjectType, field: GraphQLField) -> Need | None:
    definition = field.extensions.get("strawberry-definition")
    own = getattr(definition, "permission", None)
    declared = getattr(_origin(kind), "__permission__", None)
    target = _target(get_named_type(field.type))
    if own is None and declared is None and not target:
        return None
    return _set(own or INHERITED) | _set(declared or INHERITED) | target


def _target(kind: Any) -> Need:
    """What the type needs that a field leads to."""
    if isinstance(kind, GraphQLInterfaceType) or not isinstance(kind, GraphQLObjectType):
        return NOTHING  # the types of an interface or union are asked for when a row is found
    return type_needs(kind)


def node_row_type(connection: GraphQLObjectType) -> GraphQLObjectType:
    """The type of the rows of a connection."""
    row_type = get_named_type(connection.fields["nodes"].type)
    assert isinstance(row_type, GraphQLObjectType)
    return row_type


def _origin(kind: GraphQLObjectType) -> Any:
    definition = kind.extensions.get("strawberry-definition")
    return getattr(definition, "origin", None)


def _set(permission: Permission) -> Need:
    names = (permission,) if isinstance(permission, str) else permission
    return frozenset(names) - {PUBLIC, INHERITED}


def _listed(needs: Need) -> str:
    return " and ".join(f"`{need}`" for need in sorted(needs))


def _guarded(resolve: Callable[..., Any] | None, needs: Need) -> Callable[..., Any]:
    assert resolve is not None

    def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        lacks = lacking(needs, info.context.actor)
        if lacks:
            raise Refused(info.context.actor, lacks, f"{info.parent_type.name}.{info.field_name}")
        return resolve(source, info, **arguments)

    return guarded

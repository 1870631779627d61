"""Operations generated from the schema: every field of every type, every edge between them, every filter and order.

Nothing here names a type or a field, so what is added to the schema is asked for without a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from auth.actor import Actor
from core.names import camel_case
from execution.permissions import NOTHING, lacking, needs_of, node_row_type
from loaders.base import Page
from resolvers.root import schema
from schema.feed import FeedPageField
from schema.fields import PageField
from schema.filters import field_name
from schema.registry import Entity, entities, entity_of

GRAPHQL = schema._schema
ENTITIES = {entity.name: entity for entity in entities()}


def object_type(name: str) -> GraphQLObjectType:
    """The object type of that name."""
    kind = GRAPHQL.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def allowed(field: GraphQLField, actor: Actor) -> bool:
    """Whether the actor's permissions let the field through."""
    return not lacking(needs_of(field), actor)


def selection(kind: GraphQLObjectType, actor: Actor, depth: int = 1) -> str:
    """All fields of a type the actor may see, and of the types they lead to, `depth` edges far."""
    written = (_selected(name, field, actor, depth) for name, field in kind.fields.items() if allowed(field, actor))
    return " ".join(filter(None, written))


def _selected(name: str, field: GraphQLField, actor: Actor, depth: int) -> str | None:
    kind = get_named_type(field.type)
    if any(is_required_argument(argument) for argument in field.args.values()):
        return None
    if is_leaf_type(kind):
        return name
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        if depth == 0:
            return None
        return f"{name} {{ __typename {_each_type(kind, actor)} }}"
    assert isinstance(kind, GraphQLObjectType)
    if "nodes" in kind.fields and "pageInfo" in kind.fields:
        return f"{name}(first: 3) {{ {page_selection(kind, actor, depth - 1)} }}" if depth else None
    if kind.name in ENTITIES:
        return f"{name} {{ {selection(kind, actor, depth - 1)} }}" if depth else None
    inner = selection(kind, actor, depth)
    return f"{name} {{ {inner} }}" if inner else None


def _each_type(kind: GraphQLUnionType | GraphQLInterfaceType, actor: Actor) -> str:
    found = GRAPHQL.get_possible_types(kind)
    # The names of the types' fields may stand for values of different types, so that only the id is selected.
    return " ".join(f"... on {one.name} {{ id }}" for one in found if "id" in one.fields)


def page_selection(connection: GraphQLObjectType, actor: Actor, depth: int = 0) -> str:
    """All that a connection tells, with all leaves of its rows."""
    kind = node_row_type(connection)
    identity = "id" if "id" in kind.fields else "__typename"
    return (
        "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        f" nodes {{ {selection(kind, actor, depth)} }} edges {{ cursor node {{ {identity} }} }}"
    )


def refused_fields(kind: GraphQLObjectType, actor: Actor) -> Iterator[tuple[str, str]]:
    """(name, text) of each field of a type that the actor may not see."""
    for name, field in kind.fields.items():
        if allowed(field, actor) or any(is_required_argument(argument) for argument in field.args.values()):
            continue
        yield name, name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"


@dataclass(frozen=True)
class ListField:
    """A field that is a list by pages: of `owner`, or of the root, with rows of `entity`."""

    owner: Entity | None
    name: str
    field: GraphQLField
    entity: Entity

    def __str__(self) -> str:
        return f"{self.owner.name if self.owner else 'Query'}.{self.name}"

    @property
    def source(self) -> Page:
        """The edge behind it."""
        edge = self.field.extensions["strawberry-definition"].edge
        assert isinstance(edge, Page)
        return edge

    def asked(self, alias: str, arguments: str, selected: str = "totalCount nodes { id }") -> str:
        """The field with these arguments."""
        return f"{alias}: {self.name}({arguments}) {{ {selected} }}"


def list_fields() -> list[ListField]:
    """Every list of rows by pages in the schema.

    The items of a feed and pairs of duplicates are no rows, and take no conditions or orders: asking for every field
    covers them.
    """
    found = []
    shown = {entity.by_id.source.name for entity in entities()}
    assert GRAPHQL.query_type
    for owner in [None, *entities()]:
        kind = object_type(owner.name) if owner else GRAPHQL.query_type
        for name, field in kind.fields.items():
            definition = field.extensions.get("strawberry-definition")
            if isinstance(definition, FeedPageField):
                continue
            if isinstance(definition, PageField) or ("first" in field.args and hasattr(definition, "edge")):
                if definition.edge.source.name not in shown:
                    assert field.args.keys().isdisjoint({"where", "orderBy"}), f"{name} is of no entity"
                    continue
                found.append(ListField(owner, name, field, entity_of(definition.edge.source.name)))
    return found


@dataclass(frozen=True)
class Filter:
    """A comparison in a `where` input: of `column`, by `operator`, which is a list's if `many`."""

    path: str
    column: str
    operator: str
    kind: str
    many: bool

    def text(self, value: Any) -> str:
        """The argument with a value, as it stands in a document."""
        written = literal(value, self.kind)
        return f"where: {{ {self.path}: {{ {self.operator}: {f'[{written}]' if self.many else written} }} }}"


def filters(of: ListField) -> list[Filter]:
    """Every comparison that a list takes but those with null."""
    argument = of.field.args.get("where")
    if argument is None:
        return []
    where = get_named_type(argument.type)
    assert isinstance(where, GraphQLInputObjectType)
    columns = {camel_case(name): column for name, column in of.entity.where.__columns__.items()}
    found = []
    for name, compared in where.fields.items():
        comparison = get_named_type(compared.type)
        assert isinstance(comparison, GraphQLInputObjectType)
        for operator, value in comparison.fields.items():
            kind = get_named_type(value.type)
            if operator != "isNull":
                enum = "enum" if isinstance(kind, GraphQLEnumType) else kind.name
                many = operator in ("in", "notIn")
                found.append(Filter(name, columns[name], operator, enum, many))
    return found


def orders(of: ListField) -> list[tuple[str, str]]:
    """(argument, column) of every order a list may have; descending ones have a "-" before the column."""
    argument = of.field.args.get("orderBy")
    if argument is None:
        return []
    order = get_named_type(argument.type)
    assert isinstance(order, GraphQLInputObjectType)
    by = get_named_type(order.fields["field"].type)
    assert isinstance(by, GraphQLEnumType)
    columns = {field_name(column.name).upper(): column.name for column in of.entity.table.columns}
    return [
        (f"orderBy: {{ field: {name}, direction: {direction} }}", f"{sign}{columns[name]}")
        for name in by.values
        for direction, sign in (("ASC", ""), ("DESC", "-"))
    ]


def literal(value: Any, kind: str) -> str:
    """A value as it stands in a document."""
    if kind == "enum":
        return str(value)
    if kind in ("Int", "Float"):
        return str(value)
    if kind == "Boolean":
        return str(value).lower()
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def guarded(of: ListField, actor: Actor) -> set[str]:
    """The columns of a list's rows that the actor may neither filter nor sort by."""
    return {column for column, needs in of.entity.guarded.items() if lacking(needs, actor) or NOTHING}

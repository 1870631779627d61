"""Every place in the schema where a value goes in: arguments of fields, and what lies inside their inputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from schema.registry import Entity, entities
from tests.scope.selections import ENTITIES, GRAPHQL, object_type

Write = Callable[[str], str]

# Inputs that lead back to themselves are followed this far.
_DEPTH = 5

# A value of each scalar for arguments that have to be there but are not what a test is about.
_ORDINARY = {
    # Not what is asked for as not being there, and behind it: rows are locked in the order of their ids.
    "ID": '"cus_0fffffff-ffff-7fff-bfff-ffffffffffff"',
    "String": '"an ordinary text"',
    "Int": "1",
    "Float": "1.0",
    "Boolean": "true",
    "Decimal": '"1.00"',
    "Date": '"2026-01-01"',
    "DateTime": '"2026-01-01T00:00:00Z"',
    "JSON": "{}",
    "CountryCode": '"DE"',
    "CurrencyCode": '"EUR"',
    "LanguageTag": '"de"',
    "Email": '"someone@example.org"',
    "PhoneNumber": '"+4930123456"',
}


@dataclass(frozen=True)
class Place:
    """A place for a value of the scalar `kind`, in an argument of a field of `owner` (a root or a type)."""

    owner: str
    field: str
    path: str
    kind: str
    write: Write

    def __str__(self) -> str:
        return f"{self.owner}.{self.field}({self.path})"

    @property
    def entity(self) -> Entity | None:
        """The entity whose field it is; none at the root."""
        return ENTITIES.get(self.owner)

    @property
    def shows(self) -> str:
        """The type that the field leads to."""
        return str(get_named_type(object_type(self.owner).fields[self.field].type))

    @property
    def kind_of_place(self) -> tuple[str, ...]:
        """Equal for places below the root that lead to the same rows by the same path: their arguments are the same."""
        return (self.shows, self.path) if self.entity else (self.owner, self.field, self.path)

    def asked(self, alias: str, value: str) -> str:
        """The field with the value (as it stands in a document) in its place, and what else it needs."""
        field = object_type(self.owner).fields[self.field]
        return f"{alias}: {self.field}({self.write(value)}){_shown(field)}"


def places(*kinds: str) -> list[Place]:
    """Every place in the schema for a value of one of these scalars."""
    roots = [
        root for root in (GRAPHQL.query_type, GRAPHQL.mutation_type, GRAPHQL.subscription_type) if root is not None
    ]
    reached = {root.name for root in roots} | ENTITIES.keys()
    found = []
    for kind in GRAPHQL.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        for name, field in kind.fields.items():
            # It takes the inputs of the other mutations, and performs the same commands.
            if name == "bulk":
                continue
            for place in _of_field(kind.name, name, field):
                if place.kind in kinds:
                    assert kind.name in reached, f"{place}: no test knows how to get there"
                    found.append(place)
    return found


def _of_field(owner: str, name: str, field: GraphQLField) -> Iterator[Place]:
    required = {n: f"{n}: {_ordinary(a.type)}" for n, a in field.args.items() if is_required_argument(a)}
    for argument, definition in field.args.items():
        others = [text for n, text in required.items() if n != argument]
        for path, kind, write in _inside(argument, definition.type, _DEPTH):

            def written(value: str, write: Write = write, argument: str = argument, others: Any = others) -> str:
                return ", ".join([f"{argument}: {write(value)}", *others])

            yield Place(owner, name, path, kind, written)


def _inside(path: str, kind: Any, depth: int) -> Iterator[tuple[str, str, Write]]:
    if isinstance(kind, GraphQLNonNull):
        yield from _inside(path, kind.of_type, depth)
    elif isinstance(kind, GraphQLList):
        for inner, name, write in _inside(f"{path}[]", kind.of_type, depth):

            def listed(value: str, write: Write = write) -> str:
                return f"[{write(value)}]"

            yield inner, name, listed
    elif isinstance(kind, GraphQLInputObjectType):
        required = {n: f"{n}: {_ordinary(f.type)}" for n, f in kind.fields.items() if is_required_input_field(f)}
        for field, definition in kind.fields.items() if depth else ():
            others = [text for n, text in required.items() if n != field]
            for inner, name, write in _inside(f"{path}.{field}", definition.type, depth - 1):

                def written(value: str, write: Write = write, field: str = field, others: Any = others) -> str:
                    return "{ " + ", ".join([f"{field}: {write(value)}", *others]) + " }"

                yield inner, name, written
    else:
        yield path, kind.name, lambda value: value


def _ordinary(kind: Any) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _ordinary(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{_ordinary(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        inner = (f"{n}: {_ordinary(f.type)}" for n, f in kind.fields.items() if is_required_input_field(f))
        return "{ " + ", ".join(inner) + " }"
    return _ORDINARY[kind.name]


def _shown(field: GraphQLField) -> str:
    """What is selected of a field: its leaves, what went wrong, counts and ids of rows."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    if not isinstance(kind, GraphQLObjectType):
        return " { __typename ... on Node { id } }"
    shown = ["__typename"]
    for name, inner in kind.fields.items():
        below = get_named_type(inner.type)
        if kind.name in ENTITIES:
            if name == "id":
                shown.append(name)
        elif is_leaf_type(below):
            shown.append(name)
        elif name == "userErrors":
            shown.append("userErrors { code message field }")
        elif below.name in ENTITIES:
            shown.append(f"{name} {{ id }}")
    return f" {{ {' '.join(shown)} }}"


def row_ids(rows: dict[str, list[str]]) -> list[str]:
    """Public ids of the first rows of each entity in `rows` (table -> UUIDs)."""
    return [f"{entity.prefix}_{row}" for entity in entities() for row in rows.get(entity.table.name, [])[:1]]

"""Making random operations reach data: random arguments mostly find nothing, so some are replaced by ones that do."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    NameNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    parse_value,
    print_ast,
    visit,
)

Ids = Mapping[str, Sequence[str]]
"""Some ids of each type, by the type's name."""


def is_connection(field: GraphQLField) -> bool:
    """Whether the field is a list by pages."""
    return get_named_type(field.type).name.endswith("Connection")


def some_ids(schema: GraphQLSchema, client: httpx.Client) -> Ids:
    """The first ids of every root list."""
    assert schema.query_type is not None
    # Pairs of duplicates are no rows, and have no ids.
    lists = [
        name
        for name, field in schema.query_type.fields.items()
        if is_connection(field) and name != "duplicateCandidates"
    ]
    query = " ".join(f"{name}(first: 3) {{ nodes {{ __typename id }} }}" for name in lists)
    answer = client.post("/graphql", json={"query": f"{{ {query} }}"}).json()
    assert "errors" not in answer, answer
    ids: dict[str, list[str]] = {}
    for page in answer["data"].values():
        for node in page["nodes"]:
            ids.setdefault(node["__typename"], []).append(node["id"])
    return ids


def tame(query: str, schema: GraphQLSchema, ids: Ids) -> str:
    """The query with arguments that find something."""
    types = TypeInfo(schema)
    return print_ast(visit(parse(query), TypeInfoVisitor(types, _Tamer(types, ids))))


class _Tamer(Visitor):
    def __init__(self, types: TypeInfo, ids: Ids) -> None:
        super().__init__()
        self._types = types
        self._ids = ids

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        """Replace the arguments; the type information still stands at the field."""
        field = self._types.get_field_def()
        if field is None:  # a case of schemathesis that asks for no field of ours
            return node
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=tuple(
                ArgumentNode(name=NameNode(value=name), value=parse_value(value))
                for name, value in self._arguments(field).items()
            ),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def _arguments(self, field: GraphQLField) -> dict[str, str]:
        everyone = [first for first, *_ in self._ids.values()]
        of_type = self._ids.get(get_named_type(field.type).name, everyone)
        if is_connection(field):
            return {"first": "3"}
        if "id" in field.args:
            return {"id": f'"{of_type[0]}"'}
        listed = ", ".join(f'"{one}"' for one in everyone)
        plausible = {"ids": f"[{listed}]", "query": '"Müller"', "first": "5"}
        required = {name for name, argument in field.args.items() if isinstance(argument.type, GraphQLNonNull)}
        return {name: plausible[name] for name in field.args if name in plausible and name in required}

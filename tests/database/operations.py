"""Random operations that mean something: valid arguments, ids that exist, aliases, fragments and directives."""

from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

MAX_DEPTH = 7


class Writer:
    """Writes one operation, with `random` deciding. `ids` are public ids and numbers that exist."""

    def __init__(self, schema: GraphQLSchema, random: Random, ids: list[str]) -> None:
        self.schema = schema
        self.random = random
        self.ids = ids
        self.aliases = 0

    def operation(self) -> str:
        """The text of an operation."""
        root = self.schema.query_type
        assert root is not None
        fields = [
            self._field(name, root.fields[name], 1)
            for name in self.random.choices(list(root.fields), k=self.random.randint(1, 2))
        ]
        return "{ " + " ".join(field for field in fields if field) + " }"

    def _selection(self, kind: Any, depth: int) -> str | None:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            possible = self.random.sample(self.schema.get_possible_types(kind), k=2)
            inner = [f"... on {t.name} {{ {s} }}" for t in possible if (s := self._fields(t, depth))]
            return " ".join(["__typename", *inner])
        return self._fields(kind, depth)

    def _fields(self, kind: GraphQLObjectType, depth: int) -> str | None:
        names = list(kind.fields)
        if depth >= MAX_DEPTH:
            names = [name for name in names if is_leaf_type(get_named_type(kind.fields[name].type))]
        chosen = self.random.sample(names, k=min(len(names), self.random.randint(1, 5)))
        written = [text for name in chosen if (text := self._field(name, kind.fields[name], depth + 1))]
        if not written or self.random.random() < 0.1:
            written.append("__typename")
        if self.random.random() < 0.1:
            written.append(f"... on {kind.name} {{ {' '.join(written)} }}")
        return " ".join(written)

    def _field(self, name: str, field: GraphQLField, depth: int) -> str | None:
        arguments = self._arguments(field)
        selection = ""
        named = get_named_type(field.type)
        if not is_leaf_type(named):
            inner = self._selection(named, depth)
            if inner is None:
                return None
            selection = f" {{ {inner} }}"
        prefix = ""
        if arguments or self.random.random() < 0.1:
            self.aliases += 1
            prefix = f"a{self.aliases}: "
        directive = self.random.choice(["", "", "", "", "", " @include(if: true)", " @skip(if: true)"])
        return f"{prefix}{name}{arguments}{directive}{selection}"

    def _arguments(self, field: GraphQLField) -> str:
        written: dict[str, str] = {}
        for name, argument in field.args.items():
            if is_required_argument(argument) or self.random.random() < 0.35:
                written[name] = self._value(name, argument.type)
        if "id" in field.args and "number" in field.args:
            written = {"id": self._id()}
        elif "id" in field.args:
            written["id"] = self._id()
        if "last" in written:
            written.pop("first", None)
        for cursor in ("after", "before"):
            written.pop(cursor, None)
        return "(" + ", ".join(f"{k}: {v}" for k, v in written.items()) + ")" if written else ""

    def _id(self) -> str:
        return f'"{self.random.choice(self.ids)}"'

    def _value(self, name: str, kind: Any) -> str:
        named = get_named_type(kind)
        if isinstance(named, GraphQLEnumType):
            value = self.random.choice(list(named.values))
        elif isinstance(named, GraphQLInputObjectType):
            if "direction" in named.fields:
                chosen = list(named.fields)
            else:
                chosen = self.random.sample(list(named.fields), k=min(1, len(named.fields)))
            value = "{ " + ", ".join(f"{n}: {self._value(n, named.fields[n].type)}" for n in chosen) + " }"
        else:
            value = {
                "Int": str(self.random.randint(0, 4)),
                "ID": self._id(),
                "String": self.random.choice(['"an"', '"K-000"', '"C-0000003"', '"ClaimSubmitted"']),
                "Boolean": self.random.choice(["true", "false"]),
                "Date": '"2023-06-01"',
                "DateTime": '"2023-06-01T00:00:00Z"',
                "Decimal": '"300.00"',
            }[named.name]
        return f"[{value}]" if is_list_type(getattr(kind, "of_type", kind)) or is_list_type(kind) else value

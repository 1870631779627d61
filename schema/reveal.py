"""Revealing as the graph shows it: which field of which object holds a sealed value, and what came of asking for it."""

from dataclasses import dataclass

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from core.errors import BadInput
from schema.masking import MaskedField
from schema.mutations import payload


@payload("What came of revealing a sensitive value.")
class RevealPayload:
    """Of `reveal`."""

    value: str | None = strawberry.field(default=None, description="The value in full; none if it was refused.")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A field that stands for a sealed value: the permission it needs, and the name under which it is sealed."""

    permission: str
    name: str
    shown_as: str


def sealed_in(schema: GraphQLSchema, type_name: str, field: str) -> Sealed:
    """The sealed value that a field of a type shows masked. Raises BadInput when there is none."""
    kind = schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    found = kind.fields.get(field)
    definition = found.extensions.get("strawberry-definition") if found else None
    if not isinstance(definition, MaskedField):
        masked = [
            name
            for name, other in kind.fields.items()
            if isinstance(other.extensions.get("strawberry-definition"), MaskedField)
        ]
        hint = f"; those of {type_name}: {', '.join(masked)}" if masked else ""
        raise BadInput(f"this is no field with a masked value{hint}", argument="field")
    return Sealed(definition.reveal, definition.columns[0].removesuffix("_masked"), f"{type_name}.{field}")

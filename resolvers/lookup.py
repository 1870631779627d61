"""Root fields that find one object, by id or by the number people say."""

from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

from core.errors import BadInput
from core.ids import row_id
from execution.fields import RootRowField
from loaders import base as edges
from schema.fields import argument
from schema.nodes import load_target
from schema.registry import entity_of


class LookupField(RootRowField):
    """A root field with the arguments `id` and, where the entity has a number or code, that one; just one is given."""

    def __init__(self, by_id: edges.One, by_number: edges.One | None, description: str) -> None:
        super().__init__(description=description)
        self.by_id = by_id
        self.by_number = by_number

    def declared_arguments(self) -> list[StrawberryArgument]:
        """`id`, and `number` or `code`."""
        arguments = [argument("id", strawberry.ID | None, "The object's id.")]
        if self.by_number is not None:
            assert self.by_number.key_column is not None
            comment = str(entity_of(self.by_number.source.name).table.columns[self.by_number.key_column].comment)
            arguments.append(argument(self.by_number.key_column, str | None, comment))
        return arguments

    def find(self, arguments: dict[str, Any]) -> tuple[edges.One, str]:
        """The edge and its key. Raises BadInput unless exactly one argument is given."""
        given = {name: value for name, value in arguments.items() if value is not None}
        if len(given) != 1:
            names = " or ".join(a.python_name for a in self.arguments)
            raise BadInput(f"give {'exactly one of ' if self.by_number else ''}{names}", argument=names)
        ((name, value),) = given.items()
        if name == "id":
            entity = entity_of(self.by_id.source.name)
            return self.by_id, row_id(value, entity.prefix, entity.kind)
        if "\0" in value:
            raise BadInput(f"{name}: a text has no NUL character", argument=name)
        assert self.by_number is not None
        return self.by_number, value.strip()

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the row or None."""
        assert info is not None
        return load_target(info._raw_info, (entity_of(self.by_id.source.name).name, *self.find(kwargs)))


def lookup(by_id: edges.One, by_number: edges.One | None, description: str) -> Any:
    """A root field that finds one object; null when there is none."""
    return LookupField(by_id, by_number, description)

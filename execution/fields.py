"""What the executor knows of a field: where its value comes from. The schema's fields are made of these.

graphql-core's interpreter calls `get_result` of a field for every object. The compiler (execution/compiler.py) reads
these declarations instead and never calls a resolver; a field that is none of them makes the whole operation
interpreted.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from loaders.base import Edge, One
from loaders.request import Request


class ArgumentsField(StrawberryField):
    """A field whose arguments are made when the schema is built, since they come from entities declared elsewhere."""

    def declared_arguments(self) -> list[StrawberryArgument]:
        """The arguments; none unless a field has some."""
        return []

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """The arguments, made once."""
        if self._arguments is None:
            self._arguments = self.declared_arguments()
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value


class RowField(ArgumentsField):
    """A field of a row's object; `columns` are the columns its value is made from."""

    columns: tuple[str, ...] = ()


class LeafField(RowField):
    """A scalar or an enumeration, read from columns of the row.

    `read` makes the value of a mapping from column to value; without it, the value is the first column's. A value
    that is `prefixed` has the prefix of the row's type put before it.
    """

    read: Callable[[Any], Any] | None = None
    prefixed: bool = False


class ValueField(RowField):
    """An object of values of the same row, such as a sum of money: `parts` maps its fields to columns.

    The object is null when its first part is.
    """

    @property
    @abstractmethod
    def parts(self) -> dict[str, str]:
        """The GraphQL fields of the object and their columns, the deciding one first."""


class LinkField(RowField):
    """An edge from a row (or, with `local` None, from nowhere) to rows of one table."""

    edge: Edge
    local: str | None

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    def request(self, arguments: dict[str, Any]) -> Request:
        """What the field's arguments ask of the edge, still without columns. Raises RequestError."""
        return Request(())

    def order(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """The order that the arguments ask for; empty for the edge's own."""
        return ()


class RootRowField(ArgumentsField):
    """A root field that finds one row by its arguments; `by_id` is the edge to rows of its type."""

    by_id: One

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def find(self, arguments: dict[str, Any]) -> tuple[One, str]:
        """The edge and the key that lead to the row. Raises RequestError."""


class PolymorphicField(RowField):
    """An edge to a row whose table each row names itself."""

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def target(self, values: Any) -> tuple[str, One, str] | None:
        """The GraphQL type, the edge and the key that `columns` of a row lead to, or None."""


class RootNodesField(ArgumentsField):
    """A root field that finds rows of any table by their public ids; `many` tells whether it is a list."""

    many: bool

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def targets(self, arguments: dict[str, Any]) -> Iterable[tuple[str, One, str]]:
        """For each id: the GraphQL type, the edge and the key. Raises RequestError."""


class RootSearchField(ArgumentsField):
    """A root field whose rows come from the search box; their columns are those of loaders.search.HITS."""

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def search(self, arguments: dict[str, Any]) -> tuple[int, str]:
        """How many hits at most, and the text to look for. Raises RequestError."""

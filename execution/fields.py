"""What the executor knows of a field: where its value comes from. The schema's fields are made of these.

graphql-core's interpreter calls `get_result` of a field for every object. The compiler (execution/compiler.py) reads
these declarations instead and never calls a resolver; a field that is none of them makes the whole operation
interpreted.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from auth.actor import Actor
from events.interest import Interest
from loaders.base import Edge, One
from loaders.request import Request

if TYPE_CHECKING:
    from execution.context import OperationContext


class ArgumentsField(StrawberryField):
    """A field whose arguments are made when the schema is built, since they come from entities declared elsewhere.

    `permission` is what the field needs besides what its type and the type it leads to need (execution/permissions.py).
    """

    permission: str | tuple[str, ...] | None = None

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

    def constants(self, actor: Actor) -> Mapping[str, str | bool]:
        """Fields of the object that are the same for every row, as this actor sees them."""
        return {}

    @property
    @abstractmethod
    def parts(self) -> dict[str, str]:
        """The GraphQL fields of the object and their columns, the deciding one first."""


class ActorField(RowField):
    """A field that is the same for every row of its type: it depends on who asks only."""

    @property
    def is_basic_field(self) -> bool:
        """Never: it depends on who asks."""
        return False

    @abstractmethod
    def value(self, actor: Actor) -> Any:
        """The value for this actor, as it stands in the answer."""


class StateField(RowField):
    """A leaf that depends on columns of its row and on who asks."""

    @property
    def is_basic_field(self) -> bool:
        """Never: it depends on who asks."""
        return False

    @abstractmethod
    def reader(self, actor: Actor) -> Callable[[Any], Any]:
        """What makes the value for this actor of a mapping from column to value."""


class LinkField(RowField):
    """An edge from a row (or, with `local` None, from nowhere) to rows of one table."""

    edge: Edge
    local: str | None
    # The largest page it gives, where it gives pages.
    largest: int = 0

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    def request(self, arguments: dict[str, Any], actor: Actor) -> Request:
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


class FeedField(ArgumentsField):
    """A root field of subscriptions: it follows the event feed, and its row is the event that is delivered.

    `by_event` is the edge from the id of an event to the row; an event whose row is not found, because the actor may
    not see it, is passed over.
    """

    by_event: One

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def interest(self, arguments: dict[str, Any], actor: Actor) -> Interest:
        """Which events may be for the subscriber. Raises RequestError."""

    def after(self, arguments: dict[str, Any]) -> str | None:
        """The cursor to go on from; none to begin with what comes now."""
        return arguments.get("after")

    def heartbeats(self, arguments: dict[str, Any]) -> bool:
        """Whether items without an event are wanted, too, which move the cursor on."""
        return bool(arguments.get("heartbeats"))

    async def begin(self, context: "OperationContext", arguments: dict[str, Any]) -> None:
        """Raise RequestError where there is nothing to follow."""


class RootNodesField(ArgumentsField):
    """A root field that finds rows of any table by their public ids; `many` tells whether it is a list.

    `sized_by` is the argument that decides how many there are, at most `largest`.
    """

    many: bool
    sized_by: str
    largest: int

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def targets(self, arguments: dict[str, Any]) -> Iterable[tuple[str, One, str]]:
        """For each id: the GraphQL type, the edge and the key. Raises RequestError."""


class RootSearchField(ArgumentsField):
    """A root field whose rows come from the search box; their columns are those of loaders.search.HITS.

    `sized_by` is the argument that decides how many there are, at most `largest`.
    """

    sized_by: str
    largest: int

    @property
    def is_basic_field(self) -> bool:
        """Never: the loaders hang on the operation."""
        return False

    @abstractmethod
    def search(self, arguments: dict[str, Any]) -> tuple[int, str]:
        """How many hits at most, and the text to look for. Raises RequestError."""

    @abstractmethod
    def tables(self, actor: Actor) -> frozenset[str]:
        """The tables in which the actor may find something."""

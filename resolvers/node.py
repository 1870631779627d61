"""Finding any object again by its id (Relay's `node` and `nodes`)."""

from collections.abc import Iterable
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

from core.errors import BadInput
from execution.fields import RootNodesField
from execution.permissions import SIGNED_IN
from schema.entity import Node
from schema.fields import argument
from schema.nodes import Target, load_target, node_target

MAX_NODES = 100


class NodeField(RootNodesField):
    """Relay's `node`; what it needs depends on the type of the object."""

    permission = SIGNED_IN
    many = False
    sized_by, largest = "id", 1

    def __init__(self) -> None:
        super().__init__(description="The object with this id, or null if there is none.")

    def declared_arguments(self) -> list[StrawberryArgument]:
        """The id."""
        return [argument("id", strawberry.ID, "The object's id.")]

    def targets(self, arguments: dict[str, Any]) -> Iterable[Target]:
        """The one target. Raises BadInput for what is no id of this graph."""
        return [node_target(arguments["id"])]

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the object."""
        assert info is not None
        (target,) = self.targets(kwargs)
        return load_target(info._raw_info, target)


class NodesField(RootNodesField):
    """Relay's `nodes`."""

    permission = SIGNED_IN
    many = True
    sized_by, largest = "ids", MAX_NODES

    def __init__(self) -> None:
        super().__init__(
            description="The objects with these ids, in the same order; null for those that are not there."
        )

    def declared_arguments(self) -> list[StrawberryArgument]:
        """The ids."""
        return [argument("ids", list[strawberry.ID], f"The objects' ids, at most {MAX_NODES}.")]

    def targets(self, arguments: dict[str, Any]) -> Iterable[Target]:
        """A target for each id. Raises BadInput for too many ids, or what is no id of this graph."""
        ids = arguments["ids"]
        if len(ids) > MAX_NODES:
            raise BadInput(f"at most {MAX_NODES} ids, got {len(ids)}", argument="ids")
        return [node_target(public_id) for public_id in ids]

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """A list of awaitables of the objects."""
        assert info is not None
        return [load_target(info._raw_info, target) for target in self.targets(kwargs)]


def _node() -> Any:
    return NodeField()


def _nodes() -> Any:
    return NodesField()


@strawberry.type
class Query:
    """Root fields that take any id."""

    node: Node | None = _node()
    nodes: list[Node | None] | None = _nodes()

"""Finding any object again by its id (Relay's `node` and `nodes`)."""

from collections.abc import Awaitable
from typing import Annotated, Any

import strawberry
from strawberry.types.info import Info

from core.errors import BadInput
from schema.entity import Node
from schema.nodes import load_node

MAX_NODES = 100


@strawberry.type
class Query:
    """Root fields that take any id."""

    @strawberry.field(description="The object with this id, or null if there is none.")
    def node(
        self, info: Info[Any, Any], id: Annotated[strawberry.ID, strawberry.argument(description="The object's id.")]
    ) -> Node | None:
        """The object, awaited by the executor. Raises BadInput for what is no id of this graph."""
        found: Awaitable[Any] = load_node(info._raw_info, id)
        return found  # type: ignore[return-value]

    @strawberry.field(description="The objects with these ids, in the same order; null for those that are not there.")
    def nodes(
        self,
        info: Info[Any, Any],
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="The objects' ids, at most 100.")],
    ) -> list[Node | None]:
        """The objects, awaited by the executor. Raises BadInput for what is no id of this graph."""
        if len(ids) > MAX_NODES:
            raise BadInput(f"at most {MAX_NODES} ids, got {len(ids)}", argument="ids")
        found: list[Any] = [load_node(info._raw_info, id) for id in ids]
        return found

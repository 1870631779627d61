"""Loading a row whose type is known only from its id or from another row: `node`, `nodes`, subjects, search hits."""

from collections.abc import Awaitable
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo

from core.ids import row_id
from execution.context import OperationContext
from execution.selection import row_columns
from loaders.base import One
from loaders.request import Request
from schema.registry import entity_by_id, entity_of

# The GraphQL type of a row, the edge to it and its key.
Target = tuple[str, One, str]


def table_target(table: str, key: str) -> Target:
    """The target that is the row of `table` with the UUID `key`."""
    entity = entity_of(table)
    return entity.name, entity.by_id, key


def node_target(public_id: str) -> Target:
    """The target that a public id names. Raises BadInput when it is no id of this graph."""
    entity = entity_by_id(public_id)
    return entity.name, entity.by_id, row_id(public_id, entity.prefix, entity.kind)


def load_target(info: GraphQLResolveInfo[Any], target: Target) -> Awaitable[Any]:
    """The row, or None, with the columns the field selects of its type."""
    type_name, edge, key = target
    context: OperationContext = info.context
    row_type = info.schema.get_type(type_name)
    assert isinstance(row_type, GraphQLObjectType)
    request = Request(row_columns(context, info.field_nodes, row_type))
    return context.loaders.rows(edge, request).load(key)

"""Loading a row whose type is known only from its id or from another row: `node`, `nodes`, subjects, search hits."""

from collections.abc import Awaitable
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo

from core.ids import row_id
from execution.context import OperationContext
from execution.selection import row_columns
from loaders.request import Request
from schema.registry import Entity, entity_by_id


def load_row(info: GraphQLResolveInfo[Any], entity: Entity, key: str) -> Awaitable[Any]:
    """The row of `entity` with the given UUID, or None, with the columns the field selects of that type."""
    context: OperationContext = info.context
    row_type = info.schema.get_type(entity.name)
    assert isinstance(row_type, GraphQLObjectType)
    request = Request(row_columns(context, info.field_nodes, row_type))
    return context.loaders.rows(entity.by_id, request).load(key)


def load_node(info: GraphQLResolveInfo[Any], public_id: str) -> Awaitable[Any]:
    """The object with a public id, or None. Raises BadInput when it is no id of this graph."""
    entity = entity_by_id(public_id)
    return load_row(info, entity, row_id(public_id, entity.prefix, entity.kind))

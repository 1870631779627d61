"""Loading a row whose type is known only from its id or from another row: `node`, `nodes`, subjects, search hits."""

from collections.abc import Awaitable
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo

from core.ids import row_id
from execution.context import OperationContext
from execution.permissions import require_type, visible
from execution.selection import owner_column, row_columns
from loaders.base import Children, One
from loaders.request import Request
from loaders.statements import rows
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


def load_target(info: GraphQLResolveInfo[Any], target: tuple[str, One | Children, str]) -> Awaitable[Any]:
    """The row, or None (for an edge to many: the rows), with the columns the field selects of its type.

    Raises Refused by the type of the row.
    """
    type_name, edge, key = target
    context: OperationContext = info.context
    row_type = info.schema.get_type(type_name)
    assert isinstance(row_type, GraphQLObjectType)
    require_type(row_type, context.actor)
    columns = row_columns(context, info.field_nodes, row_type)
    owner = owner_column(row_type, asked_for=True)
    if owner is not None and owner not in columns:
        columns = (*columns, owner)
    request = Request(columns, visible(row_type, context.actor))
    return context.loaders.rows(rows(edge, request)).load(key)

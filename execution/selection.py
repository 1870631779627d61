"""Which columns an operation needs of the rows below a field: those of the fields it selects, and no others.

A field that the actor may not see needs none: the database may not even grant its columns.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLList, GraphQLNonNull, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails, collect_subfields
from graphql.type import GraphQLOutputType, is_object_type

from auth.actor import Actor
from execution.fields import RowField
from execution.permissions import missing
from loaders.base import Source

if TYPE_CHECKING:
    from execution.context import OperationContext
    from execution.driver import Driver


def named_type(output: GraphQLOutputType) -> GraphQLOutputType:
    """The type inside all list and non-null wrappers."""
    while isinstance(output, GraphQLList | GraphQLNonNull):
        output = output.of_type
    return output


def source_of(kind: GraphQLObjectType) -> Source | None:
    """Where the rows of a type come from, if it shows a table."""
    source: Source | None = getattr(_origin(kind), "__source__", None)
    return source


def owner_column(kind: GraphQLObjectType, *, asked_for: bool = False) -> str | None:
    """The column of a type's rows that says whose they are, where the audit trail needs it (execution/trail.py).

    `asked_for` tells that the row was asked for by its id or number.
    """
    origin = _origin(kind)
    owner: str | None = getattr(origin, "__owner__", None)
    if owner is None and asked_for:
        source = source_of(kind)
        return "customer_id" if source is not None and "customer_id" in source.columns else None
    return owner


def _origin(kind: GraphQLObjectType) -> Any:
    definition = kind.extensions.get("strawberry-definition")
    return getattr(definition, "origin", None)


def _grouped(driver: "Driver", parent: GraphQLObjectType, details: list[FieldDetails]) -> list[list[FieldDetails]]:
    collected = collect_subfields(
        driver.schema, driver.fragments, driver.variable_values, driver.operation, parent, details
    )
    return list(collected.grouped_field_set.values())


def _row_columns(
    driver: "Driver", actor: Actor, parent: GraphQLObjectType, details: list[FieldDetails]
) -> dict[str, None]:
    columns: dict[str, None] = {}
    for group in _grouped(driver, parent, details):
        field = parent.fields.get(group[0].node.name.value)
        if field is not None and missing(field, actor):
            continue
        definition = field.extensions.get("strawberry-definition") if field else None
        if isinstance(definition, RowField):
            columns.update(dict.fromkeys(definition.columns))
    owner = owner_column(parent)
    return columns if owner is None else {**columns, owner: None}


def _details(nodes: Iterable[FieldNode]) -> list[FieldDetails]:
    return [FieldDetails(node, None) for node in nodes]


def row_columns(context: "OperationContext", nodes: list[FieldNode], row_type: GraphQLObjectType) -> tuple[str, ...]:
    """Columns selected of rows of `row_type` by the selection sets of `nodes`."""
    key = (id(nodes[0]), len(nodes), row_type.name)
    columns = context.selections.get(key)
    if columns is None:
        columns = tuple(_row_columns(context.driver, context.actor, row_type, _details(nodes)))
        context.selections[key] = columns
    return columns


def connection_columns(
    context: "OperationContext", nodes: list[FieldNode], connection: GraphQLObjectType, order: tuple[str, ...]
) -> tuple[str, ...]:
    """Columns selected of a connection's rows: below `nodes` and `edges { node }`; for cursors those of `order`."""
    key = (id(nodes[0]), len(nodes), connection.name, order)
    columns = context.selections.get(key)
    if columns is None:
        columns = tuple(_connection_columns(context.driver, context.actor, nodes, connection, order))
        context.selections[key] = columns
    return columns


def _connection_columns(
    driver: "Driver", actor: Actor, nodes: list[FieldNode], connection: GraphQLObjectType, order: tuple[str, ...]
) -> dict[str, None]:
    columns: dict[str, None] = {}
    for group in _grouped(driver, connection, _details(nodes)):
        name = group[0].node.name.value
        if name == "nodes":
            row_type = named_type(connection.fields[name].type)
            assert is_object_type(row_type)
            columns |= _row_columns(driver, actor, row_type, group)
        elif name == "edges":
            edge = named_type(connection.fields[name].type)
            assert is_object_type(edge)
            for inner in _grouped(driver, edge, group):
                field = inner[0].node.name.value
                if field == "node":
                    row_type = named_type(edge.fields[field].type)
                    assert is_object_type(row_type)
                    columns |= _row_columns(driver, actor, row_type, inner)
                elif field == "cursor":
                    columns |= dict.fromkeys(order)
        elif name == "pageInfo":
            page_info = named_type(connection.fields[name].type)
            assert is_object_type(page_info)
            wanted = {inner[0].node.name.value for inner in _grouped(driver, page_info, group)}
            if wanted & {"startCursor", "endCursor"}:
                columns |= dict.fromkeys(order)
    return columns

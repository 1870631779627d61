"""Which columns an operation needs of the rows below a field: those of the fields it selects, and no others."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphql import FieldNode, GraphQLList, GraphQLNonNull, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails, collect_subfields
from graphql.type import GraphQLOutputType, is_object_type

from execution.fields import RowField

if TYPE_CHECKING:
    from execution.context import OperationContext
    from execution.driver import Driver


def named_type(output: GraphQLOutputType) -> GraphQLOutputType:
    """The type inside all list and non-null wrappers."""
    while isinstance(output, GraphQLList | GraphQLNonNull):
        output = output.of_type
    return output


def _grouped(driver: "Driver", parent: GraphQLObjectType, details: list[FieldDetails]) -> list[list[FieldDetails]]:
    collected = collect_subfields(
        driver.schema, driver.fragments, driver.variable_values, driver.operation, parent, details
    )
    return list(collected.grouped_field_set.values())


def _row_columns(driver: "Driver", parent: GraphQLObjectType, details: list[FieldDetails]) -> dict[str, None]:
    columns: dict[str, None] = {}
    for group in _grouped(driver, parent, details):
        field = parent.fields.get(group[0].node.name.value)
        definition = field.extensions.get("strawberry-definition") if field else None
        if isinstance(definition, RowField):
            columns.update(dict.fromkeys(definition.columns))
    return columns


def _details(nodes: Iterable[FieldNode]) -> list[FieldDetails]:
    return [FieldDetails(node, None) for node in nodes]


def row_columns(context: "OperationContext", nodes: list[FieldNode], row_type: GraphQLObjectType) -> tuple[str, ...]:
    """Columns selected of rows of `row_type` by the selection sets of `nodes`."""
    key = (id(nodes[0]), len(nodes), row_type.name)
    columns = context.selections.get(key)
    if columns is None:
        columns = tuple(_row_columns(context.driver, row_type, _details(nodes)))
        context.selections[key] = columns
    return columns


def connection_columns(
    context: "OperationContext", nodes: list[FieldNode], connection: GraphQLObjectType, order: tuple[str, ...]
) -> tuple[str, ...]:
    """Columns selected of a connection's rows: below `nodes` and `edges { node }`; for cursors those of `order`."""
    key = (id(nodes[0]), len(nodes), connection.name, order)
    columns = context.selections.get(key)
    if columns is None:
        columns = tuple(_connection_columns(context.driver, nodes, connection, order))
        context.selections[key] = columns
    return columns


def _connection_columns(
    driver: "Driver", nodes: list[FieldNode], connection: GraphQLObjectType, order: tuple[str, ...]
) -> dict[str, None]:
    columns: dict[str, None] = {}
    for group in _grouped(driver, connection, _details(nodes)):
        name = group[0].node.name.value
        if name == "nodes":
            row_type = named_type(connection.fields[name].type)
            assert is_object_type(row_type)
            columns |= _row_columns(driver, row_type, group)
        elif name == "edges":
            edge = named_type(connection.fields[name].type)
            assert is_object_type(edge)
            for inner in _grouped(driver, edge, group):
                field = inner[0].node.name.value
                if field == "node":
                    row_type = named_type(edge.fields[field].type)
                    assert is_object_type(row_type)
                    columns |= _row_columns(driver, row_type, inner)
                elif field == "cursor":
                    columns |= dict.fromkeys(order)
        elif name == "pageInfo":
            page_info = named_type(connection.fields[name].type)
            assert is_object_type(page_info)
            wanted = {inner[0].node.name.value for inner in _grouped(driver, page_info, group)}
            if wanted & {"startCursor", "endCursor"}:
                columns |= dict.fromkeys(order)
    return columns

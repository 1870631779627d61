"""What every entity owes: published columns, edges with loaders, indexes, descriptions."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from strawberry.types.base import get_object_definition

import models
from execution.fields import RowField
from loaders.base import EDGES, Page
from resolvers.root import schema
from schema.fields import EdgeField
from schema.registry import Entity, entities, entity_of

# Tables that are no part of the graph, each with the reason.
UNPUBLISHED = {
    "source_keys": "bookkeeping of imports",
    "partner_book": "what partners may see, kept by the database",
    "users": "who may sign in is shown by auth/, not walked to",
    "sessions": "as users",
    "refresh_tokens": "digests of credentials",
    "recovery_codes": "digests of credentials",
    "api_keys": "as users",
    "signing_keys": "private keys",
    "data_keys": "keys of sealed values",
    "sealing_keys": "keys of sealed values",
    "idempotency_keys": "what came of commands that may be sent twice",
    "customer_merge_moves": "what a merge moved, to put it back",
    "audit_seals": "the chain over the audit log, for `c360 audit verify`",
    "event_queue": "events that wait for a number, which the service gives",
    "event_feed": "the places of events, shown with them",
    "trusted_documents": "operations that clients ask for by hash, for `c360 documents`",
}

_ENTITIES = entities()
_UNIQUE = (UniqueConstraint, PrimaryKeyConstraint)


def _fields(entity: Entity) -> list[Any]:
    definition = get_object_definition(entity.type, strict=True)
    return list(definition.fields)


def test_every_table_is_an_entity_or_deliberately_not() -> None:
    published = {entity.table.name for entity in _ENTITIES}
    assert published | set(UNPUBLISHED) == set(models.metadata.tables)


@pytest.mark.parametrize("entity", _ENTITIES, ids=lambda e: e.name)
def test_every_column_is_published_or_deliberately_not(entity: Entity) -> None:
    shown = {column for field in _fields(entity) if isinstance(field, RowField) for column in field.columns}
    columns = {column.name for column in entity.table.columns}
    assert columns - shown - entity.hidden == set(), "publish the column or name it in hidden="
    assert entity.hidden <= columns
    assert not entity.hidden & shown


@pytest.mark.parametrize("entity", _ENTITIES, ids=lambda e: e.name)
def test_every_object_field_is_an_edge_with_a_loader(entity: Entity) -> None:
    """Whatever leads to another row goes through a declared loader: no resolver fetches by itself."""
    graphql_type = schema._schema.type_map[entity.name]
    assert isinstance(graphql_type, GraphQLObjectType)
    for name, field in graphql_type.fields.items():
        definition = field.extensions["strawberry-definition"]
        assert isinstance(definition, RowField), f"{entity.name}.{name} is neither a column nor an edge"


@pytest.mark.parametrize("entity", _ENTITIES, ids=lambda e: e.name)
def test_every_foreign_key_can_be_walked_both_ways(entity: Entity) -> None:
    forward = {field.local for field in _fields(entity) if isinstance(field, EdgeField)}
    for column in entity.table.columns:
        if not column.foreign_keys:
            continue
        assert column.name in forward, f"{entity.name}: no edge from {column.name}"
        target = entity_of(next(iter(column.foreign_keys)).column.table.name)
        back = [field.edge for field in _fields(target) if isinstance(field, EdgeField)]
        owned_by_parent = {"customer_id"} if entity.table.name in _PARTS else set()
        reachable = any(edge.source.name == entity.table.name and edge.key_column == column.name for edge in back)
        if column.name not in owned_by_parent | _ONE_WAY.get(entity.table.name, set()):
            assert reachable, f"{target.name} has no edge back over {entity.table.name}.{column.name}"


# Parts of an order, contract, claim or receipt are reached through it; their customer_id serves scope and erasure.
_PARTS = {
    "contract_parties",
    "order_status_changes",
    "order_documents",
    "medical_exams",
    "underwriting_decisions",
    "claim_notes",
    "claim_documents",
    "claim_payments",
    "claim_approvals",
    "receipt_matches",
}
# Who wrote, verified or decided a part is shown on the part; an agent's notes are not a list one asks for.
_ONE_WAY = {
    "order_status_changes": {"agent_id"},
    "order_documents": {"verified_by_id"},
    "underwriting_decisions": {"underwriter_id"},
    "claim_notes": {"agent_id"},
    "claim_documents": {"verified_by_id"},
    "claim_approvals": {"agent_id"},
}


def _indexed_prefixes(table: Table) -> set[tuple[str, ...]]:
    lists = [[c.name for c in index.columns] for index in table.indexes]
    lists += [
        [c.name for c in constraint.columns] for constraint in table.constraints if isinstance(constraint, _UNIQUE)
    ]
    return {tuple(names[:length]) for names in lists for length in range(1, len(names) + 1)}


def _has_root_list(entity: Entity) -> bool:
    return any(
        isinstance(edge, Page) and edge.source.name == entity.table.name and not edge.key_column and not edge.match
        for edge in EDGES
    )


def test_every_edge_filter_and_order_is_indexed() -> None:
    missing = []
    for edge in EDGES:
        table = models.metadata.tables.get(edge.source.name)
        if table is None:
            continue
        prefixes = _indexed_prefixes(table)
        order = tuple(name.lstrip("-") for name in edge.order)
        if edge.key_column:
            wanted = (edge.key_column, *order, "id") if order and isinstance(edge, Page) else (edge.key_column,)
        elif isinstance(edge, Page) and edge.match is None:
            wanted = (*order, "id")
        else:
            continue
        if wanted not in prefixes:
            missing.append(f"{table.name}{wanted}")
    for entity in _ENTITIES:
        prefixes = _indexed_prefixes(entity.table)
        # An entity without a list of its own is filtered and ordered within its parent's rows.
        leading = {names[-1] for names in prefixes if len(names) == (1 if _has_root_list(entity) else 2)}
        filters = entity.where.__columns__.values() if entity.where else ()
        orders = [member.value for member in entity.order.__annotations__["field"]] if entity.order else []
        missing += [f"filter {entity.table.name}.{column}" for column in filters if column not in leading]
        missing += [f"order {entity.table.name}.{column}" for column in orders if column not in leading]
    assert not missing, "\n".join(missing)


def test_everything_has_a_description() -> None:
    bare = []
    for name, kind in schema._schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    bare.append(f"{name}.{field_name}")
                bare += [f"{name}.{field_name}({arg})" for arg, value in field.args.items() if not value.description]
        elif isinstance(kind, GraphQLInputObjectType):
            bare += [f"{name}.{field}" for field, value in kind.fields.items() if not value.description]
        elif isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, member in kind.values.items() if not member.description]
    assert not bare, bare


def test_every_customer_owned_table_carries_customer_id() -> None:
    not_owned = {
        "customers",
        "households",
        "agents",
        "teams",
        "partners",
        "products",
        "product_categories",
        # Access: nobody there is a customer.
        "idempotency_keys",
        "users",
        "sessions",
        "refresh_tokens",
        "recovery_codes",
        "api_keys",
        "signing_keys",
        "sealing_keys",
        "trusted_documents",
        "audit_entries",  # concern any number of customers, and outlive them
        "audit_seals",
        # Of partners. What is delivered names an event, and is forgotten after thirty days.
        "webhook_endpoints",
        "webhook_deliveries",
    }
    for table in models.metadata.tables.values():
        assert ("customer_id" in table.columns) != (table.name in not_owned), table.name

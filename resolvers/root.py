"""The root of the graph: everything one can ask for, and the Schema made of it."""

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

import schema as _areas  # noqa: F401  (links the types before the schema is made)
from execution import permissions
from execution.driver import Driver
from resolvers import (
    access,
    audit,
    billing,
    bulk,
    claims,
    complaints,
    contracts,
    customers,
    explain,
    follow_ups,
    history,
    households,
    interactions,
    merges,
    node,
    orders,
    own_account,
    products,
    receipts,
    sealed,
    search,
    staff,
    users,
    webhooks,
    workflows,
)
from schema.registry import entities
from schema.scalars import SCALARS

AREAS = (
    node,
    search,
    customers,
    merges,
    households,
    contracts,
    billing,
    receipts,
    orders,
    claims,
    interactions,
    complaints,
    follow_ups,
    history,
    products,
    staff,
    audit,
    access,
    users,
    explain,
    workflows,
    webhooks,
    sealed,
)

# The areas in which something can be done.
CHANGING = (
    customers,
    merges,
    households,
    contracts,
    billing,
    receipts,
    orders,
    claims,
    interactions,
    complaints,
    follow_ups,
    history,
    webhooks,
)

Query = merge_types("Query", tuple(area.Query for area in AREAS))
Query.__strawberry_definition__.description = "Everything one can ask for."  # type: ignore[attr-defined]

changing = tuple(area.Mutation for area in CHANGING)
accounts = (access.Mutation, own_account.Mutation, users.Mutation, sealed.Mutation)
Mutation = merge_types("Mutation", (*accounts, *changing, bulk.mutation()))
Mutation.__strawberry_definition__.description = "Everything one can do."  # type: ignore[attr-defined]

Subscription = merge_types("Subscription", tuple(area.Subscription for area in (history, claims, orders, complaints)))
Subscription.__strawberry_definition__.description = "Everything one can follow."  # type: ignore[attr-defined]

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[entity.type for entity in entities()],
    config=StrawberryConfig(scalar_map=SCALARS),
    execution_context_class=Driver,
)
permissions.declare(schema._schema)

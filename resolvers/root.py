"""The root of the graph: everything one can ask for, and the Schema made of it."""

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

import schema as _areas  # noqa: F401  (links the types before the schema is made)
from execution.driver import Driver
from resolvers import (
    billing,
    claims,
    complaints,
    contracts,
    customers,
    households,
    interactions,
    node,
    orders,
    products,
    search,
    staff,
)
from schema.registry import entities
from schema.scalars import SCALARS

AREAS = (
    node,
    search,
    customers,
    households,
    contracts,
    billing,
    orders,
    claims,
    interactions,
    complaints,
    products,
    staff,
)

Query = merge_types("Query", tuple(area.Query for area in AREAS))
Query.__strawberry_definition__.description = "Everything one can ask for."  # type: ignore[attr-defined]

schema = strawberry.Schema(
    query=Query,
    types=[entity.type for entity in entities()],
    config=StrawberryConfig(scalar_map=SCALARS),
    execution_context_class=Driver,
)

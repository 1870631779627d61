"""How the graph is fetched: every edge is declared here, one line each, in the module of its area."""

from loaders import (
    billing,
    claims,
    complaints,
    contact_points,
    contracts,
    customers,
    history,
    households,
    interactions,
    orders,
    products,
    staff,
)

__all__ = [
    "billing",
    "claims",
    "complaints",
    "contact_points",
    "contracts",
    "customers",
    "history",
    "households",
    "interactions",
    "orders",
    "products",
    "staff",
]

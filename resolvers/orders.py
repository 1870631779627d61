"""What one can ask of orders."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.fields import page
from schema.orders import Order


@strawberry.type
class Query:
    """Root fields of orders."""

    order: Order | None = lookup(loaders.orders.by_id, loaders.orders.by_number, "An order, by id or order number.")
    orders: Connection[Order] | None = page(loaders.orders.all_orders, "Orders.", local=None)

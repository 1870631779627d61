"""What one can ask of customers."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.customers import Customer
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of customers."""

    customer: Customer | None = lookup(
        loaders.customers.by_id, loaders.customers.by_number, "A customer, by id or customer number."
    )
    customers: Connection[Customer] | None = page(loaders.customers.all_customers, "Customers.", local=None)

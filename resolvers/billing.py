"""What one can ask of billing."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.billing import Payment
from schema.connections import Connection
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of billing."""

    payment: Payment | None = lookup(loaders.billing.by_id, None, "A payment, by id.")
    payments: Connection[Payment] | None = page(loaders.billing.all_payments, "Payments.", local=None)

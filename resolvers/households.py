"""What one can ask of households."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.fields import page
from schema.households import Household


@strawberry.type
class Query:
    """Root fields of households."""

    household: Household | None = lookup(
        loaders.households.by_id, loaders.households.by_number, "A household, by id or number."
    )
    households: Connection[Household] | None = page(loaders.households.all_households, "Households.", local=None)

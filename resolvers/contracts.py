"""What one can ask of contracts."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.contracts import Contract
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of contracts."""

    contract: Contract | None = lookup(
        loaders.contracts.by_id, loaders.contracts.by_number, "A contract, by id or contract number."
    )
    contracts: Connection[Contract] | None = page(loaders.contracts.all_contracts, "Contracts.", local=None)

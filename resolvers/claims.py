"""What one can ask of claims."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.claims import Claim
from schema.connections import Connection
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of claims."""

    claim: Claim | None = lookup(loaders.claims.by_id, loaders.claims.by_number, "A claim, by id or claim number.")
    claims: Connection[Claim] | None = page(loaders.claims.all_claims, "Claims.", local=None)

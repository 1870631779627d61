"""What one can ask of interactions."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.fields import page
from schema.interactions import Interaction


@strawberry.type
class Query:
    """Root fields of interactions."""

    interaction: Interaction | None = lookup(loaders.interactions.by_id, None, "An interaction, by id.")
    interactions: Connection[Interaction] | None = page(
        loaders.interactions.all_interactions, "Interactions, anonymous ones included.", local=None
    )

"""What one can ask of interactions."""

import strawberry

import loaders
from changes import interactions
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.fields import page
from schema.interactions import Interaction
from schema.payloads import InteractionPayload


@strawberry.type
class Query:
    """Root fields of interactions."""

    interaction: Interaction | None = lookup(loaders.interactions.by_id, None, "An interaction, by id.")
    interactions: Connection[Interaction] | None = page(
        loaders.interactions.all_interactions, "Interactions, anonymous ones included.", local=None
    )


@strawberry.type
class Mutation:
    """What can be done with interactions."""

    log_interaction = does(interactions.LogInteraction, InteractionPayload)

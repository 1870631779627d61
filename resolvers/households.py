"""What one can ask of households."""

import strawberry

import loaders
from changes import households, relationships
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.customer_payloads import HouseholdPayload, RelationshipPayload
from schema.fields import page
from schema.households import Household


@strawberry.type
class Query:
    """Root fields of households."""

    household: Household | None = lookup(
        loaders.households.by_id, loaders.households.by_number, "A household, by id or number."
    )
    households: Connection[Household] | None = page(loaders.households.all_households, "Households.", local=None)


@strawberry.type
class Mutation:
    """What can be done with relationships and households."""

    establish_relationship = does(relationships.EstablishRelationship, RelationshipPayload)
    end_relationship = does(relationships.EndRelationship, RelationshipPayload)
    found_household = does(households.FoundHousehold, HouseholdPayload)
    join_household = does(households.JoinHousehold, HouseholdPayload)
    leave_household = does(households.LeaveHousehold, HouseholdPayload)

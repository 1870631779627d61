"""What one can ask of follow-up tasks."""

import strawberry

import loaders
from changes import follow_ups
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.fields import page
from schema.follow_ups import FollowUp
from schema.payloads import FollowUpPayload


@strawberry.type
class Query:
    """Root fields of follow-up tasks."""

    follow_up: FollowUp | None = lookup(loaders.follow_ups.by_id, None, "A follow-up task, by id.")
    follow_ups: Connection[FollowUp] | None = page(loaders.follow_ups.all_follow_ups, "Follow-up tasks.", local=None)


@strawberry.type
class Mutation:
    """What can be done with follow-up tasks."""

    create_follow_up = does(follow_ups.CreateFollowUp, FollowUpPayload)
    reschedule_follow_up = does(follow_ups.RescheduleFollowUp, FollowUpPayload)
    reassign_follow_up = does(follow_ups.ReassignFollowUp, FollowUpPayload)
    complete_follow_up = does(follow_ups.CompleteFollowUp, FollowUpPayload)
    cancel_follow_up = does(follow_ups.CancelFollowUp, FollowUpPayload)
    mark_follow_up_due = does(follow_ups.MarkFollowUpDue, FollowUpPayload)

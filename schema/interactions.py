"""Interactions as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING

import loaders
from models import interactions as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, one, page
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.follow_ups import FollowUp
    from schema.history import Event
    from schema.staff import Agent


@entity(
    models.Interaction,
    "int",
    loaders.interactions.by_id,
    "interactions:read",
    where=("type", "channel", "direction", "outcome", "agent_id", "contract_id", "claim_id", "occurred_at"),
    order_by=("occurred_at",),
)
class Interaction(Node):
    """A discrete contact between a customer, or someone not yet known, and the insurer."""

    customer: "Customer | None" = one(loaders.customers.by_id, "customer_id")
    anonymous_reference: str | None = column()
    type: models.InteractionType = column()
    channel: models.Channel = column()
    direction: models.Direction = column()
    outcome: models.InteractionOutcome | None = column()
    subject: str = column()
    summary: str | None = column()
    occurred_at: datetime = column()
    duration_seconds: int | None = column()
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    contract: "Contract | None" = one(loaders.contracts.by_id, "contract_id")
    claim: "Claim | None" = one(loaders.claims.by_id, "claim_id")
    attributes: Json = column()
    created_at: datetime = column()

    complaints: Connection["Complaint"] | None = page(
        loaders.complaints.of_interaction, "Complaints made in the contact."
    )
    follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.of_interaction, "Tasks that the contact left behind."
    )
    completed_follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.completed_in, "Tasks that were done in the contact."
    )
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened around the contact.")

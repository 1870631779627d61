"""Follow-up tasks as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING

import loaders
from models import follow_ups as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, one, page
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.history import Event
    from schema.interactions import Interaction
    from schema.staff import Agent


@entity(
    models.FollowUp,
    "fup",
    loaders.follow_ups.by_id,
    "interactions:read",
    where=("status", "priority", "assignee_id", "requester_id", "due_at"),
    order_by=("due_at",),
)
class FollowUp(Node):
    """A task that a contact leaves behind, such as to call back on Tuesday about the quote."""

    customer: "Customer | None" = one(loaders.customers.by_id, "customer_id")
    interaction: "Interaction" = one(loaders.interactions.by_id, "interaction_id")
    assignee: "Agent | None" = one(loaders.staff.agent_by_id, "assignee_id")
    requester: "Agent | None" = one(loaders.staff.agent_by_id, "requester_id")
    subject: str = column()
    note: str | None = column()
    priority: models.FollowUpPriority = column()
    due_at: datetime = column()
    status: models.FollowUpStatus = column()
    outcome: str | None = column()
    completed_at: datetime | None = column()
    completing_interaction: "Interaction | None" = one(loaders.interactions.by_id, "completing_interaction_id")
    available_transitions: list[str] = transitions(models.FOLLOW_UP_WORKFLOW)
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the task.")

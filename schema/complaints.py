"""Complaints as the graph shows them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import complaints as models
from models.interactions import Channel
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, one, page
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.history import Event
    from schema.interactions import Interaction
    from schema.staff import Agent


@entity(
    models.Complaint,
    "cmp",
    loaders.complaints.by_id,
    "complaints:read",
    where=("number", "category", "status", "handler_id", "contract_id", "claim_id", "filed_at", "due_on"),
    order_by=("filed_at", "due_on", "number"),
)
class Complaint(Node):
    """A formal expression of dissatisfaction."""

    number: str = column()
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    category: models.ComplaintCategory = column()
    status: models.ComplaintStatus = column()
    channel: Channel = column()
    description: str = column()
    filed_at: datetime = column()
    due_on: date = column()
    resolution: str | None = column()
    resolved_at: datetime | None = column()
    regulator_reference: str | None = column()
    handler: "Agent | None" = one(loaders.staff.agent_by_id, "handler_id")
    interaction: "Interaction | None" = one(loaders.interactions.by_id, "interaction_id")
    contract: "Contract | None" = one(loaders.contracts.by_id, "contract_id")
    claim: "Claim | None" = one(loaders.claims.by_id, "claim_id")
    available_transitions: list[str] = transitions(models.COMPLAINT_WORKFLOW)
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the complaint.")

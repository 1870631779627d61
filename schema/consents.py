"""Consents as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING

import loaders
from models import consents as models
from models.interactions import Channel
from schema.entity import Node, entity
from schema.fields import column, one

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.staff import Partner


@entity(
    models.Consent,
    "cst",
    loaders.consents.by_id,
    "customers:read",
    where=("purpose", "status", "recorded_at"),
    order_by=("recorded_at",),
)
class Consent(Node):
    """What a customer said about a purpose; for each purpose the newest counts."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    purpose: models.ConsentPurpose = column()
    status: models.ConsentStatus = column()
    channel: Channel = column()
    recorded_at: datetime = column()
    partner: "Partner | None" = one(loaders.staff.partner_by_id, "partner_id")

"""Webhook endpoints and their deliveries as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from strawberry import Info

import loaders
from changes.webhook_secrets import opened
from events import cursor
from models import webhooks as models
from schema.commands import Result, result_of
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, one, page
from schema.mutations import context_of, payload
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.history import Event
    from schema.staff import Partner


def _place(row: Any) -> str | None:
    if row["event_id"] is None:
        return None
    return cursor.encode(cursor.Position.of(row["feed_number"], row["event_id"]))


@entity(
    models.WebhookEndpoint,
    "whe",
    loaders.webhooks.by_id,
    "webhooks:read",
    where=("status",),
    order_by=("created_at",),
    hidden=("secret", "previous_secret", "feed_number"),
)
class WebhookEndpoint(Node):
    """An address of a partner to which events are delivered."""

    partner: "Partner | None" = one(loaders.staff.partner_by_id, "partner_id")
    url: str = column()
    description: str | None = column()
    event_types: list[str] = column()
    scopes: list[str] = column()
    status: models.WebhookStatus = column()
    available_transitions: list[str] = transitions(models.WEBHOOK_WORKFLOW)
    previous_secret_until: datetime | None = column()
    failing_since: datetime | None = column()
    disabled_reason: models.DisabledReason | None = column()
    deliveries: "Connection[WebhookDelivery] | None" = page(
        loaders.webhooks.deliveries_of, "What was delivered to it, and what waits; the newest first."
    )
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()


@entity(
    models.WebhookDelivery,
    "whd",
    loaders.webhooks.delivery_by_id,
    "webhooks:read",
    where=("status",),
    order_by=("created_at",),
    hidden=("partner_id", "about_id", "order_key", "lease", "leased_until"),
)
class WebhookDelivery(Node):
    """Something that is delivered to an endpoint, at least once."""

    endpoint: WebhookEndpoint = one(loaders.webhooks.by_id, "endpoint_id")
    message: models.WebhookMessage = column()
    event: "Event | None" = one(loaders.history.by_id, "event_id")
    cursor: str | None = column(
        "feed_number",
        "event_id",
        read=_place,
        description="The event's place in the feed: `replayWebhook` after it delivers what followed once more.",
    )
    status: models.DeliveryStatus = column()
    attempts: int = column()
    next_attempt_at: datetime = column()
    answer_status: int | None = column()
    failure: str | None = column()
    created_at: datetime = column()
    attempted_at: datetime | None = column()
    settled_at: datetime | None = column()


def _webhook() -> Any:
    return result_of(loaders.webhooks.by_id, "webhook", "The endpoint as it is now.")


@payload("A webhook endpoint that was changed.")
class WebhookPayload:
    """Of commands about webhook endpoints."""

    webhook: WebhookEndpoint | None = _webhook()


async def _secret(root: Any, info: Info) -> str | None:
    result: Result = root
    sealed = result["secret"]
    if sealed is None:
        return None
    keyring = await context_of(info).services.keys.keyring()
    return opened(keyring, UUID(result["webhook"]), sealed)


@payload("A webhook endpoint with a new secret.")
class WebhookSecretPayload:
    """Of commands that make a secret."""

    webhook: WebhookEndpoint | None = _webhook()
    secret: str | None = strawberry.field(
        resolver=_secret, description="Keep it: it is shown this once. Deliveries are signed with it."
    )


@payload("A test of a webhook endpoint.")
class WebhookTestPayload:
    """Of the test."""

    webhook: WebhookEndpoint | None = _webhook()
    delivery: WebhookDelivery | None = result_of(
        loaders.webhooks.delivery_by_id, "delivery", "The test; ask again for what came of it."
    )


@payload("Deliveries that are tried anew.")
class WebhookRetryPayload:
    """Of trying dead deliveries anew."""

    webhook: WebhookEndpoint | None = _webhook()
    count: int | None = strawberry.field(resolver=lambda root: root["count"], description="How many are tried anew.")

"""Edges to webhook endpoints and their deliveries."""

from loaders.base import one, page
from models.webhooks import WebhookDelivery, WebhookEndpoint

by_id = one(WebhookEndpoint)
all_webhooks = page(WebhookEndpoint, order="created_at")
of_partner = page(WebhookEndpoint, "partner_id", order="created_at")

delivery_by_id = one(WebhookDelivery)
deliveries_of = page(WebhookDelivery, "endpoint_id", order="-created_at")

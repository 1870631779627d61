"""What one can ask of webhooks, and do with them."""

import strawberry

import loaders
from changes import webhooks
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.fields import page
from schema.webhooks import (
    WebhookEndpoint,
    WebhookPayload,
    WebhookRetryPayload,
    WebhookSecretPayload,
    WebhookTestPayload,
)


@strawberry.type
class Query:
    """Root fields of webhooks."""

    webhook: WebhookEndpoint | None = lookup(loaders.webhooks.by_id, None, "A webhook endpoint, by id.")
    webhooks: Connection[WebhookEndpoint] | None = page(
        loaders.webhooks.all_webhooks, "Webhook endpoints: a partner's own.", local=None
    )


@strawberry.type
class Mutation:
    """What can be done with webhooks."""

    register_webhook = does(webhooks.RegisterWebhook, WebhookSecretPayload)
    change_webhook = does(webhooks.ChangeWebhook, WebhookPayload)
    pause_webhook = does(webhooks.PauseWebhook, WebhookPayload)
    resume_webhook = does(webhooks.ResumeWebhook, WebhookPayload)
    disable_webhook = does(webhooks.DisableWebhook, WebhookPayload)
    remove_webhook = does(webhooks.RemoveWebhook, WebhookPayload)
    rotate_webhook_secret = does(webhooks.RotateWebhookSecret, WebhookSecretPayload)
    test_webhook = does(webhooks.TestWebhook, WebhookTestPayload)
    replay_webhook = does(webhooks.ReplayWebhook, WebhookPayload)
    retry_webhook_deliveries = does(webhooks.RetryWebhookDeliveries, WebhookRetryPayload)

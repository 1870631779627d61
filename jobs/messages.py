"""What is delivered: the event as the partner's own query would show it, signed as Standard Webhooks has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
import psycopg
from graphql import OperationType
from standardwebhooks import Webhook

from auth.actor import Actor, ActorKind, Audience
from auth.permissions import ROLES
from changes.webhook_secrets import opened
from core.ids import public_id
from core.sealing import Keyring
from core.snapshot import Pool
from events.cursor import Position, encode
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Runner
from models.roles import Role
from models.webhooks import WebhookMessage

# With row-level security and permissions as for the partner itself; null is what it may not see.
_EVENT = """query WebhookEvent($id: ID!) {
  node(id: $id) {
    ... on Event {
      id type category summary occurredAt recordedAt subjectKind
      customer { id number }
      subject { __typename ... on Contract { id number } ... on Order { id number } ... on Claim { id number } }
    }
  }
}"""

_TYPES = {WebhookMessage.TEST: "webhook.test", WebhookMessage.ENDPOINT_DISABLED: "webhook.endpoint_disabled"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where deliveries go, as it is when one is sent."""

    id: UUID
    partner_id: UUID
    url: str
    scopes: list[str]
    secrets: list[str] = field(repr=False)

    @property
    def actor(self) -> Actor:
        """The partner, with no more permissions than whoever registered the endpoint had, and partners have."""
        permissions = ROLES[Role.PARTNER] & frozenset(self.scopes)
        return Actor(
            ActorKind.SYSTEM,
            Audience.PARTNER,
            roles=frozenset({Role.PARTNER}),
            permissions=permissions,
            partner_id=str(self.partner_id),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A body, and the headers that name and sign it."""

    headers: dict[str, str]
    body: bytes


async def event_body(
    runner: Runner, readers: Pool, endpoint: Endpoint, event_id: UUID, feed_number: int
) -> bytes | None:
    """The body for an event; None when the partner may not see it, now.

    Raises psycopg.OperationalError when that cannot be told at the moment.
    """
    async with OperationContext(readers, endpoint.actor) as context:
        request = GraphQLRequest(_EVENT, {"id": public_id("evt", str(event_id))})
        outcome = await runner.run(request, context, (OperationType.QUERY,))
    codes = {error["extensions"]["code"] for error in outcome.errors}
    if codes - {"FORBIDDEN"}:
        raise psycopg.OperationalError(f"the event could not be read: {', '.join(sorted(codes))}")
    # Of a part that it may not see there is a null, and an error that the other parts can do without.
    event = (outcome.data or {}).get("node")
    if event is None:
        return None
    cursor = encode(Position.of(feed_number, str(event_id)))
    return _body(event["type"], event["occurredAt"], {**event, "cursor": cursor})


def service_body(message: WebhookMessage, created_at: datetime, about_id: UUID | None) -> bytes:
    """The body of a message of the service itself."""
    data = {} if about_id is None else {"endpoint": public_id("whe", str(about_id))}
    return _body(_TYPES[message], created_at, data)


def signed(endpoint: Endpoint, keyring: Keyring, message_id: str, body: bytes, now: datetime) -> Message:
    """The message with its headers: a signature by each secret that is good. Raises SealError."""
    text = body.decode()
    signatures = [
        Webhook(opened(keyring, endpoint.id, secret)).sign(message_id, now, text) for secret in endpoint.secrets
    ]
    headers = {
        "content-type": "application/json",
        "user-agent": "customer360-webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Message(headers, body)


def _body(kind: str, moment: object, data: Mapping[str, object]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": moment, "data": data}, option=orjson.OPT_UTC_Z)

"""What can be done with webhook endpoints, and with what is delivered to them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from auth.actor import Audience
from auth.permissions import ROLES
from changes.commands import UNCHANGED, Command, Made, ObjectCommand, Unchanged, given, optional
from changes.errors import Impossible
from changes.webhook_secrets import new_secret, sealed
from changes.work import Work
from core.addresses import LONGEST_URL, UnfitURL
from core.errors import BadInput
from core.ids import new_id
from events import cursor
from models.roles import Role
from models.scope import PARTNER_EVENTS
from models.staff import Partner
from models.webhooks import (
    WEBHOOK_WORKFLOW,
    DeliveryStatus,
    DisabledReason,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookStatus,
)

MOST_ENDPOINTS = 20
MOST_RETRIED = 100

_TYPES = "The types of events it wants, such as ClaimSubmitted; empty for all that the partner may see."
_HEAD = "select coalesce(max(number), 0) from event_feed"
_PLACE = "select event_id::text from event_feed where number = %s"
_DEAD = """
select id from webhook_deliveries where endpoint_id = %s and status = 'DEAD' order by created_at, id limit %s"""


class RegisterWebhook(Command):
    """Have events delivered to an address of a partner, from now on. The secret that signs them is shown this once."""

    permission = "webhooks:write"

    partner_id: UUID | None = given(
        "The partner whose endpoint it is. A partner's own users leave it out.", of=Partner, default=None
    )
    url: str = given("Where to send events, by POST; https.", longest=LONGEST_URL)
    description: str | None = given("What it is for.", default=None, longest=200)
    event_types: tuple[str, ...] = given(_TYPES, default=())

    async def perform(self, work: Work) -> Made:
        """It begins where the feed ends now, and delivers what its maker may see, no more."""
        work.require("history:read")
        own = work.actor.partner_id
        if own is None and self.partner_id is None:
            raise BadInput("name the partner whose endpoint it is", argument="input.partnerId")
        partner = await work.fetch(Partner, self.partner_id or UUID(own), argument="partnerId")
        _check_url(work, self.url)
        _check_types(self.event_types)
        present = await work.rows_of(WebhookEndpoint, partner_id=partner.id)
        if sum(endpoint.status != WebhookStatus.REMOVED for endpoint in present) >= MOST_ENDPOINTS:
            raise Impossible("TOO_MANY_WEBHOOKS", f"a partner has at most {MOST_ENDPOINTS} webhook endpoints")
        role = ROLES[Role.PARTNER]
        scopes = work.actor.permissions & role if work.actor.audience is Audience.PARTNER else role
        endpoint_id = new_id()
        secret = sealed(await work.keyring(), endpoint_id, new_secret())
        head = await (await work.connection.execute(_HEAD)).fetchone()
        assert head is not None
        await work.create(
            WebhookEndpoint(
                id=endpoint_id,
                partner_id=partner.id,
                url=self.url,
                description=self.description,
                event_types=sorted(set(self.event_types)),
                scopes=sorted(scopes),
                status=WebhookStatus.ACTIVE,
                secret=secret,
                feed_number=head[0],
            )
        )
        return {"webhook": endpoint_id, "secret": secret}


class ChangeWebhook(ObjectCommand):
    """Change where events are sent, and which. What waits for delivery goes to the new address."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)
    url: str | Unchanged = optional("Where to send events, by POST; https.", longest=LONGEST_URL)
    description: str | Unchanged | None = optional("What it is for.", longest=200)
    event_types: tuple[str, ...] | Unchanged = optional(_TYPES)

    async def perform(self, work: Work) -> Made:
        """Change it."""
        endpoint = await _fetch(work, self.webhook_id, self.expected_version)
        values = self.given_values("webhook_id", "expected_version")
        if self.url is not UNCHANGED:
            _check_url(work, values["url"])
        if self.event_types is not UNCHANGED:
            _check_types(values["event_types"])
            values["event_types"] = sorted(set(values["event_types"]))
        await work.change(endpoint, **values)
        return {"webhook": endpoint.id}


class PauseWebhook(ObjectCommand):
    """Deliver nothing for now. What happens meanwhile is delivered once it is resumed."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)

    async def perform(self, work: Work) -> Made:
        """Step."""
        return await _step(work, self, "pause")


class ResumeWebhook(ObjectCommand):
    """Go on delivering where it stopped."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)

    async def perform(self, work: Work) -> Made:
        """Step; what is behind it is no reason to disable it again."""
        endpoint = await work.fetch(WebhookEndpoint, self.webhook_id, self.expected_version, argument="webhookId")
        await work.step(endpoint, WEBHOOK_WORKFLOW, "resume", failing_since=None, disabled_reason=None)
        return {"webhook": endpoint.id}


class DisableWebhook(ObjectCommand):
    """Stop delivering to an endpoint that does not answer, and tell the partner's other endpoints."""

    permission = "webhooks:disable"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)
    reason: DisabledReason = given("Why.", default=DisabledReason.BY_HAND)

    async def perform(self, work: Work) -> Made:
        """Step, and put the news in line."""
        made = await _step(work, self, "disable", disabled_reason=self.reason)
        endpoint = await work.fetch(WebhookEndpoint, self.webhook_id)
        others = await work.rows_of(
            WebhookEndpoint, partner_id=endpoint.partner_id, status=WebhookStatus.ACTIVE, order="created_at"
        )
        for other in others:
            await work.create(_message(other, WebhookMessage.ENDPOINT_DISABLED, about=endpoint.id))
        return made


class RemoveWebhook(ObjectCommand):
    """Deliver nothing any more. It cannot be taken back."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)

    async def perform(self, work: Work) -> Made:
        """Step."""
        return await _step(work, self, "remove")


class RotateWebhookSecret(ObjectCommand):
    """Sign with a new secret, which is shown this once; for a while deliveries carry signatures by both."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)
    overlap_hours: int = given("How long the old secret signs too.", default=24, least=0, most=168)

    async def perform(self, work: Work) -> Made:
        """Exchange it. An older one that still signed ends now: there are never more than two."""
        endpoint = await _fetch(work, self.webhook_id, self.expected_version)
        secret = sealed(await work.keyring(), endpoint.id, new_secret())
        overlaps = self.overlap_hours > 0
        await work.change(
            endpoint,
            secret=secret,
            previous_secret=endpoint.secret if overlaps else None,
            previous_secret_until=work.now + timedelta(hours=self.overlap_hours) if overlaps else None,
        )
        return {"webhook": endpoint.id, "secret": secret}


class TestWebhook(Command):
    """Send a test to an endpoint, whether it is active or not; the delivery shows what came of it."""

    permission = "webhooks:write"
    # Not a class of tests, whatever its name begins with.
    __test__ = False

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)

    async def perform(self, work: Work) -> Made:
        """Put it in line, one at a time."""
        endpoint = await _fetch(work, self.webhook_id)
        waiting = await work.rows_of(
            WebhookDelivery,
            endpoint_id=endpoint.id,
            message=WebhookMessage.TEST,
            status=DeliveryStatus.WAITING,
        )
        if waiting:
            raise Impossible("TEST_WAITING", "the last test still waits for its delivery", "webhookId")
        delivery = await work.create(_message(endpoint, WebhookMessage.TEST))
        return {"webhook": endpoint.id, "delivery": delivery.id}


class ReplayWebhook(ObjectCommand):
    """Deliver all events after a place in the feed once more, with the ids they had; then go on as usual."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)
    after: str = given("The cursor of an event; what follows it is delivered.", longest=100)

    async def perform(self, work: Work) -> Made:
        """Put the endpoint back to that place."""
        endpoint = await _fetch(work, self.webhook_id, self.expected_version)
        try:
            position = cursor.decode(self.after)
        except cursor.CursorInvalid as error:
            raise Impossible(error.code, str(error).removeprefix("after: "), "after") from None
        row = await (await work.connection.execute(_PLACE, [position.number])).fetchone()
        known = cursor.BEGINNING if position.number == 0 else row and cursor.Position.of(position.number, row[0])
        if known != position:
            raise Impossible("CURSOR_INVALID", "this feed has no such place", "after")
        await work.change(endpoint, feed_number=min(position.number, endpoint.feed_number))
        return {"webhook": endpoint.id}


class RetryWebhookDeliveries(Command):
    """Try dead deliveries anew: those named, or the oldest hundred."""

    permission = "webhooks:write"

    webhook_id: UUID = given("The endpoint.", of=WebhookEndpoint)
    delivery_ids: tuple[UUID, ...] | None = given(
        "Dead deliveries of the endpoint.", of=WebhookDelivery, default=None, longest=MOST_RETRIED
    )

    async def perform(self, work: Work) -> Made:
        """Put them in line again, as if they had never been tried."""
        endpoint = await _fetch(work, self.webhook_id)
        if self.delivery_ids is None:
            found = await work.connection.execute(_DEAD, [endpoint.id, MOST_RETRIED])
            wanted = [row[0] for row in await found.fetchall()]
        else:
            wanted = list(self.delivery_ids)
        dead = await work.rows_of(WebhookDelivery, lock=True, id=wanted, endpoint_id=endpoint.id) if wanted else []
        not_dead = set(wanted) - {delivery.id for delivery in dead if delivery.status is DeliveryStatus.DEAD}
        if not_dead:
            raise Impossible("NOT_DEAD", "only dead deliveries of the endpoint can be tried anew", "deliveryIds")
        for delivery in dead:
            await work.change(
                delivery,
                status=DeliveryStatus.WAITING,
                attempts=0,
                next_attempt_at=work.now,
                settled_at=None,
            )
        return {"webhook": endpoint.id, "count": len(dead)}


async def _fetch(work: Work, webhook_id: UUID, expected_version: int | None = None) -> WebhookEndpoint:
    """The endpoint, if it is not removed. Raises NotFound, Conflict, Impossible."""
    endpoint = await work.fetch(WebhookEndpoint, webhook_id, expected_version, argument="webhookId")
    if endpoint.status is WebhookStatus.REMOVED:
        raise Impossible("WEBHOOK_REMOVED", "this webhook endpoint was removed", "webhookId")
    return endpoint


async def _step(
    work: Work, command: PauseWebhook | DisableWebhook | RemoveWebhook, transition: str, **values: Any
) -> Made:
    endpoint = await work.fetch(WebhookEndpoint, command.webhook_id, command.expected_version, argument="webhookId")
    await work.step(endpoint, WEBHOOK_WORKFLOW, transition, **values)
    return {"webhook": endpoint.id}


def _message(endpoint: WebhookEndpoint, message: WebhookMessage, about: UUID | None = None) -> WebhookDelivery:
    """A delivery that carries no event; `about` is the object it tells of."""
    delivery_id = new_id()
    return WebhookDelivery(
        id=delivery_id,
        endpoint_id=endpoint.id,
        partner_id=endpoint.partner_id,
        message=message,
        about_id=about,
        order_key=delivery_id,
        status=DeliveryStatus.WAITING,
    )


def _check_url(work: Work, url: str) -> None:
    try:
        work.addresses.check_url(url)
    except UnfitURL as error:
        raise BadInput(str(error), argument="input.url") from None


def _check_types(types: tuple[str, ...]) -> None:
    for place, name in enumerate(types):
        if name not in PARTNER_EVENTS:
            raise BadInput(
                f"partners are told of events of these types: {', '.join(PARTNER_EVENTS)}",
                argument=f"input.eventTypes.{place}",
            )

"""Delivering: a job for an endpoint reads the feed and attempts what is due, until nothing is."""

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from auth.actor import SYSTEM
from changes import perform
from changes.webhooks import DisableWebhook
from core.errors import RequestError
from core.outbound import Answer, Outbound, OutboundError
from core.scope import PARTNER
from core.sealing import SealError
from events.hub import OUTAGES
from execution.operations import Runner
from execution.services import KeysUnavailable, Services
from jobs.claims import Claim, claim, failing_for, give_back, settle
from jobs.messages import Endpoint, Message, event_body, service_body, signed
from jobs.metrics import BackgroundMetrics
from jobs.reading import read_feed
from jobs.rules import Rules
from models.base import utc_now
from models.webhooks import DeliveryStatus, DisabledReason, WebhookMessage

log = logging.getLogger(__name__)

_ENDPOINT = """
select id, partner_id, url, scopes,
       array_remove(array[secret, case when previous_secret_until > now() then previous_secret end], null)
from webhook_endpoints where id = %s"""

# The endpoint says that it is gone for good (Standard Webhooks).
_GONE = 410
# After a reason of our own, such as a database that is away.
_OWN_PAUSE = timedelta(seconds=10)


class _Withheld(Exception):
    """The partner may not see the event any more."""


class Deliverer:
    """Delivers for all endpoints; one for each process."""

    def __init__(
        self, services: Services, runner: Runner, outbound: Outbound, rules: Rules, metrics: BackgroundMetrics
    ) -> None:
        self._services = services
        self._runner = runner
        self._outbound = outbound
        self._rules = rules
        self._metrics = metrics
        self._at_work: set[UUID] = set()

    async def deliver(self, endpoint_id: UUID) -> bool:
        """Read what the endpoint has not been told yet, and attempt what is due, for one turn at most.

        Returns whether the turn ended before the work; at once where this process is at it already. Raises
        psycopg.Error, PoolTimeout.
        """
        if endpoint_id in self._at_work:
            return False
        self._at_work.add(endpoint_id)
        try:
            return await self._turn(endpoint_id)
        finally:
            self._at_work.discard(endpoint_id)

    async def _turn(self, endpoint_id: UUID) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._rules.turn.total_seconds()
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                free = self._rules.parallel - len(running)
                ended = loop.time() >= end
                more = False
                if free and not ended:
                    more = await read_feed(self._services.pool, endpoint_id, self._rules)
                    claims = await claim(self._services.pool, endpoint_id, free, self._rules.lease)
                    running |= {asyncio.create_task(self._attempt(one)) for one in claims}
                if not running and not more:
                    return ended
                if running:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _attempt(self, one: Claim) -> None:
        """Send it, and note what came of it. Raises psycopg.Error, PoolTimeout where that cannot be noted."""
        pool = self._services.pool
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            endpoint, message = await self._message(one)
        except _Withheld:
            await self._settle(one, DeliveryStatus.WITHHELD)
            return
        except (*OUTAGES, SealError, KeysUnavailable) as error:
            log.error("webhook delivery %s cannot be made at the moment: %s", one.id, type(error).__name__)
            self._metrics.attempt("postponed")
            await give_back(pool, one, _OWN_PAUSE)
            return
        # What is left of the lease; whoever has the next one must not find us still sending.
        seconds = min(self._rules.seconds, self._rules.lease.total_seconds() - 1 - (loop.time() - begun))
        answer, failure = None, "TIMEOUT"
        if seconds > 0:
            try:
                answer = await self._outbound.post(endpoint.url, message.headers, message.body, seconds=seconds)
                failure = f"HTTP_{answer.status}"
            except OutboundError as error:
                failure = error.code
        if answer is not None and 200 <= answer.status < 300:
            self._metrics.attempt("delivered")
            await self._settle(one, DeliveryStatus.DELIVERED, answer=answer.status)
        else:
            self._metrics.attempt("refused" if answer else "no_answer")
            await self._failed(one, answer, failure)

    async def _settle(self, one: Claim, status: DeliveryStatus, **more: Any) -> None:
        if await settle(self._services.pool, one, status, **more):
            self._metrics.settled(status)

    async def _failed(self, one: Claim, answer: Answer | None, failure: str) -> None:
        rules = self._rules
        status = answer.status if answer else None
        if one.attempts >= rules.attempts:
            await self._settle(one, DeliveryStatus.DEAD, answer=status, failure=failure)
        else:
            pause = rules.pause(one.attempts, answer.retry_after if answer else None)
            await self._settle(one, DeliveryStatus.WAITING, pause=pause, answer=status, failure=failure)
        if one.message is not WebhookMessage.EVENT:
            return
        # In any case: since when nothing arrives is noted, too.
        failing = await failing_for(self._services.pool, one.endpoint_id)
        if status == _GONE:
            await self._disable(one.endpoint_id, DisabledReason.GONE)
        elif failing >= rules.disable_after:
            await self._disable(one.endpoint_id, DisabledReason.NOTHING_ARRIVES)

    async def _disable(self, endpoint_id: UUID, reason: DisabledReason) -> None:
        try:
            await perform(self._services.door, SYSTEM, DisableWebhook(webhook_id=endpoint_id, reason=reason))
        except RequestError as error:
            # Paused, removed or disabled meanwhile.
            log.info("webhook endpoint %s is not disabled: %s", endpoint_id, error.code)
            return
        self._metrics.disabled()
        log.warning("webhook endpoint %s was disabled: %s", endpoint_id, reason)

    async def _message(self, one: Claim) -> tuple[Endpoint, Message]:
        """What is sent, and where. Raises _Withheld, and what stands in the way for the moment."""
        async with self._services.pool.connection() as connection:
            row = await (await connection.execute(_ENDPOINT, [one.endpoint_id])).fetchone()
        assert row is not None
        endpoint = Endpoint(*row)
        if one.event_id is None or one.feed_number is None:
            body = service_body(one.message, one.created_at, one.about_id)
        else:
            readers = self._services.readers[PARTNER.name]
            found = await event_body(self._runner, readers, endpoint, one.event_id, one.feed_number)
            if found is None:
                raise _Withheld
            body = found
        keyring = await self._services.keys.keyring()
        return endpoint, signed(endpoint, keyring, one.message_id, body, utc_now())

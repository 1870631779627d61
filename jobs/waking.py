"""Waking: follows the feed for all webhooks, and puts a job in the queue for each endpoint that has something to do.

The feed wakes at once; looking every second finds what is due again, and what nobody told of. Jobs are no more than
this: what is to be done stands in webhook_endpoints and webhook_deliveries, and a job that is lost costs a second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from core.errors import RequestError
from core.snapshot import Pool
from events.hub import OUTAGES, Hub, HubClosed, Subscription
from events.interest import Interest
from jobs.claims import busy
from models.scope import PARTNER_EVENTS

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
# All endpoints are looked at so often, in seconds: what is behind although no event was for it moves on.
_SWEEP_SECONDS = 60.0


class Waker:
    """Calls `wake` for each endpoint with something to do."""

    def __init__(self, hub: Hub, pool: Pool, wake: Callable[[UUID], Awaitable[None]]) -> None:
        self._hub = hub
        self._pool = pool
        self._wake = wake
        self._swept_at = float("-inf")

    async def run(self) -> None:
        """Until the hub closes."""
        while True:
            try:
                subscription = await self._hub.subscribe(Interest(types=frozenset(PARTNER_EVENTS)), None)
                try:
                    while True:
                        await self._look(subscription)
                finally:
                    subscription.close()
            except HubClosed:
                return
            except OUTAGES as error:
                log.warning("webhooks wait for the database: %s", type(error).__name__)
                self._swept_at = float("-inf")
                await asyncio.sleep(_LOOK_SECONDS)
            except RequestError:
                # The feed was restored; the places of the endpoints were, too.
                self._swept_at = float("-inf")

    async def _look(self, subscription: Subscription) -> None:
        partners: set[str] = set()
        entry = await subscription.next(_LOOK_SECONDS)
        while entry is not None:
            partners |= entry.partners
            entry = await subscription.next(0) if subscription.waiting else None
        now = asyncio.get_running_loop().time()
        sweeps = now - self._swept_at >= _SWEEP_SECONDS
        for endpoint_id in await busy(self._pool, None if sweeps else frozenset(partners)):
            await self._wake(endpoint_id)
        if sweeps:
            self._swept_at = now

"""Subscriptions: each event that is delivered runs the operation once, in a snapshot of its own.

A transport passes `open_context`, which makes the context of whoever asks *now*, and raises when they may not ask any
more. It is called for the start, for every delivery, and every few seconds in between, so that a session that ends, a
role that changes or a consent that is withdrawn ends or narrows what runs.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import OperationType
from graphql.execution.collect_fields import collect_fields

from auth.actor import Actor
from core.errors import RequestError
from events import cursor
from events.hub import OUTAGES, Subscription
from events.interest import Delivery
from execution.admission import RateLimited, Spending, admit, refuse
from execution.arguments import compile_arguments
from execution.context import OperationContext
from execution.driver import Driver
from execution.fields import FeedField
from execution.operations import Checked, GraphQLRequest, Outcome, Runner, refused
from execution.permissions import Refused, missing

log = logging.getLogger(__name__)

OpenContext = Callable[[], OperationContext | Awaitable[OperationContext]]

# A subscription that nothing happens to asks so often whether its actor may still follow.
RECHECK_SECONDS = 3.0
# Items without an event, for those who want them, come so often while nothing else does.
HEARTBEAT_SECONDS = 30.0
# How long a delivery waits for the database, or for points to spend, before the subscription ends with that error.
PATIENCE_SECONDS = 120.0
_LONGEST_PAUSE_SECONDS = 2.0
# Subscriptions that use the database at the same time; others wait their turn. Thousands that come back at once after a
# restart, or are told of the same event, would else wait for its connections in vain, and everybody with them.
AT_ONCE = 6

# What a delivery is tried again for; everything else is the answer.
_PASSING = frozenset({"SERVICE_UNAVAILABLE", "UNAVAILABLE", "AUDIT_UNAVAILABLE"})
# What ends a subscription: the client goes on from its last cursor, so nothing is lost.
_ENDING = frozenset({*_PASSING, "RATE_LIMITED", "TIMEOUT"})


@dataclass(slots=True)
class _Feed:
    """The root field of a subscription, with its key in the answer and its arguments."""

    key: str
    name: str
    field: FeedField
    arguments: dict[str, Any]


class Subscriptions:
    """Runs subscriptions. Made once for each worker, beside its Runner."""

    def __init__(
        self,
        runner: Runner,
        *,
        recheck_seconds: float = RECHECK_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.runner = runner
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._recheck_seconds = recheck_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._patience_seconds = patience_seconds

    async def subscribe(
        self, request: GraphQLRequest, open_context: OpenContext, after: str | None = None
    ) -> Outcome | AsyncGenerator[Outcome, None]:
        """The outcomes of a subscription, one for each event; or one outcome that says why it cannot begin.

        `open_context` makes a fresh context for the actor, and may raise RequestError; it is called for the start and
        for each delivery, and each context is closed here. `after` is a cursor that goes before the one in
        the field's arguments. An outcome that was not executed (`executed` is False) is
        the last one: the subscription ended with that error. Call `aclose` to end it before. Never raises for anything
        the request contains.
        """
        spending = Spending()
        try:
            async with self._turns, _opened(open_context) as context:
                checked = await self.runner.check(request, context, (OperationType.SUBSCRIPTION,), spending)
                if isinstance(checked, Outcome):
                    return checked
                # Starting costs as little as being refused; what it delivers is paid for with each delivery.
                await refuse(context, spending)
                feed = self._feed(checked, request, context)
                await feed.field.begin(context, feed.arguments)
                after = after or feed.field.after(feed.arguments)
                subscription = await context.services.events.subscribe(
                    feed.field.interest(feed.arguments, context.actor), None if after is None else cursor.decode(after)
                )
                return self._outcomes(request, open_context, feed, context.actor, subscription)
        except Exception as error:
            outcome = refused(error)
            outcome.operation = OperationType.SUBSCRIPTION
            outcome.spending = spending
            return outcome

    def _feed(self, checked: Checked, request: GraphQLRequest, context: OperationContext) -> _Feed:
        """The root field. Raises RequestError when the actor may not see it or its arguments do not fit."""
        schema, document = self.runner.schema, checked.document
        assert document.ast is not None
        driver = Driver.build(
            schema,
            document.ast,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
        )
        assert isinstance(driver, Driver)
        root = schema.subscription_type
        assert root is not None
        collected = collect_fields(
            schema, driver.fragments, driver.variable_values, root, driver.operation, driver.hide_suggestions
        ).grouped_field_set
        for key, details in collected.items():
            name = details[0].node.name.value
            field = root.fields.get(name)
            definition = field.extensions.get("strawberry-definition") if field is not None else None
            if field is not None and isinstance(definition, FeedField):
                self._require(name, context.actor)
                arguments = compile_arguments(schema, field, definition.arguments, details[0], checked.variables)
                return _Feed(key, name, definition, arguments.known(checked.variables))
        raise RequestError("BAD_USER_INPUT", "a subscription selects one field, and that is skipped here")

    def _require(self, name: str, actor: Actor) -> None:
        """Raise Refused unless the actor may see a root field."""
        root = self.runner.schema.subscription_type
        assert root is not None
        lacks = missing(root.fields[name], actor)
        if lacks:
            raise Refused(actor, lacks, f"{root.name}.{name}")

    async def _outcomes(
        self,
        request: GraphQLRequest,
        open_context: OpenContext,
        feed: _Feed,
        actor: Actor,
        subscription: Subscription,
    ) -> AsyncGenerator[Outcome, None]:
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        try:
            while True:
                entry = await subscription.next(self._recheck_seconds)
                beats = entry is None and feed.field.heartbeats(feed.arguments)
                delivery = None
                if entry is not None:
                    delivery = Delivery(entry.position, entry.event_id)
                elif beats and not subscription.is_lagging and loop.time() - quiet_since >= self._heartbeat_seconds:
                    delivery = Delivery(subscription.position, None)
                outcome, now = await self._patiently(request, open_context, feed, delivery)
                if now is not None and now != actor:
                    actor = now
                    subscription.change(feed.field.interest(feed.arguments, actor))
                if outcome is None:
                    continue
                quiet_since = loop.time()
                yield outcome
                if not outcome.executed:
                    return
        except RequestError as error:
            yield refused(error)
        finally:
            subscription.close()

    async def _patiently(
        self, request: GraphQLRequest, open_context: OpenContext, feed: _Feed, delivery: Delivery | None
    ) -> tuple[Outcome | None, Actor | None]:
        """What `_deliver` returns, tried again while the database is away or there are no points to spend."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience_seconds, 0.1
        while True:
            try:
                outcome, actor = await self._deliver(request, open_context, feed, delivery)
            except Exception as error:
                outcome, actor = refused(error), None
                if isinstance(error, RateLimited) and error.verdict.retry_after_seconds is not None:
                    pause = error.verdict.retry_after_seconds
                elif not isinstance(error, OUTAGES) and getattr(error, "code", None) not in _PASSING:
                    return outcome, None
            codes = {error["extensions"]["code"] for error in outcome.errors} if outcome is not None else set()
            if outcome is None or not codes & _ENDING:
                return outcome, actor
            if not codes & {*_PASSING, "RATE_LIMITED"} or loop.time() + pause > deadline:
                # Executed or not, what follows it would hide what is missing.
                return Outcome(None, outcome.errors, False, outcome.operation), actor
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _deliver(
        self, request: GraphQLRequest, open_context: OpenContext, feed: _Feed, delivery: Delivery | None
    ) -> tuple[Outcome | None, Actor]:
        """The outcome for one delivery, None when the actor does not see the event; without one only look who asks.

        Raises RequestError when the actor may not follow any more, events.hub.OUTAGES.
        """
        # Without a delivery the database is not asked.
        turn = self._turns if delivery is not None else nullcontext()
        async with turn, _opened(open_context) as context:
            spending = Spending()
            checked = await self.runner.check(request, context, (OperationType.SUBSCRIPTION,), spending)
            if isinstance(checked, Outcome):
                return checked, context.actor
            self._require(feed.name, context.actor)
            if delivery is None:
                return None, context.actor
            context.delivery = delivery
            await admit(context, checked.prepared.price.of(checked.variables), spending)
            outcome = await self.runner.execute(checked, context)
            outcome.spending = spending
            outcome.cursor = cursor.encode(delivery.position)
            if not outcome.errors and (outcome.data or {}).get(feed.key) is None:
                return None, context.actor
            return outcome, context.actor


@asynccontextmanager
async def _opened(open_context: OpenContext) -> AsyncIterator[OperationContext]:
    made = open_context()
    async with await made if isawaitable(made) else made as context:
        yield context

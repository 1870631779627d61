"""Running operations for the transports: once, or for as long as a subscription is followed; and counting them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from graphql import OperationType

from auth.actor import Actor
from auth.budgets import spender
from core.errors import RequestError
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from execution.services import Services
from execution.subscriptions import Subscriptions
from transport.caller import Caller
from transport.extensions import extensions_of
from transport.metrics import Metrics
from transport.slots import Slots

# What a request over a transport that streams may be.
STREAMED = (OperationType.QUERY, OperationType.MUTATION, OperationType.SUBSCRIPTION)
_MOST_AT_ONCE = 200


class TooMany(RequestError):
    """The actor follows as much at once as it may."""

    def __init__(self, most: int) -> None:
        super().__init__("TOO_MANY_SUBSCRIPTIONS", f"at most {most} subscriptions at a time; end one first")


class Stream:
    """A subscription that runs. Iterate it once, within `async with`: that ends it in any case."""

    def __init__(self, outcomes: AsyncGenerator[Outcome, None], delivered: Callable[[Outcome], None]) -> None:
        self._outcomes = outcomes
        self._delivered = delivered

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._outcomes.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        outcome = await anext(self._outcomes)
        self._delivered(outcome)
        return outcome


class Operations:
    """What all transports run operations with. One for each worker."""

    def __init__(self, runner: Runner, metrics: Metrics | None = None, most_at_once: int = _MOST_AT_ONCE) -> None:
        self.runner = runner
        self.metrics = metrics
        self.subscriptions = Subscriptions(runner)
        self._slots = Slots(most_at_once)
        self._closing: set[asyncio.Task[None]] = set()

    async def run(
        self, request: GraphQLRequest, caller: Caller, actor: Actor, allowed: tuple[OperationType, ...]
    ) -> tuple[Outcome, dict[str, Any]]:
        """The outcome of an operation that is run once, and the `extensions` of the response."""
        context = caller.context_of(actor)
        began = perf_counter()
        try:
            outcome = await self.runner.run(request, context, allowed)
        finally:
            self._close_soon(context)
        if self.metrics is not None:
            self.metrics.operation(outcome, context, perf_counter() - began)
        return outcome, extensions_of(request, outcome, context)

    async def subscribes(self, request: GraphQLRequest, services: Services) -> bool:
        """Whether the request is a subscription. What is wrong with it is found when it is run."""
        return await self.runner.kind(request, services.documents) is OperationType.SUBSCRIPTION

    async def follow(
        self, request: GraphQLRequest, caller: Caller, over: str, after: str | None = None
    ) -> Outcome | Stream:
        """A subscription that has begun, or why it cannot. `over` is the transport; `after` a cursor that goes before
        the one in the arguments.
        """
        begun = await self.subscriptions.subscribe(request, caller.context, after)
        if isinstance(begun, Outcome):
            self._delivered(over, begun)
            return begun
        return Stream(begun, lambda outcome: self._delivered(over, outcome))

    def _delivered(self, over: str, outcome: Outcome) -> None:
        if self.metrics is not None:
            self.metrics.delivery(over, outcome)

    def begin(self, over: str, caller: Caller, actor: Actor) -> "Running":
        """A place for one more operation that the actor runs over a transport that streams. Raises TooMany."""
        name = spender(actor, caller.address)
        if not self._slots.take(name):
            raise TooMany(self._slots.most)
        if self.metrics is not None:
            self.metrics.streams(over, 1)
        return Running(self, over, name)

    def end(self, over: str, name: str) -> None:
        """Give the place back."""
        self._slots.give_back(name)
        if self.metrics is not None:
            self.metrics.streams(over, -1)

    def _close_soon(self, context: OperationContext) -> None:
        """Give the operation's connection back without letting the client wait for that round trip."""
        closing = asyncio.get_running_loop().create_task(context.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


class Running:
    """The place of one operation among those of its actor; `end` may be called more than once."""

    __slots__ = ("_name", "_operations", "_over")

    def __init__(self, operations: Operations, over: str, name: str) -> None:
        self._operations: Operations | None = operations
        self._over = over
        self._name = name

    def end(self) -> None:
        """Give the place back."""
        operations, self._operations = self._operations, None
        if operations is not None:
            operations.end(self._over, self._name)

"""Whether an operation may run: what it costs, held against what its actor may ask for and may spend.

Asked after the plan is made and before any statement is sent. Contexts without services are the service's own
(commands, tests of the graph) and have no limits.
"""

from dataclasses import dataclass, field

from auth.actor import ActorKind, Audience
from auth.budgets import Budget, budget_of, spender
from core.errors import RequestError
from core.rate_limit import Verdict
from execution.context import OperationContext
from execution.cost import REFUSED, Cost


class TooExpensive(RequestError):
    """One operation costs more than its actor may ask for at once."""

    def __init__(self, cost: int, budget: int) -> None:
        message = f"the operation costs {cost:,} points, and {budget:,} are allowed: ask for smaller pages"
        super().__init__("QUERY_TOO_EXPENSIVE", message, cost=cost, budget=budget)


class RateLimited(RequestError):
    """The actor has spent what it may for now; `verdict` tells when to try again (HTTP 429)."""

    def __init__(self, verdict: Verdict, cost: int) -> None:
        self.verdict = verdict
        seconds = verdict.retry_after_seconds
        when = f"try again in {seconds} s" if seconds else "it is more than the budget of a minute"
        message = f"the operation costs {cost:,} points, and {verdict.remaining:,} are left for now: {when}"
        details = {} if seconds is None else {"retryAfter": seconds}
        super().__init__("RATE_LIMITED", message, **details)


class IntrospectionRefused(RequestError):
    """The schema is shown to staff only."""

    def __init__(self, context: OperationContext) -> None:
        if context.actor.kind is ActorKind.ANONYMOUS:
            super().__init__("UNAUTHENTICATED", "sign in first: the schema is not shown to everybody")
        else:
            super().__init__("FORBIDDEN", "introspection is open to staff only; ask for the schema file")


@dataclass(slots=True)
class Spending:
    """What an operation was found to cost, and what its actor has left; filled in while it is admitted."""

    cost: Cost = field(default_factory=lambda: Cost(fixed=REFUSED))
    verdict: Verdict | None = None


def may_introspect(context: OperationContext) -> bool:
    """Whether the actor may see the schema: `__schema`, `__type`, and names that errors suggest."""
    return context.actor.audience is Audience.STAFF


def budget(context: OperationContext) -> Budget | None:
    """What the actor may ask for; None where nothing is limited."""
    return budget_of(context.actor) if context.limited else None


async def admit(context: OperationContext, cost: Cost, spending: Spending) -> None:
    """Spend the cost of an operation that is about to run.

    Raises TooExpensive for one that its actor may not ask for at all, after spending what a refusal costs, and
    RateLimited when the actor has not enough left; then nothing is spent.
    """
    allowed = budget(context)
    if allowed is None:
        spending.cost = cost
        return
    if cost.points > allowed.per_operation:
        await refuse(context, spending)
        raise TooExpensive(cost.points, allowed.per_operation)
    spending.cost = cost
    await _spend(context, cost.points, allowed, spending)


async def refuse(context: OperationContext, spending: Spending) -> None:
    """Spend what a refusal costs. Raises RateLimited when the actor has not even that left."""
    allowed = budget(context)
    if allowed is not None:
        spending.cost = Cost(fixed=REFUSED)
        await _spend(context, REFUSED, allowed, spending)


async def _spend(context: OperationContext, points: int, allowed: Budget, spending: Spending) -> None:
    services = context.services
    factor = services.settings.rate_limit_factor
    if factor == 0:
        return
    limit = max(1, int(allowed.per_minute * factor))
    verdict = await services.rates.spend(spender(context.actor, context.address), points, limit)
    spending.verdict = verdict
    if not verdict.allowed:
        raise RateLimited(verdict, points)

"""How much each role may ask for: the one table of it.

Costs are points, which execution/ takes from the plan of an operation before it runs; a customer's whole profile is
about a hundred of them. They are counted for each user and each API key by itself (core/rate_limit.py).
"""

from dataclasses import dataclass

from auth.actor import Actor, ActorKind
from auth.networks import counted_as
from models.roles import Role


@dataclass(frozen=True, slots=True)
class Budget:
    """Points in a minute, points for one operation, and how many seconds one operation may take."""

    per_minute: int
    per_operation: int
    seconds: float


#                     points a minute  an operation  seconds
BUDGETS: dict[Role, Budget] = {
    Role.ADMINISTRATOR: Budget(60_000, 10_000, 30.0),
    Role.MANAGER: Budget(60_000, 10_000, 30.0),
    Role.SENIOR_AGENT: Budget(30_000, 5_000, 15.0),
    Role.AGENT: Budget(30_000, 5_000, 15.0),
    Role.UNDERWRITER: Budget(30_000, 5_000, 15.0),
    Role.PARTNER: Budget(12_000, 2_000, 10.0),
}

# Who has not signed in may do little but that.
ANONYMOUS = Budget(300, 50, 5.0)

# What the service asks of itself is not the client's doing, and is bounded by what it does.
SYSTEM = BUDGETS[Role.ADMINISTRATOR]


def budget_of(actor: Actor) -> Budget:
    """The largest of what the actor's roles allow, part by part."""
    if actor.kind is ActorKind.SYSTEM:
        return SYSTEM
    if not actor.roles:
        return ANONYMOUS
    budgets = [BUDGETS[role] for role in actor.roles]
    if len(budgets) == 1:
        return budgets[0]
    return Budget(
        max(budget.per_minute for budget in budgets),
        max(budget.per_operation for budget in budgets),
        max(budget.seconds for budget in budgets),
    )


def spender(actor: Actor, address: str) -> str:
    """Under what name the actor's spending is counted; whoever has not signed in is known by network address only."""
    return f"{actor.kind.value}:{actor.id}" if actor.id is not None else f"{actor.kind.value}:{counted_as(address)}"

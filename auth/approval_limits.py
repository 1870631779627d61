"""Approval limits: up to which amount each role may approve, in one table.

A limit counts in euros and, franc for euro and pound for euro, in the currencies that are worth about as much. In any
other currency only those approve who have no limit at all. Of several roles the greatest limit counts. The service
itself has no role, and so no limit: approving is the act of a person (docs/adr/0026-orders.md).
"""

from decimal import Decimal
from enum import auto

from auth.actor import Actor
from core.errors import RequestError
from models.base import Choice
from models.roles import Role


class ApprovalArea(Choice):
    """What an amount is that somebody approves."""

    LIFE_SUM = auto(), "the sum insured on somebody's life or health"
    PROPERTY_SUM = auto(), "the sum insured on things"
    LIABILITY_SUM = auto(), "the sum insured against liability"
    ANNUAL_PREMIUM = auto(), "the premium of a year"
    CLAIM = auto(), "the amount of a claim"
    REFUND = auto(), "what is paid back of a payment in all"


NO_LIMIT = None

APPROVAL_LIMITS: dict[ApprovalArea, dict[Role, Decimal | None]] = {
    ApprovalArea.LIFE_SUM: {
        Role.SENIOR_AGENT: Decimal(100_000),
        Role.UNDERWRITER: Decimal(400_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
    ApprovalArea.PROPERTY_SUM: {
        Role.SENIOR_AGENT: Decimal(500_000),
        Role.UNDERWRITER: Decimal(3_000_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
    ApprovalArea.LIABILITY_SUM: {
        Role.SENIOR_AGENT: Decimal(20_000_000),
        Role.UNDERWRITER: Decimal(50_000_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
    ApprovalArea.ANNUAL_PREMIUM: {
        Role.SENIOR_AGENT: Decimal(2_500),
        Role.UNDERWRITER: Decimal(25_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
    ApprovalArea.CLAIM: {
        Role.SENIOR_AGENT: Decimal(5_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
    ApprovalArea.REFUND: {
        Role.SENIOR_AGENT: Decimal(1_000),
        Role.MANAGER: NO_LIMIT,
        Role.ADMINISTRATOR: NO_LIMIT,
    },
}

# Currencies in which a limit counts as it stands.
LIMIT_CURRENCIES = frozenset({"EUR", "CHF", "GBP"})

# Above these amounts two persons have to approve, each within their own limit.
SECOND_APPROVAL_ABOVE: dict[ApprovalArea, Decimal] = {ApprovalArea.CLAIM: Decimal(25_000)}


class ApprovalLimitExceeded(RequestError):
    """The amount is above what the actor may approve; says who may."""

    def __init__(
        self, area: ApprovalArea, limit: Decimal | None, currency: str, able: tuple[Role, ...], argument: str | None
    ) -> None:
        own = f"up to {limit:,.2f} {currency}" if limit and currency in LIMIT_CURRENCIES else f"nothing in {currency}"
        who = " or ".join(role.value.lower().replace("_", " ") for role in able)
        super().__init__(
            "APPROVAL_LIMIT_EXCEEDED",
            f"{area.description} is above your limit: you may approve {own}; who may approve this: {who}",
            argument=argument,
        )


def limit_of(actor: Actor, area: ApprovalArea) -> Decimal | None:
    """The amount up to which the actor may approve: the greatest of their roles, 0 for none, NO_LIMIT for any."""
    limits = [APPROVAL_LIMITS[area][role] for role in actor.roles if role in APPROVAL_LIMITS[area]]
    known = [limit for limit in limits if limit is not None]
    return NO_LIMIT if len(known) < len(limits) else max(known, default=Decimal(0))


def who_may(area: ApprovalArea, amount: Decimal, currency: str) -> tuple[Role, ...]:
    """The roles that may approve an amount, the one with the least limit first."""
    return tuple(role for role, limit in APPROVAL_LIMITS[area].items() if _covers(limit, amount, currency))


def approvals_needed(area: ApprovalArea, amount: Decimal, currency: str) -> int:
    """How many persons have to approve an amount: one or two. Two in any currency in which limits do not count."""
    if area not in SECOND_APPROVAL_ABOVE:
        return 1
    return 1 if currency in LIMIT_CURRENCIES and amount <= SECOND_APPROVAL_ABOVE[area] else 2


def require_limit(
    actor: Actor, area: ApprovalArea, amount: Decimal, currency: str, *, argument: str | None = None
) -> None:
    """Raise ApprovalLimitExceeded unless the actor may approve `amount`; `argument` is the path of the input it is of.

    Whether they may approve anything at all is a matter of permissions, which the caller has checked.
    """
    limit = limit_of(actor, area)
    if not _covers(limit, amount, currency):
        raise ApprovalLimitExceeded(area, limit, currency, who_may(area, amount, currency), argument)


def _covers(limit: Decimal | None, amount: Decimal, currency: str) -> bool:
    return limit is NO_LIMIT or (currency in LIMIT_CURRENCIES and limit > 0 and amount <= limit)

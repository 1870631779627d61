"""The table of budgets: complete, and larger for who needs more."""

from auth.actor import ANONYMOUS as NOBODY
from auth.actor import Actor, ActorKind, Audience, user
from auth.budgets import ANONYMOUS, BUDGETS, Budget, budget_of, spender
from models.roles import Role

ID = "0192f0c1-7c3e-7b11-a0b1-000000000001"


def test_every_role_has_a_budget() -> None:
    assert set(BUDGETS) == set(Role)
    for budget in (*BUDGETS.values(), ANONYMOUS):
        assert 0 < budget.per_operation <= budget.per_minute
        assert 0 < budget.seconds <= 30


def test_outsiders_have_less_than_staff() -> None:
    staff = [budget for role, budget in BUDGETS.items() if role is not Role.PARTNER]
    for part in ("per_minute", "per_operation", "seconds"):
        partner = getattr(BUDGETS[Role.PARTNER], part)
        assert getattr(ANONYMOUS, part) < partner < min(getattr(budget, part) for budget in staff)


def test_more_roles_are_not_less() -> None:
    both = user(ID, frozenset({Role.AGENT, Role.MANAGER}))
    assert budget_of(both) == Budget(60_000, 10_000, 30.0)
    assert budget_of(user(ID, frozenset({Role.AGENT}))) is BUDGETS[Role.AGENT]
    assert budget_of(NOBODY) is ANONYMOUS
    assert budget_of(Actor(ActorKind.SYSTEM, Audience.STAFF)) is BUDGETS[Role.ADMINISTRATOR]


def test_each_spends_for_itself() -> None:
    key = user(ID, frozenset({Role.PARTNER}), partner_id=ID, kind=ActorKind.API_KEY)
    assert spender(user(ID, frozenset({Role.AGENT})), "192.0.2.1") == f"user:{ID}"
    assert spender(key, "192.0.2.1") == f"api_key:{ID}"
    assert spender(NOBODY, "192.0.2.1") == "anonymous:192.0.2.1" != spender(NOBODY, "192.0.2.2")

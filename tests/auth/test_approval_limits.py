"""Who may approve how much."""

from decimal import Decimal

import pytest

from auth.actor import SYSTEM, user
from auth.approval_limits import (
    APPROVAL_LIMITS,
    LIMIT_CURRENCIES,
    NO_LIMIT,
    SECOND_APPROVAL_ABOVE,
    ApprovalArea,
    ApprovalLimitExceeded,
    approvals_needed,
    limit_of,
    require_limit,
    who_may,
)
from auth.permissions import ROLES
from models.roles import Role

_PERMISSIONS = {ApprovalArea.CLAIM: "claims:approve", ApprovalArea.REFUND: "billing:write"}


def test_every_area_has_limits_and_whoever_has_one_has_the_permission() -> None:
    assert set(APPROVAL_LIMITS) == set(ApprovalArea)
    for area, limits in APPROVAL_LIMITS.items():
        permission = _PERMISSIONS.get(area, "orders:approve")
        assert set(limits) == {role for role, permissions in ROLES.items() if permission in permissions}, area
        known = [limit for limit in limits.values() if limit is not None]
        assert known == sorted(known), f"{area}: the least limit stands first"
        assert limits[Role.MANAGER] is limits[Role.ADMINISTRATOR] is NO_LIMIT


@pytest.mark.parametrize("area", ApprovalArea)
@pytest.mark.parametrize("role", Role)
def test_a_limit_is_the_last_amount_that_is_approved(area: ApprovalArea, role: Role) -> None:
    actor = user(
        "0192f0c1-7c3e-7b11-a0b1-000000000001",
        frozenset({role}),
        partner_id="0192f0c1-7c3e-7b11-a0b1-000000000002" if role is Role.PARTNER else None,
    )
    limit = APPROVAL_LIMITS[area].get(role, Decimal(0))
    assert limit_of(actor, area) == limit
    if limit is NO_LIMIT:
        require_limit(actor, area, Decimal("99999999999.99"), "JPY")
        return
    if limit:
        require_limit(actor, area, limit, "EUR")
    with pytest.raises(ApprovalLimitExceeded) as refused:
        require_limit(actor, area, limit + Decimal("0.01"), "EUR", argument="input.orderId")
    assert refused.value.code == "APPROVAL_LIMIT_EXCEEDED"
    assert refused.value.details["argument"] == "input.orderId"
    assert "manager or administrator" in str(refused.value)
    assert role not in who_may(area, limit + Decimal("0.01"), "EUR")
    with pytest.raises(ApprovalLimitExceeded):
        require_limit(actor, area, Decimal(1), "JPY")


def test_of_several_roles_the_greatest_limit_counts() -> None:
    both = user("0192f0c1-7c3e-7b11-a0b1-000000000001", frozenset({Role.SENIOR_AGENT, Role.UNDERWRITER}))
    assert limit_of(both, ApprovalArea.LIFE_SUM) == APPROVAL_LIMITS[ApprovalArea.LIFE_SUM][Role.UNDERWRITER]
    with_manager = user("0192f0c1-7c3e-7b11-a0b1-000000000001", frozenset({Role.SENIOR_AGENT, Role.MANAGER}))
    assert limit_of(with_manager, ApprovalArea.LIFE_SUM) is NO_LIMIT


def test_the_service_itself_approves_nothing() -> None:
    for area in ApprovalArea:
        assert limit_of(SYSTEM, area) == 0
        with pytest.raises(ApprovalLimitExceeded):
            require_limit(SYSTEM, area, Decimal(0), "EUR")


def test_above_a_sum_two_persons_approve_a_claim() -> None:
    last = SECOND_APPROVAL_ABOVE[ApprovalArea.CLAIM]
    for currency in LIMIT_CURRENCIES:
        assert approvals_needed(ApprovalArea.CLAIM, Decimal(0), currency) == 1
        assert approvals_needed(ApprovalArea.CLAIM, last, currency) == 1
        assert approvals_needed(ApprovalArea.CLAIM, last + Decimal("0.01"), currency) == 2


def test_in_a_currency_without_limits_two_persons_approve_any_claim() -> None:
    assert approvals_needed(ApprovalArea.CLAIM, Decimal("0.01"), "JPY") == 2


@pytest.mark.parametrize("area", [area for area in ApprovalArea if area not in SECOND_APPROVAL_ABOVE])
def test_of_anything_else_one_person_is_enough(area: ApprovalArea) -> None:
    for currency in ("EUR", "JPY"):
        assert approvals_needed(area, Decimal("99999999999.99"), currency) == 1

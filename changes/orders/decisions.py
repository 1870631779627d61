"""Deciding an order: approving it within the limits of a role, rejecting it, taking it back."""

from uuid import UUID

from auth.approval_limits import ApprovalArea, require_limit
from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.orders.steps import move, order_of, told
from changes.orders.underwriting import last_decision
from changes.products import product_of
from changes.work import Work
from models.orders import (
    OPEN_EXAM_STATUSES,
    MedicalExam,
    MedicalExamStatus,
    Order,
    UnderwritingOutcome,
)
from models.products import LineOfBusiness as Line
from models.tariff import annual, loaded

_ACCEPTING = (UnderwritingOutcome.ACCEPTED, UnderwritingOutcome.ACCEPTED_WITH_LOADING)

# What the sum insured of a line is, for the limits.
SUM_AREAS: dict[Line, ApprovalArea] = {
    Line.MOTOR: ApprovalArea.PROPERTY_SUM,
    Line.HOME: ApprovalArea.PROPERTY_SUM,
    Line.LIABILITY: ApprovalArea.LIABILITY_SUM,
    Line.LEGAL: ApprovalArea.PROPERTY_SUM,
    Line.LIFE: ApprovalArea.LIFE_SUM,
    Line.HEALTH: ApprovalArea.LIFE_SUM,
    Line.ACCIDENT: ApprovalArea.LIFE_SUM,
    Line.TRAVEL: ApprovalArea.PROPERTY_SUM,
    Line.COMMERCIAL: ApprovalArea.PROPERTY_SUM,
}


class ApproveOrder(ObjectCommand):
    """Accept an order on the terms that underwriting decided on: with a loading its premium is raised."""

    permission = "orders:approve"

    order_id: UUID = given("The order.", of=Order)

    async def perform(self, work: Work) -> Made:
        """Look at the decision, at who handed the order in and at the limits; step, with the premium as approved."""
        order = await order_of(work, self.order_id, self.expected_version)
        product, line = await product_of(work, order.product_id)
        decision = await last_decision(work, order)
        quoted = order.premium_amount
        approved = loaded(quoted, decision.loading_percent) if decision else quoted
        order = await move(work, order, "approve", premium_amount=approved, decided_at=work.now)
        if decision is None or decision.outcome not in _ACCEPTING:
            raise Impossible("NOT_UNDERWRITTEN", "the last underwriting decision does not accept the risk", "orderId")
        if order.submitted_by == work.actor_name:
            raise Impossible("FOUR_EYES", "somebody else has to approve what you handed in", "orderId")
        _within_limits(work, order, line)
        await told(
            work,
            "OrderApproved",
            order,
            "approved",
            product=product,
            premium=order.premium_amount,
            currency=order.currency,
        )
        return {"order": order.id}


class RejectOrder(ObjectCommand):
    """Decline an order."""

    permission = "orders:approve"

    order_id: UUID = given("The order.", of=Order)
    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Step, call off what is still to come, and tell."""
        order = await order_of(work, self.order_id, self.expected_version)
        order = await move(work, order, "reject", reason=self.reason, decided_at=work.now, rejection_reason=self.reason)
        await _call_off(work, order)
        await told(work, "OrderRejected", order, "rejected")
        return {"order": order.id}


class WithdrawOrder(ObjectCommand):
    """Take an order back for the customer."""

    permission = "orders:write"

    order_id: UUID = given("The order.", of=Order)
    reason: str | None = given("Why, in a line, if the customer says so.", default=None, longest=500)

    async def perform(self, work: Work) -> Made:
        """Step, call off what is still to come, and tell."""
        order = await order_of(work, self.order_id, self.expected_version)
        order = await move(
            work, order, "withdraw", reason=self.reason, decided_at=work.now, rejection_reason=self.reason
        )
        await _call_off(work, order)
        await told(work, "OrderWithdrawn", order, "withdrawn")
        return {"order": order.id}


def _within_limits(work: Work, order: Order, line: Line) -> None:
    """Raise ApprovalLimitExceeded unless sum insured and premium are within the actor's limits."""
    if order.coverage_amount is not None:
        require_limit(work.actor, SUM_AREAS[line], order.coverage_amount, order.currency, argument="input.orderId")
    premium = annual(order.premium_amount, order.billing_frequency)
    require_limit(work.actor, ApprovalArea.ANNUAL_PREMIUM, premium, order.currency, argument="input.orderId")


async def _call_off(work: Work, order: Order) -> None:
    """Cancel exams that are still to be made. It follows from the decision, so whoever decides may do it."""
    for exam in await work.rows_of(MedicalExam, lock=True, order_id=order.id, status=OPEN_EXAM_STATUSES):
        await work.change(exam, status=MedicalExamStatus.CANCELLED)

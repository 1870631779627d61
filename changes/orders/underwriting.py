"""Underwriting an order: by the rule table, or by an underwriter to whom it was referred."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.orders.documents import OPEN
from changes.orders.steps import customer_of, move, order_of, told
from changes.products import product_of
from changes.work import Work
from core.errors import BadInput
from models.customers import Customer, CustomerKind
from models.order_rules import age_on
from models.orders import (
    OPEN_EXAM_STATUSES,
    MedicalExam,
    MedicalExamStatus,
    Order,
    OrderDocument,
    OrderStatus,
    UnderwritingDecision,
    UnderwritingMode,
    UnderwritingOutcome,
)
from models.products import Product
from models.underwriting import Assessment, Risk, assess


class UnderwriteOrder(ObjectCommand):
    """Let the rule table assess the risk of an order; what it does not decide is referred to an underwriter."""

    permission = "orders:underwrite"

    order_id: UUID = given("The order.", of=Order)

    async def perform(self, work: Work) -> Made:
        """Step, write down what the rules say, and refer the order if they say so."""
        order = await order_of(work, self.order_id, self.expected_version)
        before = order.status
        order = await move(work, order, "underwrite")
        customer = await customer_of(work, order)
        product, line = await product_of(work, order.product_id)
        exam = await _nothing_open(work, order, product)
        person = customer.kind is CustomerKind.PERSON and customer.birth_date is not None
        said = assess(
            Risk(
                line,
                order.coverage_amount,
                age_on(customer.birth_date, order.requested_start_on) if person and customer.birth_date else None,
                customer.risk_band,
                exam.result if exam else None,
            )
        )
        cause = await told(work, "OrderStatusChanged", order, "is being underwritten", before=before, product=product)
        await _decide(work, order, customer, said, UnderwritingMode.AUTOMATIC, cause)
        if said.outcome is UnderwritingOutcome.REFERRED:
            order = await _refer(work, order, said.reason, product)
        return {"order": order.id}


class ReferOrder(ObjectCommand):
    """Pass an order on to an underwriter, whatever the rules said."""

    permission = "orders:underwrite"

    order_id: UUID = given("The order.", of=Order)
    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Step; the decision of the rules does not stand any more."""
        order = await order_of(work, self.order_id, self.expected_version)
        order = await _refer(work, order, self.reason)
        customer = await customer_of(work, order)
        said = Assessment(UnderwritingOutcome.REFERRED, None, self.reason)
        await _decide(work, order, customer, said, UnderwritingMode.MANUAL)
        return {"order": order.id}


class DecideUnderwriting(ObjectCommand):
    """Decide, as an underwriter, on the risk of an order that was referred. The order itself is approved or rejected
    after that.
    """

    permission = "orders:underwrite"

    order_id: UUID = given("The order.", of=Order)
    outcome: UnderwritingOutcome = given("What is decided; not REFERRED.")
    loading_percent: Decimal | None = given(
        "Addition to the premium in percent, with ACCEPTED_WITH_LOADING.", default=None, least=1, most=300
    )
    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Write the decision under the name of the acting agent."""
        if self.outcome is UnderwritingOutcome.REFERRED:
            raise BadInput("an underwriter decides and does not refer", argument="input.outcome")
        if (self.outcome is UnderwritingOutcome.ACCEPTED_WITH_LOADING) != (self.loading_percent is not None):
            raise BadInput(
                "a loading goes with ACCEPTED_WITH_LOADING, and only with it", argument="input.loadingPercent"
            )
        order = await order_of(work, self.order_id, self.expected_version)
        if order.status is not OrderStatus.REFERRED:
            raise Impossible("ORDER_NOT_REFERRED", "only an order that was referred is decided by hand", "orderId")
        customer = await customer_of(work, order)
        said = Assessment(self.outcome, self.loading_percent, self.reason)
        await _decide(work, order, customer, said, UnderwritingMode.MANUAL)
        return {"order": order.id}


async def last_decision(work: Work, order: Order) -> UnderwritingDecision | None:
    """The decision that stands: the newest of the order."""
    found = await work.rows_of(UnderwritingDecision, order_id=order.id, order="-decided_at")
    return found[0] if found else None


async def _nothing_open(work: Work, order: Order, product: Product) -> MedicalExam | None:
    """The exam that was made last, if one was. Raises Impossible while a document or an exam is to come."""
    if missing := await work.rows_of(OrderDocument, order_id=order.id, status=OPEN):
        names = ", ".join(sorted(document.kind.value for document in missing))
        raise Impossible("DOCUMENTS_OPEN", f"documents are not verified: {names}", "orderId")
    exams = await work.rows_of(MedicalExam, order_id=order.id, order="-required_at")
    if any(exam.status in OPEN_EXAM_STATUSES for exam in exams):
        raise Impossible("MEDICAL_EXAM_OPEN", "a medical exam is still to be made", "orderId")
    made = [exam for exam in exams if exam.status is MedicalExamStatus.COMPLETED]
    if product.requires_medical_exam and not made and not exams:
        raise Impossible("MEDICAL_EXAM_OPEN", f"{product.code} needs a medical exam; require one", "orderId")
    return max(made, key=lambda exam: exam.completed_at or exam.required_at, default=None)


async def _refer(work: Work, order: Order, reason: str | None, product: Product | None = None) -> Order:
    before = order.status
    order = await move(work, order, "refer", reason=reason)
    await told(work, "OrderStatusChanged", order, "referred to an underwriter", before=before, product=product)
    return order


async def _decide(
    work: Work,
    order: Order,
    customer: Customer,
    said: Assessment,
    mode: UnderwritingMode,
    cause: UUID | None = None,
) -> None:
    await work.create(
        UnderwritingDecision(
            customer_id=order.customer_id,
            order_id=order.id,
            mode=mode,
            outcome=said.outcome,
            risk_score=customer.risk_score,
            loading_percent=said.loading_percent,
            reason=said.reason,
            underwriter_id=await work.agent() if mode is UnderwritingMode.MANUAL else None,
            decided_at=work.now,
        )
    )
    who = "Underwriter" if mode is UnderwritingMode.MANUAL else "Rules"
    facts: dict[str, Any] = {"outcome": said.outcome}
    if customer.risk_score is not None:
        facts["riskScore"] = customer.risk_score
    outcome = said.outcome.value.lower().replace("_", " ")
    await work.happened(
        "UnderwritingDecided", order, f"{who} decided on order {order.number}: {outcome}", cause=cause, **facts
    )

"""Medical exams of an order: required, given a date, made, missed, cancelled. What the physician noted is sealed.

Events tell that an exam was made, not what it found: the history is read by more people than exams are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.orders.steps import customer_of, move, order_of, part_of, told
from changes.work import Work
from core.errors import BadInput
from models.customers import CustomerKind
from models.orders import (
    MEDICAL_EXAM_WORKFLOW,
    OPEN_EXAM_STATUSES,
    MedicalExam,
    MedicalExamResult,
    MedicalExamStatus,
    Order,
)
from models.sealed import MEDICAL_NOTES


class RequireMedicalExam(ObjectCommand):
    """Let an order wait for a medical exam: the one that is still to be made, or a further one."""

    permission = "orders:underwrite"

    order_id: UUID = given("The order.", of=Order)

    async def perform(self, work: Work) -> Made:
        """Step, and ask for an exam if none is open."""
        order = await order_of(work, self.order_id, self.expected_version)
        before = order.status
        order = await move(work, order, "requireMedicalExam")
        customer = await customer_of(work, order)
        if customer.kind is not CustomerKind.PERSON:
            raise Impossible("NOT_A_PERSON", "only a person can be examined", "orderId")
        open_ones = await work.rows_of(MedicalExam, order_id=order.id, status=OPEN_EXAM_STATUSES, order="required_at")
        exam = (
            open_ones[0]
            if open_ones
            else await work.create(
                MedicalExam(
                    customer_id=order.customer_id,
                    order_id=order.id,
                    status=MedicalExamStatus.REQUIRED,
                    required_at=work.now,
                )
            )
        )
        await told(work, "OrderStatusChanged", order, "waits for a medical exam", before=before)
        return {"medical_exam": exam.id, "order": order.id}


class _OfExam(ObjectCommand):
    """A command about one exam; `expectedVersion` is the version of its order."""

    medical_exam_id: UUID = given("The medical exam.", of=MedicalExam)

    async def step(self, work: Work, transition: str, values: Mapping[str, Any]) -> tuple[MedicalExam, Order]:
        exam, order = await self.found(work)
        return await work.step(exam, MEDICAL_EXAM_WORKFLOW, transition, **values), order

    async def found(self, work: Work) -> tuple[MedicalExam, Order]:
        return await part_of(work, MedicalExam, self.medical_exam_id, self.expected_version, argument="medicalExamId")


class ScheduleMedicalExam(_OfExam):
    """Give a medical exam a date, or another one."""

    permission = "orders:underwrite"

    scheduled_at: datetime = given("The appointment.")
    provider: str = given("Practice or clinic that makes it.", longest=200)

    async def perform(self, work: Work) -> Made:
        """Step, and tell the day."""
        if self.scheduled_at.tzinfo is None:
            raise BadInput("say the time zone, as in 2026-05-04T09:30:00Z", argument="input.scheduledAt")
        if self.scheduled_at <= work.now:
            raise BadInput("the appointment lies in the past", argument="input.scheduledAt")
        exam, order = await self.step(work, "schedule", {"scheduled_at": self.scheduled_at, "provider": self.provider})
        await work.happened(
            "MedicalExamScheduled",
            order,
            f"Medical exam for order {order.number} scheduled",
            dueOn=self.scheduled_at.date(),
        )
        return {"medical_exam": exam.id, "order": order.id}


class CompleteMedicalExam(_OfExam):
    """Record that a medical exam was made, and what it found. The notes are sealed."""

    permission = "orders:underwrite"

    result: MedicalExamResult = given("What it found, as far as underwriting needs to know.")
    completed_at: datetime | None = given("When it was made; now if not given.", default=None)
    notes: str | None = given("What the physician noted; sealed.", default=None, longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Seal the notes, step, and tell that it was made."""
        made_at = self.completed_at or work.now
        if made_at.tzinfo is None:
            raise BadInput("say the time zone, as in 2026-05-04T09:30:00Z", argument="input.completedAt")
        if made_at > work.now:
            raise BadInput("the exam lies in the future", argument="input.completedAt")
        exam, order = await self.found(work)
        sealed = await work.seal(MEDICAL_NOTES, exam.customer_id, exam.id, self.notes) if self.notes else {}
        exam = await work.step(
            exam, MEDICAL_EXAM_WORKFLOW, "complete", completed_at=made_at, result=self.result, **sealed
        )
        await work.happened(
            "MedicalExamCompleted",
            order,
            f"Medical exam for order {order.number} made",
            occurred_at=made_at,
            status=exam.status,
        )
        return {"medical_exam": exam.id, "order": order.id}


class MissMedicalExam(_OfExam):
    """Note that the person did not come to a medical exam."""

    permission = "orders:underwrite"

    async def perform(self, work: Work) -> Made:
        """Step."""
        exam, order = await self.step(work, "miss", {})
        return {"medical_exam": exam.id, "order": order.id}


class CancelMedicalExam(_OfExam):
    """Do without a medical exam."""

    permission = "orders:underwrite"

    async def perform(self, work: Work) -> Made:
        """Step."""
        exam, order = await self.step(work, "cancel", {})
        return {"medical_exam": exam.id, "order": order.id}

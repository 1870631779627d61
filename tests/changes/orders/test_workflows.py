"""The workflows of orders, their documents and their exams, walked at random through the mutations."""

from typing import Any, ClassVar

import pytest

from core.ids import new_id
from models.orders import MEDICAL_EXAM_WORKFLOW, ORDER_DOCUMENT_WORKFLOW, ORDER_WORKFLOW
from tests.access.desk import Desk
from tests.changes.orders.paper import MANAGER, applicant, changed, everything, product, soon
from tests.changes.walking import NamedWalk, Walker


def _order(desk: Desk, status: str) -> str:
    """The row id of a new order for household contents, of an applicant the rules accept."""
    row = str(new_id())
    changed(
        desk,
        "insert into orders (id, customer_id, version, created_at, updated_at, product_id, status, coverage_level,"
        " coverage_amount, premium_amount, currency, billing_frequency, requested_start_on, channel) values"
        " (%s, %s, 1, now(), now(), %s, %s, 'STANDARD', 60000, 133.11, 'EUR', 'ANNUAL', %s, 'PHONE') returning 1",
        row,
        applicant(desk).removeprefix("cus_"),
        product(desk, "HOME-CONTENTS").removeprefix("prd_"),
        status,
        soon(),
    )
    return row


class _Walk(NamedWalk):
    """Something of orders."""

    who = MANAGER

    def digest(self) -> Any:
        return everything(self.desk)


class OrderWalk(_Walk):
    """An order, while documents come, exams are made, underwriters decide, and it turns out who handed it in."""

    shown = "query ($id: ID!) { order(id: $id) { state: status available: availableTransitions } }"
    noun, argument = "Order", "orderId"
    names: ClassVar[dict[str, str]] = {
        "requireDocuments": "requireOrderDocuments",
        "requireMedicalExam": "requireMedicalExam",
    }
    more: ClassVar[dict[str, dict[str, Any]]] = {
        "requireDocuments": {"kinds": ["IDENTITY"]},
        "refer": {"reason": "x"},
        "reject": {"reason": "x"},
    }
    left_out = frozenset({"issue"})

    def begin(self) -> str:
        self.row = _order(self.desk, "DRAFT")
        return f"ord_{self.row}"

    def refusal(self, transition: str) -> str | None:
        if transition == "underwrite":
            if self._count("order_documents", "status in ('REQUIRED', 'RECEIVED', 'REJECTED')"):
                return "DOCUMENTS_OPEN"
            return "MEDICAL_EXAM_OPEN" if self._count("medical_exams", "status = 'REQUIRED'") else None
        if transition == "approve":
            last = self.desk.rows(
                "select outcome from underwriting_decisions where order_id = %s order by decided_at desc limit 1",
                self.row,
            )
            if last != [("ACCEPTED",)]:
                return "NOT_UNDERWRITTEN"
            handed_in = self.desk.rows("select submitted_by from orders where id = %s", self.row)
            return "FOUR_EYES" if handed_in == [(f"usr_{MANAGER.id}",)] else None
        return None

    def happen(self, choice: int) -> None:
        """Everything comes; an underwriter accepts; it was somebody else who handed the order in; all of it."""
        if choice in (0, 3):
            self._set("order_documents set status = 'VERIFIED' where order_id = %s")
            self._set("medical_exams set status = 'COMPLETED', result = 'STANDARD' where order_id = %s")
        if choice in (1, 3):
            changed(
                self.desk,
                "insert into underwriting_decisions (id, customer_id, order_id, mode, outcome, decided_at)"
                " select %s, customer_id, id, 'MANUAL', 'ACCEPTED', now() from orders where id = %s returning 1",
                str(new_id()),
                self.row,
            )
        if choice in (2, 3):
            self._set("orders set submitted_by = 'usr_somebody-else' where id = %s")

    def _set(self, what: str) -> None:
        changed(self.desk, f"update {what} returning 1", self.row)

    def _count(self, table: str, condition: str) -> int:
        (found,) = self.desk.rows(f"select count(*) from {table} where order_id = %s and {condition}", self.row)
        return int(found[0])


class DocumentWalk(_Walk):
    """A document of an order."""

    shown = (
        "query ($id: ID!) { node(id: $id) { ... on OrderDocument { state: status available: availableTransitions } } }"
    )
    noun, argument = "OrderDocument", "documentId"
    more: ClassVar[dict[str, dict[str, Any]]] = {"refuse": {"reason": "x"}, "waive": {"reason": "x"}}

    def begin(self) -> str:
        row = str(new_id())
        changed(
            self.desk,
            "insert into order_documents (id, customer_id, order_id, kind, status, requested_at)"
            " select %s, customer_id, id, 'IDENTITY', 'REQUIRED', now() from orders where id = %s returning 1",
            row,
            _order(self.desk, "SUBMITTED"),
        )
        return f"odc_{row}"


class ExamWalk(_Walk):
    """A medical exam of an order."""

    shown = (
        "query ($id: ID!) { node(id: $id) { ... on MedicalExam { state: status available: availableTransitions } } }"
    )
    noun, argument = "MedicalExam", "medicalExamId"
    more: ClassVar[dict[str, dict[str, Any]]] = {
        "schedule": {"scheduledAt": "2100-05-04T09:30:00Z", "provider": "Clinic"},
        "complete": {"result": "RATED", "notes": "x"},
    }

    def begin(self) -> str:
        row = str(new_id())
        changed(
            self.desk,
            "insert into medical_exams (id, customer_id, order_id, status, required_at)"
            " select %s, customer_id, id, 'REQUIRED', now() from orders where id = %s returning 1",
            row,
            _order(self.desk, "MEDICAL_EXAM_PENDING"),
        )
        return f"mex_{row}"


@pytest.mark.timeout(400)
def test_an_order_follows_its_table(walker: Walker) -> None:
    walker.walk(ORDER_WORKFLOW, OrderWalk, examples=12, steps=20)


def test_a_document_of_an_order_follows_its_table(walker: Walker) -> None:
    walker.walk(ORDER_DOCUMENT_WORKFLOW, DocumentWalk, examples=8, steps=15)


def test_a_medical_exam_follows_its_table(walker: Walker) -> None:
    walker.walk(MEDICAL_EXAM_WORKFLOW, ExamWalk, examples=8, steps=15)

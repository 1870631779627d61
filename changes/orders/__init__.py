"""What can be done with orders: from a draft over documents, medical exams and underwriting to a decision."""

from changes.orders.decisions import ApproveOrder, RejectOrder, WithdrawOrder
from changes.orders.documents import (
    ReceiveOrderDocument,
    RefuseOrderDocument,
    RequireOrderDocuments,
    VerifyOrderDocument,
    WaiveOrderDocument,
)
from changes.orders.drafting import ChangeOrder, DraftOrder, SubmitOrder
from changes.orders.medical_exams import (
    CancelMedicalExam,
    CompleteMedicalExam,
    MissMedicalExam,
    RequireMedicalExam,
    ScheduleMedicalExam,
)
from changes.orders.underwriting import DecideUnderwriting, ReferOrder, UnderwriteOrder

__all__ = [
    "ApproveOrder",
    "CancelMedicalExam",
    "ChangeOrder",
    "CompleteMedicalExam",
    "DecideUnderwriting",
    "DraftOrder",
    "MissMedicalExam",
    "ReceiveOrderDocument",
    "ReferOrder",
    "RefuseOrderDocument",
    "RejectOrder",
    "RequireMedicalExam",
    "RequireOrderDocuments",
    "ScheduleMedicalExam",
    "SubmitOrder",
    "UnderwriteOrder",
    "VerifyOrderDocument",
    "WaiveOrderDocument",
    "WithdrawOrder",
]

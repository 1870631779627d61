"""Edges to orders, their history, documents, medical exams and underwriting decisions."""

from loaders.base import children, one, page
from models.orders import MedicalExam, Order, OrderDocument, OrderStatusChange, UnderwritingDecision

by_id = one(Order)
by_number = one(Order, "number")
all_orders = page(Order, order="-created_at")
of_customer = page(Order, "customer_id", order="-created_at")
of_product = page(Order, "product_id", order="-created_at")
of_agent = page(Order, "agent_id", order="-created_at")
of_partner = page(Order, "partner_id", order="-created_at")

status_change_by_id = one(OrderStatusChange)
history_of = children(OrderStatusChange, "order_id", order="changed_at")
document_by_id = one(OrderDocument)
documents_of = children(OrderDocument, "order_id", order="kind")
medical_exam_by_id = one(MedicalExam)
medical_exams_of = children(MedicalExam, "order_id", order="required_at")
decision_by_id = one(UnderwritingDecision)
decisions_of = children(UnderwritingDecision, "order_id", order="decided_at")

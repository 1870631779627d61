"""Orders as the graph shows them, with their history, documents, exams and decisions."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import loaders
from models import orders as models
from models.contracts import BillingFrequency, CoverageLevel
from models.interactions import Channel
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.masking import MaskedValue, masked
from schema.rights import viewer_can
from schema.scalars import Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.history import Event
    from schema.products import Product
    from schema.staff import Agent, Partner


@entity(
    models.Order,
    "ord",
    loaders.orders.by_id,
    "orders:read",
    where=(
        "number",
        "status",
        "channel",
        "product_id",
        "agent_id",
        "partner_id",
        "created_at",
        "submitted_at",
        "decided_at",
    ),
    order_by=("created_at", "submitted_at", "decided_at", "number"),
)
class Order(Node):
    """An application for a contract."""

    number: str = column()
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    product: "Product | None" = one(loaders.products.by_id, "product_id")
    contract: "Contract | None" = one(
        loaders.contracts.of_order, "id", "The contract issued from the order, if one was."
    )
    status: models.OrderStatus = column()
    coverage_level: CoverageLevel = column()
    coverage: Money | None = money()
    premium: Money = money()
    billing_frequency: BillingFrequency = column()
    requested_start_on: date = column()
    channel: Channel = column()
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    partner: "Partner | None" = one(loaders.staff.partner_by_id, "partner_id")
    submitted_at: datetime | None = column()
    submitted_by: str | None = column(permission="internal:read")
    decided_at: datetime | None = column()
    rejection_reason: str | None = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    history: list["OrderStatusChange"] | None = children(
        loaders.orders.history_of, "The order's steps, the first one first."
    )
    documents: list["OrderDocument"] | None = children(loaders.orders.documents_of, "Documents the order needs.")
    medical_exams: list["MedicalExam"] | None = children(
        loaders.orders.medical_exams_of, "Medical exams the order needs."
    )
    underwriting_decisions: list["UnderwritingDecision"] | None = children(
        loaders.orders.decisions_of, "Decisions about the risk, the first one first."
    )
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the order.")
    viewer_can: list[str] = viewer_can("orders", "medical")
    available_transitions: list[str] = transitions(models.ORDER_WORKFLOW)


@entity(models.OrderStatusChange, "osc", loaders.orders.status_change_by_id, "orders:read")
class OrderStatusChange(Node):
    """A step in an order's life."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    order: Order = one(loaders.orders.by_id, "order_id")
    from_status: models.OrderStatus | None = column()
    to_status: models.OrderStatus = column()
    changed_at: datetime = column()
    agent: "Agent | None" = one(loaders.staff.agent_by_id, "agent_id")
    reason: str | None = column()


@entity(models.OrderDocument, "odc", loaders.orders.document_by_id, "orders:read")
class OrderDocument(Node):
    """A document an order needs."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    order: Order = one(loaders.orders.by_id, "order_id")
    kind: models.OrderDocumentKind = column()
    status: models.DocumentStatus = column()
    requested_at: datetime = column()
    received_at: datetime | None = column()
    verified_at: datetime | None = column()
    verified_by: "Agent | None" = one(loaders.staff.agent_by_id, "verified_by_id")
    rejection_reason: str | None = column()
    available_transitions: list[str] = transitions(models.ORDER_DOCUMENT_WORKFLOW)


@entity(models.MedicalExam, "mex", loaders.orders.medical_exam_by_id, "medical:read", hidden=("notes_sealed",))
class MedicalExam(Node):
    """A medical exam an order needs."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    order: Order | None = one(loaders.orders.by_id, "order_id")
    status: models.MedicalExamStatus = column()
    required_at: datetime = column()
    scheduled_at: datetime | None = column()
    provider: str | None = column()
    completed_at: datetime | None = column()
    result: models.MedicalExamResult | None = column()
    notes: MaskedValue | None = masked(reveal="medical:reveal")
    available_transitions: list[str] = transitions(models.MEDICAL_EXAM_WORKFLOW)


@entity(models.UnderwritingDecision, "uwd", loaders.orders.decision_by_id, "orders:read")
class UnderwritingDecision(Node):
    """A decision about the risk of an order, by rule or by an underwriter."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    order: Order = one(loaders.orders.by_id, "order_id")
    mode: models.UnderwritingMode = column()
    outcome: models.UnderwritingOutcome = column()
    risk_score: int | None = column()
    loading_percent: Decimal | None = column()
    reason: str | None = column()
    underwriter: "Agent | None" = one(loaders.staff.agent_by_id, "underwriter_id")
    decided_at: datetime = column()

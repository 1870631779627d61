"""Orders (applications): from draft to decision, with documents, medical exams and underwriting."""

from enum import auto

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
    Versioned,
    business_number,
    choice,
    computed,
    date,
    datetime,
    day,
    decimal,
    index,
    integer,
    moment,
    money,
    ref,
    sealed,
    text,
)
from models.contracts import BillingFrequency, CoverageLevel
from models.interactions import Channel


class OrderStatus(Choice):
    """Where an order stands on its way to a contract."""

    DRAFT = auto(), "Being filled in."
    SUBMITTED = auto(), "Handed in, nothing checked yet."
    DOCUMENTS_PENDING = auto(), "Required documents are missing or not verified."
    MEDICAL_EXAM_PENDING = auto(), "A medical exam is still to be made."
    UNDERWRITING = auto(), "The risk is being assessed."
    REFERRED = auto(), "The automatic rules passed it to an underwriter."
    APPROVED = auto(), "Accepted; a contract can be issued."
    REJECTED = auto(), "Declined by the insurer."
    WITHDRAWN = auto(), "Taken back by the customer."
    ISSUED = auto(), "A contract was issued from it."


UNDECIDED_ORDER_STATUSES = (
    OrderStatus.SUBMITTED,
    OrderStatus.DOCUMENTS_PENDING,
    OrderStatus.MEDICAL_EXAM_PENDING,
    OrderStatus.UNDERWRITING,
    OrderStatus.REFERRED,
)

ORDER_WORKFLOW = Workflow(
    "order",
    OrderStatus,
    initial=(OrderStatus.DRAFT,),
    transitions=(
        Transition(
            "submit",
            (OrderStatus.DRAFT,),
            OrderStatus.SUBMITTED,
            "orders:write",
            "Hand the order in; what it needs is asked for.",
            "customer and terms are eligible for the product, and the first day asked for is not past",
        ),
        Transition(
            "requireDocuments",
            UNDECIDED_ORDER_STATUSES,
            OrderStatus.DOCUMENTS_PENDING,
            "orders:underwrite",
            "Wait for documents, and ask for further ones.",
            "a document is asked for or still open",
        ),
        Transition(
            "requireMedicalExam",
            (
                OrderStatus.SUBMITTED,
                OrderStatus.DOCUMENTS_PENDING,
                OrderStatus.UNDERWRITING,
                OrderStatus.REFERRED,
            ),
            OrderStatus.MEDICAL_EXAM_PENDING,
            "orders:underwrite",
            "Wait for a medical exam.",
            "the customer is a person",
        ),
        Transition(
            "underwrite",
            (OrderStatus.SUBMITTED, OrderStatus.DOCUMENTS_PENDING, OrderStatus.MEDICAL_EXAM_PENDING),
            OrderStatus.UNDERWRITING,
            "orders:underwrite",
            "Let the rule table assess the risk; it may pass the order on to an underwriter, as `refer` does.",
            "every document is verified or waived, and every medical exam made or cancelled",
        ),
        Transition(
            "refer",
            (OrderStatus.UNDERWRITING,),
            OrderStatus.REFERRED,
            "orders:underwrite",
            "Pass the order on to an underwriter, whatever the rules said.",
        ),
        Transition(
            "approve",
            (OrderStatus.UNDERWRITING, OrderStatus.REFERRED),
            OrderStatus.APPROVED,
            "orders:approve",
            "Accept the order on the terms that underwriting decided on.",
            "the last underwriting decision accepts the risk, the amounts are within the limits of whoever approves,"
            " and somebody else handed the order in",
        ),
        Transition("reject", UNDECIDED_ORDER_STATUSES, OrderStatus.REJECTED, "orders:approve", "Decline the order."),
        Transition(
            "withdraw",
            (OrderStatus.DRAFT, *UNDECIDED_ORDER_STATUSES, OrderStatus.APPROVED),
            OrderStatus.WITHDRAWN,
            "orders:write",
            "Take the order back for the customer.",
        ),
        Transition(
            "issue",
            (OrderStatus.APPROVED,),
            OrderStatus.ISSUED,
            "contracts:write",
            "Issue a contract from the order.",
        ),
    ),
)


class OrderDocumentKind(Choice):
    """What a required document proves."""

    IDENTITY = auto(), "Identity card or passport."
    ADDRESS = auto(), "Proof of address."
    INCOME = auto(), "Proof of income."
    HEALTH_DECLARATION = auto(), "Answers to the health questions."
    MEDICAL_REPORT = auto(), "Report of a physician."
    VEHICLE_REGISTRATION = auto(), "Registration of the vehicle."
    PROPERTY_DEED = auto(), "Proof of ownership or lease."
    PRIOR_INSURANCE = auto(), "Record of earlier insurance and claims."
    COMPANY_REGISTER = auto(), "Extract from the commercial register."
    SIGNED_APPLICATION = auto(), "The signed application."


class DocumentStatus(Choice):
    """Where a document stands."""

    REQUIRED = auto(), "Asked for, not received."
    RECEIVED = auto(), "Received, not yet looked at."
    VERIFIED = auto(), "Looked at and accepted."
    REJECTED = auto(), "Looked at and refused."
    WAIVED = auto(), "No longer asked for."


ORDER_DOCUMENT_WORKFLOW = Workflow(
    "order document",
    DocumentStatus,
    initial=(DocumentStatus.REQUIRED,),
    transitions=(
        Transition(
            "receive",
            (DocumentStatus.REQUIRED, DocumentStatus.REJECTED),
            DocumentStatus.RECEIVED,
            "orders:write",
            "Note that the document came.",
            "the order is not decided on",
        ),
        Transition(
            "verify",
            (DocumentStatus.RECEIVED,),
            DocumentStatus.VERIFIED,
            "orders:underwrite",
            "Accept the document.",
            "the order is not decided on",
        ),
        Transition(
            "refuse",
            (DocumentStatus.RECEIVED,),
            DocumentStatus.REJECTED,
            "orders:underwrite",
            "Refuse the document; another one has to come.",
            "the order is not decided on",
        ),
        Transition(
            "waive",
            (DocumentStatus.REQUIRED, DocumentStatus.RECEIVED, DocumentStatus.REJECTED),
            DocumentStatus.WAIVED,
            "orders:underwrite",
            "Do without the document.",
            "the order is not decided on",
        ),
    ),
)


class MedicalExamStatus(Choice):
    """Where a medical exam stands."""

    REQUIRED = auto(), "Needed, no date yet."
    SCHEDULED = auto(), "Has a date."
    COMPLETED = auto(), "Made; the result is there."
    MISSED = auto(), "The person did not come."
    CANCELLED = auto(), "No longer needed."


OPEN_EXAM_STATUSES = (MedicalExamStatus.REQUIRED, MedicalExamStatus.SCHEDULED, MedicalExamStatus.MISSED)

MEDICAL_EXAM_WORKFLOW = Workflow(
    "medical exam",
    MedicalExamStatus,
    initial=(MedicalExamStatus.REQUIRED,),
    transitions=(
        Transition(
            "schedule",
            OPEN_EXAM_STATUSES,
            MedicalExamStatus.SCHEDULED,
            "orders:underwrite",
            "Give the exam a date, or another one.",
            "the order is not decided on, and the date is not past",
        ),
        Transition(
            "complete",
            (MedicalExamStatus.SCHEDULED,),
            MedicalExamStatus.COMPLETED,
            "orders:underwrite",
            "Record the result of the exam.",
            "the order is not decided on",
        ),
        Transition(
            "miss",
            (MedicalExamStatus.SCHEDULED,),
            MedicalExamStatus.MISSED,
            "orders:underwrite",
            "Note that the person did not come.",
            "the order is not decided on",
        ),
        Transition(
            "cancel",
            OPEN_EXAM_STATUSES,
            MedicalExamStatus.CANCELLED,
            "orders:underwrite",
            "Do without the exam.",
            "the order is not decided on",
        ),
    ),
)


class MedicalExamResult(Choice):
    """What a medical exam found, as far as underwriting needs to know."""

    STANDARD = auto(), "Nothing that raises the risk."
    RATED = auto(), "A raised risk."
    DECLINE = auto(), "A risk that cannot be insured."


class UnderwritingMode(Choice):
    """Who decided."""

    AUTOMATIC = auto(), "The rule table."
    MANUAL = auto(), "An underwriter."


class UnderwritingOutcome(Choice):
    """What was decided."""

    ACCEPTED = auto(), "Accepted at the normal premium."
    ACCEPTED_WITH_LOADING = auto(), "Accepted at a raised premium."
    REFERRED = auto(), "Passed on to an underwriter."
    DECLINED = auto(), "Not accepted."


class Order(CustomerOwned, Versioned, table=True):
    """An application for a contract."""

    __tablename__ = "orders"
    __table_args__ = (
        index("customer_id", "created_at", "id"),
        index("product_id", "created_at", "id"),
        index("agent_id", "created_at", "id"),
        index("partner_id", "created_at", "id"),
        index("created_at", "id"),
        index("submitted_at", "id"),
        index("decided_at", "id"),
        index("restricted"),
    )

    number: str = business_number("O", "orders", "Order number, such as O-0000123.")
    product_id: UUID = ref("products.id", "The product applied for.")
    status: OrderStatus = choice(OrderStatus, "Where the order stands.", index=True)
    coverage_level: CoverageLevel = choice(CoverageLevel, "How wide a cover is asked for.")
    coverage_amount: Decimal | None = money("Sum to be insured, where the product has one.", nullable=True)
    premium_amount: Decimal = money("Premium each billing period: quoted, and once approved with its loading.")
    currency: str = text("Currency of its amounts (ISO 4217).", max_length=3)
    billing_frequency: BillingFrequency = choice(BillingFrequency, "How often the premium would be due.")
    requested_start_on: date = day("First day of cover asked for.")
    channel: Channel = choice(Channel, "How the order reached the insurer.", index=True)
    agent_id: UUID | None = ref("agents.id", "The agent who took it.", nullable=True)
    partner_id: UUID | None = ref("partners.id", "The partner who brought it.", nullable=True)
    submitted_at: datetime | None = moment("When it was handed in.", nullable=True)
    submitted_by: str | None = text(
        "Who handed it in, as the history names them; they may not approve it. None if not known.", nullable=True
    )
    decided_at: datetime | None = moment("When it was approved, rejected or withdrawn.", nullable=True)
    rejection_reason: str | None = text("Why it was rejected or withdrawn.", nullable=True)


class OrderStatusChange(CustomerOwned, table=True):
    """A step in an order's life."""

    __tablename__ = "order_status_changes"
    __table_args__ = (index("order_id", "changed_at", "id"), index("customer_id", "id"))

    order_id: UUID = ref("orders.id", "The order.")
    from_status: OrderStatus | None = choice(OrderStatus, "Status before; none for the first.", nullable=True)
    to_status: OrderStatus = choice(OrderStatus, "Status after.")
    changed_at: datetime = moment("When it changed.")
    agent_id: UUID | None = ref("agents.id", "Who changed it; none when the service did.", nullable=True)
    reason: str | None = text("Why, if stated.", nullable=True)


class OrderDocument(CustomerOwned, table=True):
    """A document an order needs."""

    __tablename__ = "order_documents"
    __table_args__ = (index("order_id", "kind", "id"), index("customer_id", "id"))

    order_id: UUID = ref("orders.id", "The order.")
    kind: OrderDocumentKind = choice(OrderDocumentKind, "What it proves.")
    status: DocumentStatus = choice(DocumentStatus, "Where it stands.")
    requested_at: datetime = moment("When it was asked for.")
    received_at: datetime | None = moment("When it came.", nullable=True)
    verified_at: datetime | None = moment("When it was accepted or refused.", nullable=True)
    verified_by_id: UUID | None = ref("agents.id", "Who accepted or refused it.", nullable=True)
    rejection_reason: str | None = text("Why it was refused, or is no longer asked for.", nullable=True)


class MedicalExam(CustomerOwned, table=True):
    """A medical exam an order needs."""

    __tablename__ = "medical_exams"
    __table_args__ = (index("order_id", "required_at", "id"), index("customer_id", "id"))

    order_id: UUID = ref("orders.id", "The order.")
    status: MedicalExamStatus = choice(MedicalExamStatus, "Where it stands.")
    required_at: datetime = moment("When it was found to be needed.")
    scheduled_at: datetime | None = moment("The appointment.", nullable=True)
    provider: str | None = text("Practice or clinic that makes it.", nullable=True)
    completed_at: datetime | None = moment("When it was made.", nullable=True)
    result: MedicalExamResult | None = choice(MedicalExamResult, "What it found.", nullable=True)
    notes_sealed: bytes | None = sealed("What the physician noted, sealed.", nullable=True)
    notes_masked: str | None = computed(
        "case when notes_sealed is not null then '••••' end",
        "What the physician noted, masked in full; none where nothing was.",
    )


class UnderwritingDecision(CustomerOwned, table=True):
    """A decision about the risk of an order, by rule or by an underwriter."""

    __tablename__ = "underwriting_decisions"
    __table_args__ = (index("order_id", "decided_at", "id"), index("customer_id", "id"))

    order_id: UUID = ref("orders.id", "The order.")
    mode: UnderwritingMode = choice(UnderwritingMode, "Who decided.")
    outcome: UnderwritingOutcome = choice(UnderwritingOutcome, "What was decided.")
    risk_score: int | None = integer("Risk score at that moment, 0 to 100.", nullable=True)
    loading_percent: Decimal | None = decimal("Addition to the premium in percent.", 6, 2, nullable=True)
    reason: str | None = text("Why.", nullable=True)
    underwriter_id: UUID | None = ref("agents.id", "The underwriter; none when the rules decided.", nullable=True)
    decided_at: datetime = moment("When.")

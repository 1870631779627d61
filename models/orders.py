"""Orders (applications): from draft to decision, with documents, medical exams and underwriting."""

from enum import auto

from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
    Versioned,
    business_number,
    choice,
    date,
    datetime,
    day,
    decimal,
    index,
    integer,
    moment,
    money,
    ref,
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


class MedicalExamStatus(Choice):
    """Where a medical exam stands."""

    REQUIRED = auto(), "Needed, no date yet."
    SCHEDULED = auto(), "Has a date."
    COMPLETED = auto(), "Made; the result is there."
    MISSED = auto(), "The person did not come."
    CANCELLED = auto(), "No longer needed."


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
    )

    number: str = business_number("O", "orders", "Order number, such as O-0000123.")
    product_id: UUID = ref("products.id", "The product applied for.")
    status: OrderStatus = choice(OrderStatus, "Where the order stands.", index=True)
    coverage_level: CoverageLevel = choice(CoverageLevel, "How wide a cover is asked for.")
    coverage_amount: Decimal | None = money("Sum to be insured, where the product has one.", nullable=True)
    premium_amount: Decimal = money("Quoted premium each billing period.")
    currency: str = text("Currency of its amounts (ISO 4217).", max_length=3)
    billing_frequency: BillingFrequency = choice(BillingFrequency, "How often the premium would be due.")
    requested_start_on: date = day("First day of cover asked for.")
    channel: Channel = choice(Channel, "How the order reached the insurer.", index=True)
    agent_id: UUID | None = ref("agents.id", "The agent who took it.", nullable=True)
    partner_id: UUID | None = ref("partners.id", "The partner who brought it.", nullable=True)
    submitted_at: datetime | None = moment("When it was handed in.", nullable=True)
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

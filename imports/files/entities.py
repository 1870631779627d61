"""Which events an imported row brings: one declaration per table.

A summary is a line with columns in braces; values of enumerations are shown in plain words. `at` names the columns
that tell when it happened, the first that has a value counts; without one it happened now. `when` says which rows
bring the event at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.names import camel_case
from imports.mapping.catalogue import IMPORTABLE
from models.history import SubjectKind
from models.orders import OrderStatus


@dataclass(frozen=True, slots=True)
class Made:
    """An event a new row brings, if all of `when` and not all of `unless` hold.

    `facts` are columns whose values its payload tells, under the names of models/event_facts.py (`fact_of`); `cause`
    is the type of an event of the same row that led to it.
    """

    type: str
    summary: str
    at: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    facts: tuple[str, ...] = ()
    cause: str | None = None
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """An event a changed row brings, if one of `columns` changed (none named: any column no line above took)."""

    type: str
    summary: str
    columns: tuple[str, ...] = ()
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What the events of a table's rows are about: the row itself, or the row one of its columns names."""

    kind: SubjectKind
    column: str = "id"


@dataclass(frozen=True, slots=True)
class History:
    """The events of one table. `part` rows bring none when their customer is made in the same import batch."""

    subject: Subject | None = None
    made: tuple[Made, ...] = ()
    changed: tuple[Changed, ...] = ()
    part: bool = False


# Columns whose values are a fact of another name.
_FACTS = {"claimed_amount": "amount", "paid_amount": "amount", "premium_amount": "premium"}


# Columns that the graph shows under another name.
_FIELDS = {"e164": "number"}


def fact_of(column: str) -> str:
    """The fact (models/event_facts.py) that a column's value is."""
    return _FACTS.get(column) or camel_case(column)


def graph_name(column: str) -> str:
    """What the graph calls the field that a column fills."""
    return _FIELDS.get(column) or camel_case(column.removesuffix("_amount"))


_CUSTOMER = Subject(SubjectKind.CUSTOMER, "customer_id")


def _part_of_customer(what: str, event: str) -> History:
    return History(
        subject=_CUSTOMER,
        made=(Made(event, f"{what} added"),),
        changed=(Changed(event, f"{what} changed"),),
        part=True,
    )


def _is(column: str, *values: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ((column, values),)


_HANDED_IN = tuple(status.value for status in OrderStatus if status is not OrderStatus.DRAFT)
_OFFER = (("type", ("QUOTE",)), ("direction", ("OUTBOUND",)))

HISTORIES: Mapping[str, History] = {
    "customers": History(
        subject=Subject(SubjectKind.CUSTOMER),
        made=(
            Made(
                "CustomerCreated",
                "{display_name} became known as a customer",
                ("customer_since",),
                (),
                ("kind", "status"),
            ),
        ),
        changed=(
            Changed("CustomerStatusChanged", "Status changed to {status}", ("status",)),
            Changed("KycStatusChanged", "Identity verification changed to {kyc_status}", ("kyc_status",)),
            Changed("RiskAssessed", "Risk score is now {risk_score}", ("risk_score", "risk_band")),
            Changed("CustomerInformationUpdated", "Customer details changed"),
        ),
    ),
    "customer_identifiers": _part_of_customer("Reference in another system", "CustomerInformationUpdated"),
    "addresses": _part_of_customer("Address", "ContactInformationChanged"),
    "phones": _part_of_customer("Phone number", "ContactInformationChanged"),
    "emails": _part_of_customer("E-mail address", "ContactInformationChanged"),
    "relationships": History(
        subject=Subject(SubjectKind.RELATIONSHIP),
        made=(
            Made("CustomerRelationshipEstablished", "Relationship recorded: {kind}", ("started_on",), (), ("kind",)),
        ),
        changed=(Changed("CustomerInformationUpdated", "Relationship changed"),),
    ),
    "households": History(),
    "household_members": History(
        subject=Subject(SubjectKind.HOUSEHOLD, "household_id"),
        made=(Made("HouseholdJoined", "Joined a household as {role}", ("joined_on",), (), ("role",)),),
        changed=(Changed("CustomerInformationUpdated", "Membership in a household changed"),),
    ),
    "product_categories": History(),
    "products": History(),
    "teams": History(),
    "agents": History(),
    "partners": History(),
    "contracts": History(
        subject=Subject(SubjectKind.CONTRACT),
        made=(
            Made(
                "ContractIssued",
                "Contract issued: {coverage_level} cover, premium {premium_amount} {currency} {billing_frequency}",
                ("started_on",),
                (),
                ("coverage_level", "premium_amount", "currency"),
            ),
            Made(
                "ContractExpired",
                "Contract reached the end of its term",
                ("ends_on",),
                _is("status", "EXPIRED", "MATURED"),
            ),
            Made("ContractCancelled", "Contract cancelled", ("ended_on",), _is("status", "CANCELLED")),
            Made("ContractLapsed", "Contract lapsed for want of payment", ("ended_on",), _is("status", "LAPSED")),
        ),
        changed=(
            Changed("ContractExpired", "Contract reached the end of its term", ("status",), ("EXPIRED", "MATURED")),
            Changed("ContractCancelled", "Contract cancelled", ("status",), ("CANCELLED",)),
            Changed("ContractLapsed", "Contract lapsed for want of payment", ("status",), ("LAPSED",)),
            Changed("GracePeriodEntered", "Grace period began", ("status",), ("GRACE_PERIOD",)),
            Changed("ContractAmended", "Contract changed"),
        ),
    ),
    "contract_parties": History(
        subject=Subject(SubjectKind.CONTRACT, "contract_id"),
        # The parties a contract is issued with are part of its issue; only later changes are news.
        changed=(Changed("ContractAmended", "Party to the contract changed: {name}"),),
    ),
    "payments": History(
        subject=Subject(SubjectKind.PAYMENT),
        made=(
            Made(
                "PaymentReceived",
                "{amount} {currency} received",
                ("paid_at", "due_on"),
                _is("status", "PAID"),
                ("amount", "currency"),
            ),
            Made(
                "PaymentOverdue",
                "{amount} {currency} overdue",
                ("due_on",),
                _is("status", "OVERDUE"),
                ("amount", "currency"),
            ),
            Made(
                "PaymentFailed",
                "{amount} {currency} refused",
                ("due_on",),
                _is("status", "FAILED"),
                ("amount", "currency"),
            ),
            Made(
                "PaymentRefunded",
                "{amount} {currency} paid back",
                ("paid_at", "due_on"),
                _is("status", "REFUNDED"),
                ("amount", "currency"),
            ),
        ),
        changed=(
            Changed("PaymentReceived", "{amount} {currency} received", ("status",), ("PAID",)),
            Changed("PaymentOverdue", "{amount} {currency} overdue", ("status",), ("OVERDUE",)),
            Changed("PaymentFailed", "{amount} {currency} refused", ("status",), ("FAILED",)),
            Changed("PaymentRefunded", "{amount} {currency} paid back", ("status",), ("REFUNDED",)),
        ),
    ),
    "orders": History(
        subject=Subject(SubjectKind.ORDER),
        made=(
            Made("OrderDrafted", "Order begun", (), _is("status", "DRAFT")),
            Made("OrderSubmitted", "Order handed in by {channel}", ("submitted_at",), _is("status", *_HANDED_IN)),
            Made("OrderApproved", "Order approved", ("decided_at",), _is("status", "APPROVED", "ISSUED")),
            Made("OrderRejected", "Order rejected", ("decided_at",), _is("status", "REJECTED")),
            Made("OrderWithdrawn", "Order taken back", ("decided_at",), _is("status", "WITHDRAWN")),
        ),
        changed=(Changed("OrderStatusChanged", "Order changed: {status}"),),
    ),
    "claims": History(
        subject=Subject(SubjectKind.CLAIM),
        made=(
            Made(
                "ClaimSubmitted",
                "Claim of {claimed_amount} {currency} reported, cause: {cause}",
                ("reported_at",),
                (),
                ("claimed_amount", "currency", "cause", "incident_on"),
            ),
            Made(
                "ClaimSettled",
                "Claim paid: {paid_amount} {currency}",
                ("closed_at", "reported_at"),
                _is("status", "SETTLED"),
                ("paid_amount", "currency"),
                "ClaimSubmitted",
            ),
            Made(
                "ClaimRejected",
                "Claim rejected",
                ("closed_at", "reported_at"),
                _is("status", "REJECTED"),
                (),
                "ClaimSubmitted",
            ),
            Made(
                "ClaimClosed",
                "Claim closed",
                ("closed_at", "reported_at"),
                _is("status", "CLOSED", "WITHDRAWN"),
                (),
                "ClaimSubmitted",
            ),
        ),
        changed=(
            Changed("ClaimSettled", "Claim paid: {paid_amount} {currency}", ("status",), ("SETTLED",)),
            Changed("ClaimRejected", "Claim rejected", ("status",), ("REJECTED",)),
            Changed("ClaimApproved", "Claim approved", ("status",), ("APPROVED",)),
            Changed("ClaimClosed", "Claim closed", ("status",), ("CLOSED", "WITHDRAWN")),
            Changed("ClaimStatusChanged", "Claim changed: {status}"),
        ),
    ),
    "claim_notes": History(),
    "claim_documents": History(),
    "claim_payments": History(),
    "interactions": History(
        subject=Subject(SubjectKind.INTERACTION),
        made=(
            # An offer is logged as such, and not a second time as a contact.
            Made(
                "InteractionLogged",
                "{subject}",
                ("occurred_at",),
                (),
                ("type", "channel", "direction", "outcome"),
                unless=_OFFER,
            ),
            Made(
                "OfferMade",
                "Offer by {channel}: {subject}",
                ("occurred_at",),
                _OFFER,
                ("channel",),
            ),
            Made(
                "OfferAnswered",
                "Offer {outcome}: {subject}",
                ("occurred_at",),
                (*_OFFER, ("outcome", ("ACCEPTED", "DECLINED"))),
                ("outcome",),
                "OfferMade",
            ),
        ),
        changed=(
            Changed("OfferAnswered", "Offer {outcome}: {subject}", ("outcome",), ("ACCEPTED", "DECLINED")),
            Changed("InteractionLogged", "Record of a contact changed: {subject}"),
        ),
    ),
    "complaints": History(
        subject=Subject(SubjectKind.COMPLAINT),
        made=(
            Made(
                "ComplaintReceived",
                "Complaint about {category}: {description}",
                ("filed_at",),
                (),
                ("category", "channel"),
            ),
            Made(
                "ComplaintEscalated",
                "Complaint taken to the regulator",
                ("filed_at",),
                _is("status", "ESCALATED"),
                (),
                "ComplaintReceived",
            ),
            Made(
                "ComplaintResolved",
                "Complaint resolved",
                ("resolved_at", "filed_at"),
                _is("status", "RESOLVED", "CLOSED"),
                (),
                "ComplaintReceived",
            ),
        ),
        changed=(
            Changed("ComplaintResolved", "Complaint resolved", ("status",), ("RESOLVED", "CLOSED")),
            Changed("ComplaintEscalated", "Complaint taken to the regulator", ("status",), ("ESCALATED",)),
            Changed("ComplaintStatusChanged", "Complaint changed: {status}"),
        ),
    ),
}

assert set(HISTORIES) == set(IMPORTABLE)

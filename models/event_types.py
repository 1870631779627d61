"""The types of events the history knows: name in the past tense -> class, and what it says.

The first five are the customer domain's business events, verbatim; the others follow from the workflows.
An external source may log further types; these are the ones the service itself writes.
"""

from dataclasses import dataclass

from models.history import EventCategory

_SALES = EventCategory.SALES_MARKETING
_SERVICE = EventCategory.SERVICING
_LIFE = EventCategory.LIFE_EVENT
_PRODUCT = EventCategory.PRODUCT_FULFILMENT


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: its name, its BIAN class and its meaning."""

    name: str
    category: EventCategory
    description: str


_ALL = (
    EventType("CustomerCreated", _SALES, "New customer profile established."),
    EventType("CustomerInformationUpdated", _SERVICE, "Customer details modified."),
    EventType("ContactInformationChanged", _SERVICE, "Address, phone or e-mail updated."),
    EventType("CustomerRelationshipEstablished", _SALES, "Connection between customers recorded."),
    EventType("CustomerStatusChanged", _SALES, "Customer status modified."),
    EventType("KycStatusChanged", _SERVICE, "Identity verification moved on."),
    EventType("RiskAssessed", _SERVICE, "Risk score computed."),
    EventType("HouseholdJoined", _SALES, "Customer became a member of a household."),
    EventType("QuoteGenerated", _SALES, "A quote was made."),
    EventType("OfferMade", _SALES, "An offer or campaign reached the customer."),
    EventType("OfferAnswered", _SALES, "The customer accepted or declined an offer."),
    EventType("OrderDrafted", _SALES, "An order was begun."),
    EventType("OrderSubmitted", _SALES, "An order was handed in."),
    EventType("OrderStatusChanged", _PRODUCT, "An order moved on."),
    EventType("OrderApproved", _PRODUCT, "An order was approved."),
    EventType("OrderRejected", _PRODUCT, "An order was rejected."),
    EventType("OrderWithdrawn", _SALES, "An order was taken back."),
    EventType("DocumentVerified", _PRODUCT, "A required document was verified."),
    EventType("MedicalExamScheduled", _PRODUCT, "A medical exam got a date."),
    EventType("MedicalExamCompleted", _PRODUCT, "A medical exam was made."),
    EventType("UnderwritingDecided", _PRODUCT, "The risk of an order was decided on."),
    EventType("ContractIssued", _PRODUCT, "A contract was issued."),
    EventType("ContractRenewed", _PRODUCT, "A contract was renewed."),
    EventType("ContractAmended", _PRODUCT, "A contract was changed."),
    EventType("ContractLapsed", _PRODUCT, "A contract lapsed for want of payment."),
    EventType("ContractReinstated", _PRODUCT, "A lapsed contract was put back in force."),
    EventType("ContractCancelled", _PRODUCT, "A contract ended before its term."),
    EventType("ContractExpired", _PRODUCT, "A contract reached the end of its term."),
    EventType("GracePeriodEntered", _PRODUCT, "A grace period began."),
    EventType("PaymentReceived", _PRODUCT, "A payment was received."),
    EventType("PaymentOverdue", _PRODUCT, "A payment was not received in time."),
    EventType("PaymentFailed", _PRODUCT, "A payment was refused."),
    EventType("PaymentRefunded", _PRODUCT, "A payment was paid back."),
    EventType("ClaimSubmitted", _PRODUCT, "A claim was reported."),
    EventType("ClaimStatusChanged", _PRODUCT, "A claim moved on."),
    EventType("ClaimApproved", _PRODUCT, "A claim's amount was approved."),
    EventType("ClaimRejected", _PRODUCT, "A claim was rejected."),
    EventType("ClaimSettled", _PRODUCT, "A claim was paid."),
    EventType("ClaimClosed", _PRODUCT, "A claim was closed."),
    EventType("InteractionLogged", _SERVICE, "A contact with the customer was recorded."),
    EventType("LifeEventDetected", _LIFE, "A life event became known."),
    EventType("ComplaintReceived", _SERVICE, "A complaint was filed."),
    EventType("ComplaintStatusChanged", _SERVICE, "A complaint moved on."),
    EventType("ComplaintEscalated", _SERVICE, "A complaint was taken to the regulator."),
    EventType("ComplaintResolved", _SERVICE, "A complaint was resolved."),
)

EVENT_TYPES: dict[str, EventType] = {event.name: event for event in _ALL}

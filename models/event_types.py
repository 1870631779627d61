"""The types of events the history knows: name in the past tense -> class, and what it says.

The first five are the customer domain's business events, verbatim; the others follow from the workflows.
Those at the end come from other systems, which may log further types of their own choice as well.
"""

from dataclasses import dataclass

from models.event_facts import FACTS
from models.history import EventCategory

_SALES = EventCategory.SALES_MARKETING
_SERVICE = EventCategory.SERVICING
_LIFE = EventCategory.LIFE_EVENT
_PRODUCT = EventCategory.PRODUCT_FULFILMENT


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: its name, its BIAN class, its meaning, and the facts its payload may hold (event_facts.py)."""

    name: str
    category: EventCategory
    description: str
    facts: tuple[str, ...]
    # Recorded by other systems (changes/history.py), never by the service itself.
    external: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a fact that is not described."""
        if unknown := set(self.facts) - FACTS.keys():
            raise ValueError(f"{self.name}: models/event_facts.py does not describe {', '.join(sorted(unknown))}")


def _event(name: str, category: EventCategory, description: str, facts: str) -> EventType:
    return EventType(name, category, description, tuple(facts.split()))


# Name, class, meaning, and the facts of the payload.
_ALL: tuple[EventType, ...] = (
    _event("CustomerCreated", _SALES, "New customer profile established.", "number kind country status"),
    _event("CustomerInformationUpdated", _SERVICE, "Customer details modified.", "changed"),
    _event("ContactInformationChanged", _SERVICE, "Address, phone or e-mail updated.", "changed kind"),
    _event("CustomerRelationshipEstablished", _SALES, "Connection between customers recorded.", "kind related"),
    _event("CustomerRelationshipEnded", _SERVICE, "Connection between customers ended.", "kind related"),
    _event("CustomerMerged", _SERVICE, "A duplicate of the customer was merged into it.", "number"),
    _event("CustomerUnmerged", _SERVICE, "A merge with another customer was taken back.", "related"),
    _event("CustomerStatusChanged", _SALES, "Customer status modified.", "from status reason"),
    _event("KycStatusChanged", _SERVICE, "Identity verification moved on.", "from to"),
    _event("RiskAssessed", _SERVICE, "Risk score computed.", "riskScore riskBand"),
    _event("ConsentGranted", _SERVICE, "The customer consented to a use of personal data.", "purpose"),
    _event("ConsentWithdrawn", _SERVICE, "The customer withdrew or refused a consent.", "purpose"),
    _event("HouseholdJoined", _SALES, "Customer became a member of a household.", "role"),
    _event("HouseholdLeft", _SERVICE, "Customer left a household.", "role"),
    _event("QuoteGenerated", _SALES, "A quote was made.", "product premium currency"),
    _event("OfferMade", _SALES, "An offer or campaign reached the customer.", "type channel direction"),
    _event("OfferAnswered", _SALES, "The customer accepted or declined an offer.", "outcome"),
    _event("OrderDrafted", _SALES, "An order was begun.", "status product channel"),
    _event("OrderSubmitted", _SALES, "An order was handed in.", "status product channel"),
    _event("OrderStatusChanged", _PRODUCT, "An order moved on.", "from status product channel reason"),
    _event("OrderApproved", _PRODUCT, "An order was approved.", "status product channel premium currency"),
    _event("OrderRejected", _PRODUCT, "An order was rejected.", "status product channel reason"),
    _event("OrderWithdrawn", _SALES, "An order was taken back.", "status product channel reason"),
    _event("DocumentVerified", _PRODUCT, "A required document was verified.", "documents kind"),
    _event("MedicalExamScheduled", _PRODUCT, "A medical exam got a date.", "kind dueOn"),
    _event("MedicalExamCompleted", _PRODUCT, "A medical exam was made.", "status kind outcome"),
    _event("UnderwritingDecided", _PRODUCT, "The risk of an order was decided on.", "outcome riskScore"),
    _event(
        "ContractIssued",
        _PRODUCT,
        "A contract was issued.",
        "number product premium currency coverageLevel",
    ),
    _event("RenewalReminderSent", _PRODUCT, "A reminder of a renewal went out.", "renewalOn premium currency"),
    _event("ContractRenewed", _PRODUCT, "A contract was renewed.", "renewedOn premium currency"),
    _event("ContractAmended", _PRODUCT, "A contract was changed.", "changed effectiveOn"),
    _event("ContractLapsed", _PRODUCT, "A contract lapsed for want of payment.", "status"),
    _event("ContractReinstated", _PRODUCT, "A lapsed contract was put back in force.", "status"),
    _event("ContractCancelled", _PRODUCT, "A contract ended before its term.", "status reason effectiveOn"),
    _event("ContractExpired", _PRODUCT, "A contract reached the end of its term.", "status"),
    _event("GracePeriodEntered", _PRODUCT, "A grace period began.", "graceDays dueOn"),
    _event("CoverBegan", _PRODUCT, "Cover of a contract began.", "status effectiveOn"),
    _event("GracePeriodEnded", _PRODUCT, "Arrears were settled within the grace period.", "status"),
    _event("PaymentReceived", _PRODUCT, "A payment was received.", "amount currency method"),
    _event("PaymentUnmatched", _PRODUCT, "A payment had not been received after all.", "status amount currency"),
    _event("ReceiptMatched", _PRODUCT, "Money that came in was matched with a payment.", "amount currency method"),
    _event("ReceiptReturned", _PRODUCT, "Money that came in was sent back.", "amount currency reason"),
    _event("PaymentOverdue", _PRODUCT, "A payment was not received in time.", "amount currency dueOn lateFee"),
    _event("PaymentFailed", _PRODUCT, "A payment was refused.", "amount currency reason"),
    _event("PaymentRefunded", _PRODUCT, "A payment was paid back.", "amount currency reason"),
    _event("PaymentWaived", _PRODUCT, "A payment is no longer asked for.", "amount currency dueOn"),
    _event("ClaimSubmitted", _PRODUCT, "A claim was reported.", "status amount currency cause incidentOn"),
    _event("ClaimStatusChanged", _PRODUCT, "A claim moved on.", "from status amount currency reason"),
    _event("ClaimAssigned", _PRODUCT, "A claim was given to somebody who handles it.", "status"),
    _event("ClaimApprovalGiven", _PRODUCT, "The first of two approvals of a claim's amount.", "amount currency level"),
    _event("ClaimApproved", _PRODUCT, "A claim's amount was approved.", "status amount currency level"),
    _event("ClaimRejected", _PRODUCT, "A claim was rejected.", "status amount currency reason"),
    _event("ClaimSettled", _PRODUCT, "A claim was paid.", "status amount currency method"),
    _event("ClaimPaymentOrdered", _PRODUCT, "A payment on a claim was ordered.", "amount currency method"),
    _event("ClaimPaymentMade", _PRODUCT, "A payment on a claim was paid out.", "amount currency method"),
    _event("ClaimPaymentFailed", _PRODUCT, "A payment on a claim was refused or sent back.", "amount currency method"),
    _event("ClaimDocumentReceived", _PRODUCT, "A document of a claim came.", "kind"),
    _event("ClaimClosed", _PRODUCT, "A claim was closed.", "status amount currency"),
    _event("InteractionLogged", _SERVICE, "A contact was recorded.", "type channel direction outcome"),
    _event("FollowUpCreated", _SERVICE, "A contact left something to be done.", "priority dueAt"),
    _event("FollowUpDue", _SERVICE, "A follow-up task was not done when it fell due.", "priority dueAt"),
    _event("FollowUpCompleted", _SERVICE, "A follow-up task was done.", "dueAt"),
    _event("FollowUpCancelled", _SERVICE, "A follow-up task was given up.", "dueAt"),
    _event("LifeEventDetected", _LIFE, "A life event became known.", "kind city spouse child employment"),
    _event("ComplaintReceived", _SERVICE, "A complaint was filed.", "category dueOn channel"),
    _event("ComplaintOverdue", _SERVICE, "A complaint was not answered in time.", "dueOn"),
    _event("ComplaintStatusChanged", _SERVICE, "A complaint moved on.", "from status"),
    _event("ComplaintEscalated", _SERVICE, "A complaint was taken to the regulator.", "from status"),
    _event("ComplaintResolved", _SERVICE, "A complaint was resolved.", "from status"),
)

# What other systems are known to report: the services of BIAN's landscape that trigger the event history.
_EXTERNAL = (
    ("CampaignResponseReceived", _SALES, "The customer answered a campaign run elsewhere."),
    ("CustomerInsightDeveloped", _SALES, "An analysis found something out about the customer."),
    ("CustomerUpgraded", _SALES, "The customer was moved to another class of service."),
    ("RelationshipPlanned", _SALES, "A plan for the relationship was made."),
    ("SessionEnded", _SERVICE, "A visit of a portal or an app ended."),
    ("CaseHandled", _SERVICE, "A case was handled by another system."),
    ("ResearchFinding", _LIFE, "External research found a change in the customer's life."),
    ("ProductAlertRaised", _PRODUCT, "A system that fulfils products raised an alert."),
)

EXTERNAL_FACTS = ("system", "reference")
"""What the payload of an event of another system may hold, whatever its type."""

_ALL += tuple(
    EventType(name, category, description, EXTERNAL_FACTS, external=True) for name, category, description in _EXTERNAL
)

EVENT_TYPES: dict[str, EventType] = {event.name: event for event in _ALL}

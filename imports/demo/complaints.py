"""Complaints: filed in a contact, due in thirty days, resolved in the end or taken to the regulator."""

from imports.demo.dice import shares
from imports.demo.moments import DAY, HOUR, Moment, to_date
from imports.demo.records import Claim, Contract
from imports.demo.world import Customer, World
from models.complaints import ComplaintCategory as Category
from models.complaints import ComplaintStatus as Status
from models.history import EventSource, SubjectKind
from models.interactions import Channel
from models.staff import TeamKind

DAYS_TO_ANSWER = 30

_CATEGORIES = shares(
    {
        Category.SERVICE_QUALITY: 26,
        Category.BILLING: 24,
        Category.COMMUNICATION: 18,
        Category.POLICY_TERMS: 14,
        Category.SALES_PRACTICES: 12,
        Category.PRIVACY: 6,
    }
)
_WORDS: dict[Category, tuple[str, ...]] = {
    Category.SERVICE_QUALITY: ("Waited an hour on the phone and was cut off.", "Agent was unfriendly and in a hurry."),
    Category.CLAIMS_HANDLING: ("The claim takes far too long.", "The amount approved is much too low.",
                               "Documents were asked for three times."),
    Category.BILLING: ("The premium was collected twice.", "The invoice does not match the contract."),
    Category.POLICY_TERMS: ("The exclusions were not made clear.", "The premium rose without a reason given."),
    Category.SALES_PRACTICES: ("Was talked into cover that is not needed.", "Was not told of the deductible."),
    Category.COMMUNICATION: ("Letters go to the old address.", "No answer to three e-mails."),
    Category.PRIVACY: ("Got another customer's letter.", "Gets advertising in spite of objection."),
}  # fmt: skip
_OUTCOMES = shares({Status.RESOLVED: 50, Status.CLOSED: 38, Status.ESCALATED: 12})
_RESOLUTIONS = ("Apologised and put right.", "Explained in writing; the customer accepts.", "Paid a goodwill amount.",
                "Amount corrected and paid back.", "Complaint not founded; explained why.")  # fmt: skip
_CHANNELS = (Channel.EMAIL, Channel.EMAIL, Channel.WEB_PORTAL, Channel.MAIL, Channel.PHONE)
_EVENTS = {
    Status.INVESTIGATING: ("ComplaintStatusChanged", "is being looked into"),
    Status.PENDING_RESPONSE: ("ComplaintStatusChanged", "is looked into, the answer is due"),
    Status.RESOLVED: ("ComplaintResolved", "resolved"),
    Status.CLOSED: ("ComplaintResolved", "resolved"),
    Status.ESCALATED: ("ComplaintEscalated", "taken to the regulator"),
}


def complain(
    world: World, customer: Customer, contract: Contract, claim: Claim | None, contact: str, cause: str, filed: Moment
) -> None:
    """Write a complaint made in the contact, and its events; `cause` is the contact's event."""
    dice = world.dice
    age = (world.now - filed) // DAY
    if age < 25:
        status = dice.pick((Status.RECEIVED, Status.INVESTIGATING, Status.INVESTIGATING, Status.PENDING_RESPONSE))
    elif age < 45 and dice.chance(0.4):
        status = dice.pick((Status.INVESTIGATING, Status.PENDING_RESPONSE, Status.ESCALATED))
    else:
        status = dice.pick(_OUTCOMES)
    category = Category.CLAIMS_HANDLING if claim else dice.pick(_CATEGORIES)
    # Most are answered in time, a few are not.
    took = dice.between(2, DAYS_TO_ANSWER - 2) if dice.chance(0.88) else dice.between(DAYS_TO_ANSWER, 44)
    resolved_at = world.past(filed + took * DAY) if status in (Status.RESOLVED, Status.CLOSED) else None
    changed_at = resolved_at or (filed if status is Status.RECEIVED else world.past(filed + dice.between(1, 6) * DAY))
    due = filed // DAY + DAYS_TO_ANSWER
    number = world.number("complaints")
    handler = world.agent(TeamKind.COMPLAINTS, filed // DAY)
    complaint = dice.new_id(filed)
    world.rows.complaints(
        id=complaint,
        customer_id=customer.id,
        version=1 if status is Status.RECEIVED else 3 if resolved_at else 2,
        created_at=filed,
        updated_at=changed_at,
        number=number,
        category=category,
        status=status,
        channel=dice.pick(_CHANNELS),
        description=dice.pick(_WORDS[category]),
        filed_at=filed,
        due_on=due,
        resolution=dice.pick(_RESOLUTIONS) if resolved_at else None,
        resolved_at=resolved_at,
        regulator_reference=_regulators(world, filed) if status is Status.ESCALATED else None,
        handler_id=None if status is Status.RECEIVED else handler.id,
        interaction_id=contact,
        contract_id=contract.id,
        claim_id=claim and claim.id,
    )
    customer.complaints += 1
    subject = (SubjectKind.COMPLAINT, complaint)
    received = world.record(
        "ComplaintReceived",
        customer.id,
        filed,
        subject,
        f"Complaint {number} received: {category.value.lower().replace('_', ' ')}",
        late=HOUR,
        cause=cause,
        operation=cause,
        payload={"category": category.value, "dueOn": to_date(due)},
    )
    if status in _EVENTS:
        kind, what = _EVENTS[status]
        world.record(
            kind,
            customer.id,
            changed_at,
            subject,
            f"Complaint {number} {what}",
            source=EventSource.AGENT,
            cause=received,
            operation=cause,
            actor=handler.number,
            payload={"status": status.value},
        )


def _regulators(world: World, filed: Moment) -> str:
    return f"OMB-{to_date(filed // DAY).year}-{world.dice.digits(6)}"

"""Interactions, what they left to be done, and complaints: what customers and the insurer said to one another."""

from imports.demo.complaints import complain
from imports.demo.dice import shares
from imports.demo.follow_ups import leave_to_be_done
from imports.demo.moments import DAY, HOUR, Moment
from imports.demo.records import Contract, Portfolio
from imports.demo.world import Customer, World
from models.customers import CustomerStatus
from models.history import EventSource, SubjectKind
from models.interactions import Channel, Direction
from models.interactions import InteractionOutcome as Outcome
from models.interactions import InteractionType as Type
from models.staff import TeamKind

# The matter in a line; {} is the product.
_SUBJECTS: dict[Type, tuple[str, ...]] = {
    Type.INQUIRY: ("Question about cover abroad", "Question about {}", "Asks for a tax statement"),
    Type.SERVICE_REQUEST: ("Asks for a copy of the contract", "Asks for a confirmation of cover", "Portal login reset",
                           "Asks for an insurance card"),
    Type.COMPLAINT: ("Complains about {}",),
    Type.CLAIM_INQUIRY: ("Asks how the claim is going", "Sends documents for the claim", "Asks when the claim is paid"),
    Type.PAYMENT: ("Question about the last invoice", "New bank account", "Asks to pay by the month"),
    Type.POLICY_CHANGE: ("Change of {}", "Wants a higher sum insured", "Adds a driver or a family member"),
    Type.QUOTE: ("Quote for {}", "Offer: more cover with {}", "Comparison of tariffs"),
    Type.FEEDBACK: ("Praise for quick help", "Feedback on the app", "Suggestion for the portal"),
}  # fmt: skip
_SUMMARIES: dict[Outcome, tuple[str, ...]] = {
    Outcome.RESOLVED: ("Answered and settled at once.", "Explained; the customer is content.", "Done as asked."),
    Outcome.FOLLOW_UP: ("Will call back with details.", "Documents to be sent by the customer."),
    Outcome.ESCALATED: ("Passed to the specialist team.",),
    Outcome.TRANSFERRED: ("Goes on by e-mail.",),
    Outcome.NO_ANSWER: ("Not reached, message left.",),
    Outcome.ACCEPTED: ("The customer takes the offer.",),
    Outcome.DECLINED: ("Not interested for now.",),
    Outcome.NO_RESPONSE: ("No reply so far.",),
}
_TYPES = shares(
    {
        Type.INQUIRY: 24,
        Type.SERVICE_REQUEST: 20,
        Type.PAYMENT: 16,
        Type.POLICY_CHANGE: 15,
        Type.QUOTE: 17,
        Type.FEEDBACK: 8,
    }
)
_CHANNELS = shares(
    {
        Channel.PHONE: 34,
        Channel.EMAIL: 20,
        Channel.WEB_PORTAL: 16,
        Channel.MOBILE_APP: 12,
        Channel.CHAT: 9,
        Channel.IN_PERSON: 6,
        Channel.MAIL: 3,
    }
)
_OUTCOMES = shares({Outcome.RESOLVED: 72, Outcome.FOLLOW_UP: 17, Outcome.ESCALATED: 5, Outcome.TRANSFERRED: 6})
_OFFER_OUTCOMES = shares(
    {Outcome.ACCEPTED: 22, Outcome.DECLINED: 34, Outcome.NO_RESPONSE: 26, Outcome.NO_ANSWER: 10, Outcome.FOLLOW_UP: 8}
)
_WITHOUT_AGENT = frozenset((Channel.WEB_PORTAL, Channel.MOBILE_APP))
_TIMED = {Channel.PHONE: (40, 1_500), Channel.CHAT: (90, 1_800), Channel.IN_PERSON: (600, 5_400)}
_WITH_CONTRACT = frozenset((Type.PAYMENT, Type.POLICY_CHANGE, Type.SERVICE_REQUEST))
_COUNTS: dict[CustomerStatus, tuple[int, int]] = {
    CustomerStatus.ACTIVE: (1, 7),
    CustomerStatus.SUSPENDED: (2, 7),
    CustomerStatus.PROSPECT: (0, 3),
    CustomerStatus.INACTIVE: (1, 4),
    CustomerStatus.DECEASED: (1, 4),
    CustomerStatus.CLOSED: (1, 4),
}


def converse(world: World, customer: Customer, portfolio: Portfolio) -> None:
    """Write the customer's contacts with the insurer, and the complaints that came of them."""
    dice = world.dice
    low, high = customer.since, customer.until - 1
    for _ in range(dice.between(*_COUNTS[customer.course])):
        kind = dice.pick(_TYPES)
        contract = dice.pick(portfolio.contracts) if portfolio.contracts and kind in _WITH_CONTRACT else None
        # People remember the last years' contacts best, and so does the insurer.
        day = high - dice.skewed(0, max(min(high - low, 2_600), 0))
        moment = world.past(dice.any_time(day))
        if contract and moment < contract.issued_at:
            contract = None
        _interaction(world, customer, kind, max(moment, customer.created_at + HOUR), contract)
    for contract in portfolio.contracts:
        for claim in contract.claims:
            if claim.last_at - claim.reported_at > DAY and dice.chance(0.5):
                moment = dice.between(claim.reported_at, claim.last_at)
                _interaction(world, customer, Type.CLAIM_INQUIRY, moment, contract, claim.id)
    if portfolio.contracts and dice.chance(0.075):
        contract = dice.pick(portfolio.contracts)
        earliest = max(contract.issued_at // DAY + 1, high - 1_500)
        if earliest < high:
            first = contract.claims[0] if contract.claims else None
            if first:
                earliest = max(earliest, first.reported_at // DAY + 1)
            moment = world.past(dice.any_time(high - dice.skewed(0, max(high - earliest, 0))))
            about = first if first and first.reported_at < moment else None
            claim_id = about.id if about else None
            contact, event = _interaction(world, customer, Type.COMPLAINT, moment, contract, claim_id)
            complain(world, customer, contract, about, contact, event, moment)


def _interaction(
    world: World,
    customer: Customer,
    kind: Type,
    moment: Moment,
    contract: Contract | None,
    claim_id: str | None = None,
) -> tuple[str, str]:
    """Write a contact and its event; returns the ids of both."""
    dice = world.dice
    offer = kind is Type.QUOTE and dice.chance(0.6)
    direction = Direction.OUTBOUND if offer or dice.chance(0.1) else Direction.INBOUND
    channel = dice.pick(_CHANNELS)
    outcome = dice.pick(_OFFER_OUTCOMES if offer else _OUTCOMES)
    if kind is Type.COMPLAINT:
        outcome = Outcome.ESCALATED
    open_still = moment > world.now - 2 * DAY
    product = contract.terms.product.name if contract else "an insurance"
    subject = dice.pick(_SUBJECTS[kind]).format(product)
    team = TeamKind.CLAIMS if claim_id else TeamKind.SALES if kind is Type.QUOTE else TeamKind.SERVICE
    agent = None if channel in _WITHOUT_AGENT else world.agent(team, moment // DAY)
    contact = dice.new_id(moment)
    world.rows.interactions(
        id=contact,
        customer_id=customer.id,
        type=kind,
        channel=channel,
        direction=direction,
        outcome=None if open_still else outcome,
        subject=subject,
        summary=None if open_still else dice.pick(_SUMMARIES[outcome]),
        occurred_at=moment,
        duration_seconds=dice.skewed(*_TIMED[channel]) if channel in _TIMED else None,
        agent_id=agent and agent.id,
        contract_id=contract and contract.id,
        claim_id=claim_id,
        created_at=moment,
    )
    event = world.record(
        "OfferMade" if offer else "InteractionLogged",
        customer.id,
        moment,
        (SubjectKind.INTERACTION, contact),
        subject,
        source=EventSource.AGENT if agent else EventSource.PORTAL,
        actor=agent.number if agent else None,
        payload={"type": kind.value, "channel": channel.value, "direction": direction.value},
    )
    if offer and not open_still and outcome in (Outcome.ACCEPTED, Outcome.DECLINED):
        world.record(
            "OfferAnswered",
            customer.id,
            world.past(moment + dice.between(60, 2 * HOUR)),
            (SubjectKind.INTERACTION, contact),
            f"{subject}: {outcome.value.lower()}",
            source=EventSource.AGENT if agent else EventSource.PORTAL,
            cause=event,
            operation=event,
            payload={"outcome": outcome.value},
        )
    if outcome is Outcome.FOLLOW_UP and not open_still:
        leave_to_be_done(world, customer, (contact, event), moment, kind, team, agent)
    return contact, event


def anonymous(world: World) -> None:
    """A contact of someone nobody knows (yet): a visitor of the web site, a caller without a number."""
    dice = world.dice
    moment = world.past(dice.any_time(world.today - dice.skewed(1, 900)))
    kind = Type.QUOTE if dice.chance(0.6) else Type.INQUIRY
    on_the_web = dice.chance(0.8)
    channel = (Channel.CHAT if dice.chance(0.25) else Channel.WEB_PORTAL) if on_the_web else Channel.PHONE
    agent = None if channel is Channel.WEB_PORTAL else world.agent(TeamKind.SERVICE, moment // DAY)
    subject = dice.pick(_SUBJECTS[kind]).format("an insurance")
    contact = dice.new_id(moment)
    reference = f"{'web-session' if on_the_web else 'call'}-{dice.getrandbits(40):010x}"
    outcome = dice.pick((Outcome.RESOLVED, Outcome.NO_RESPONSE, Outcome.FOLLOW_UP))
    world.rows.interactions(
        id=contact,
        anonymous_reference=reference,
        type=kind,
        channel=channel,
        direction=Direction.INBOUND,
        outcome=outcome,
        subject=subject,
        occurred_at=moment,
        agent_id=agent and agent.id,
        created_at=moment,
    )
    event = world.record(
        "InteractionLogged",
        None,
        moment,
        (SubjectKind.INTERACTION, contact),
        f"Unknown contact: {subject}",
        source=EventSource.AGENT if agent else EventSource.PORTAL,
        actor=agent.number if agent else None,
        payload={"type": kind.value, "channel": channel.value, "direction": "INBOUND"},
    )
    if outcome is Outcome.FOLLOW_UP:
        leave_to_be_done(world, None, (contact, event), moment, kind, TeamKind.SERVICE, agent)

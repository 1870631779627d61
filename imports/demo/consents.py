"""Consents: what customers allow when they come or buy, and what some of them take back later."""

from imports.demo.dice import Dice
from imports.demo.moments import DAY, Moment
from imports.demo.records import Portfolio
from imports.demo.world import Customer, World
from models.consents import ConsentPurpose, ConsentStatus
from models.history import EventSource, SubjectKind
from models.interactions import Channel
from models.products import LineOfBusiness

_CHANNELS = (Channel.WEB_PORTAL, Channel.WEB_PORTAL, Channel.PHONE, Channel.EMAIL, Channel.IN_PERSON, Channel.MAIL)
_MEDICAL = (LineOfBusiness.LIFE, LineOfBusiness.HEALTH)
# How many are asked, and how many of those agree, in percent.
_ASKED = {ConsentPurpose.MARKETING: (45, 80), ConsentPurpose.PROFILING: (12, 55), ConsentPurpose.SURVEYS: (8, 90)}


def consent(world: World, customer: Customer, portfolio: Portfolio) -> None:
    """Write what the customer said: on coming, with contracts that need it, and when it was taken back."""
    # Dice of its own: the rest of the world is the same with and without consents.
    dice = Dice(f"consents of {customer.id}")
    for purpose, (asked, agree) in _ASKED.items():
        if dice.chance(asked / 100):
            status = ConsentStatus.GRANTED if dice.chance(agree / 100) else ConsentStatus.WITHDRAWN
            given = world.past(customer.created_at + dice.between(60, 3 * DAY))
            _say(world, dice, customer, purpose, status, given)
            if purpose is ConsentPurpose.MARKETING and status is ConsentStatus.GRANTED and dice.chance(0.1):
                _take_back(world, dice, customer, purpose, given)
    medical = next((c for c in portfolio.contracts if c.terms.product.line in _MEDICAL), None)
    if medical is not None and dice.chance(0.6):
        _say(world, dice, customer, ConsentPurpose.HEALTH_DATA, ConsentStatus.GRANTED, medical.issued_at)
    sold = {c.partner.id: c.issued_at for c in reversed(portfolio.contracts) if c.partner is not None}
    for partner, issued_at in sold.items():
        if dice.chance(0.5):
            _say(world, dice, customer, ConsentPurpose.PARTNER_SHARING, ConsentStatus.GRANTED, issued_at, partner)
        if dice.chance(0.06):
            _take_back(world, dice, customer, ConsentPurpose.PARTNER_SHARING, issued_at, partner)
    if dice.chance(0.01):
        # For all partners, whether there is one or not.
        _take_back(world, dice, customer, ConsentPurpose.PARTNER_SHARING, customer.created_at)


def _take_back(
    world: World, dice: Dice, customer: Customer, purpose: ConsentPurpose, since: Moment, partner: str | None = None
) -> None:
    """A withdrawal some time after `since`, with its event."""
    moment = min(since + DAY + dice.skewed(0, 1_000) * DAY, customer.until * DAY + 40_000)
    moment = world.past(max(moment, since + 3_600))
    _say(world, dice, customer, purpose, ConsentStatus.WITHDRAWN, moment, partner)
    world.record(
        "ConsentWithdrawn",
        customer.id,
        moment,
        (SubjectKind.CUSTOMER, customer.id),
        f"{customer.name} withdrew consent to {purpose.value.lower().replace('_', ' ')}",
        source=EventSource.PORTAL,
        payload={"purpose": purpose.value},
        dice=dice,
    )


def _say(
    world: World,
    dice: Dice,
    customer: Customer,
    purpose: ConsentPurpose,
    status: ConsentStatus,
    moment: Moment,
    partner: str | None = None,
) -> None:
    world.rows.consents(
        id=dice.new_id(moment),
        customer_id=customer.id,
        purpose=purpose,
        status=status,
        channel=dice.pick(_CHANNELS),
        recorded_at=moment,
        partner_id=partner,
    )

"""How customers are reached: addresses, phones and e-mail addresses."""

from imports.demo.moments import DAY, Day, Moment
from imports.demo.names import MAIL_DOMAINS, mailbox
from imports.demo.world import Customer, Organisation, Person, Place, World
from models.contact_points import AddressKind, EmailKind, PhoneKind


def reach(world: World, customer: Customer) -> None:
    """Write everything by which the customer can be reached."""
    _addresses(world, customer)
    if isinstance(customer, Person):
        if customer.age(world.today) >= 14:
            _private_lines(world, customer)
    elif isinstance(customer, Organisation):
        _business_lines(world, customer)


def _addresses(world: World, customer: Customer) -> None:
    dice, home = world.dice, customer.home
    known = max(customer.created_at, home.since * DAY + 30_000)
    _address(world, customer, AddressKind.PHYSICAL, home, known)
    if customer.former_home:
        _address(world, customer, AddressKind.PHYSICAL, customer.former_home, customer.created_at, home.since - 1)
    if isinstance(customer, Organisation):
        if dice.chance(0.5):
            _address(world, customer, AddressKind.BILLING, home, known)
        if dice.chance(0.4):
            _address(world, customer, AddressKind.MAILING, home, known, street=_post_box(world, customer))
    elif dice.chance(0.45):
        box = _post_box(world, customer) if dice.chance(0.08) else None
        _address(world, customer, AddressKind.MAILING, home, known, street=box)


def _post_box(world: World, customer: Customer) -> str:
    return f"{customer.market.post_box} {world.dice.between(10, 9_800)}"


def _address(
    world: World,
    customer: Customer,
    kind: AddressKind,
    place: Place,
    created_at: Moment,
    valid_to: Day | None = None,
    street: str | None = None,
) -> None:
    world.rows.addresses(
        id=world.dice.new_id(created_at),
        customer_id=customer.id,
        kind=kind,
        street=street or place.street,
        postal_code=place.postal_code,
        city=place.city.name,
        region=place.city.region,
        country=customer.market.country,
        area=place.area,
        is_primary=valid_to is None,
        valid_from=place.since,
        valid_to=valid_to,
        created_at=created_at,
    )


def _private_lines(world: World, person: Person) -> None:
    dice, market = world.dice, person.market
    if dice.chance(0.9):
        _phone(world, person, PhoneKind.MOBILE, market.mobile(dice), True)
        if dice.chance(0.3):
            _phone(world, person, PhoneKind.HOME, market.landline(dice, person.home.city), False)
    else:
        _phone(world, person, PhoneKind.HOME, market.landline(dice, person.home.city), True)
    if not dice.chance(0.94):
        return
    first, last = mailbox(person.first_name), mailbox(person.last_name)
    name = dice.pick((f"{first}.{last}", f"{first}.{last}", f"{first[0]}.{last}", f"{last}.{first}", f"{first}_{last}"))
    number = str(dice.between(2, 99)) if dice.chance(0.4) else ""
    _email(world, person, EmailKind.PERSONAL, f"{name}{number}@{dice.pick(MAIL_DOMAINS)}", True)
    if person.occupation and dice.chance(0.2):
        employer = mailbox(dice.pick(market.names.last))
        _email(world, person, EmailKind.WORK, f"{first}.{last}@{employer}.example", False)


def _business_lines(world: World, organisation: Organisation) -> None:
    dice, market = world.dice, organisation.market
    _phone(world, organisation, PhoneKind.WORK, market.landline(dice, organisation.home.city), True)
    if dice.chance(0.3):
        _phone(world, organisation, PhoneKind.MOBILE, market.mobile(dice), False)
    domain = f"{mailbox(organisation.name.partition(' & ')[0])[:40]}.example"
    _email(world, organisation, EmailKind.WORK, f"{dice.pick(('info', 'office', 'contact'))}@{domain}", True)
    if dice.chance(0.35):
        _email(world, organisation, EmailKind.WORK, f"insurance@{domain}", False)


def _phone(world: World, customer: Customer, kind: PhoneKind, e164: str, primary: bool) -> None:
    created_at = customer.created_at
    world.rows.phones(
        id=world.dice.new_id(created_at),
        customer_id=customer.id,
        kind=kind,
        e164=e164,
        is_primary=primary,
        verified_at=_verified(world, customer, 0.6),
        created_at=created_at,
    )


def _email(world: World, customer: Customer, kind: EmailKind, address: str, primary: bool) -> None:
    created_at = customer.created_at
    world.rows.emails(
        id=world.dice.new_id(created_at),
        customer_id=customer.id,
        kind=kind,
        address=address,
        is_primary=primary,
        verified_at=_verified(world, customer, 0.7),
        created_at=created_at,
    )


def _verified(world: World, customer: Customer, probability: float) -> Moment | None:
    if not world.dice.chance(probability):
        return None
    return world.past(customer.created_at + world.dice.between(120, 3 * DAY))

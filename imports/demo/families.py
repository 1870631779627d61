"""Who belongs together: households, marriages, children, firms and the people who act for them."""

from imports.demo import life
from imports.demo.bank_accounts import bank_with
from imports.demo.consents import consent
from imports.demo.contact_points import reach
from imports.demo.contacts import anonymous, converse
from imports.demo.countries import SPREAD
from imports.demo.dice import shares
from imports.demo.moments import DAY, Day
from imports.demo.people import YEAR, finish, new_organisation, new_person
from imports.demo.policies import insure
from imports.demo.records import Portfolio
from imports.demo.world import Customer, Person, World
from models.customers import CustomerStatus, EmploymentStatus, Gender, MaritalStatus
from models.history import EventSource, SubjectKind
from models.households import HouseholdRole, RecordSource, RelationshipKind

ORGANISATIONS = 12
"""Percent of the customers that are organisations."""

_COURSES = shares(
    {
        CustomerStatus.ACTIVE: 72,
        CustomerStatus.PROSPECT: 12,
        CustomerStatus.INACTIVE: 8,
        CustomerStatus.SUSPENDED: 2,
        CustomerStatus.DECEASED: 2,
        CustomerStatus.CLOSED: 4,
    }
)
_AGES = (range(18, 27), range(25, 40), range(30, 45), range(35, 55), range(45, 65), range(60, 75), range(70, 93))
_MARITAL: tuple[tuple[int, tuple[MaritalStatus, ...]], ...] = tuple(
    (age, shares(dict(zip(MaritalStatus, weights, strict=True))))
    for age, weights in (  # SINGLE, MARRIED, REGISTERED_PARTNERSHIP, SEPARATED, DIVORCED, WIDOWED
        (20, (100, 0, 0, 0, 0, 0)),
        (25, (92, 6, 2, 0, 0, 0)),
        (35, (50, 38, 4, 3, 5, 0)),
        (65, (20, 59, 4, 3, 12, 2)),
        (999, (8, 58, 1, 1, 12, 20)),
    )
)
_COUPLED = (MaritalStatus.MARRIED, MaritalStatus.REGISTERED_PARTNERSHIP)
_CHILDREN = shares({0: 38, 1: 26, 2: 28, 3: 8})
_MIRROR = {
    RelationshipKind.SPOUSE: RelationshipKind.SPOUSE,
    RelationshipKind.PARTNER: RelationshipKind.PARTNER,
    RelationshipKind.CHILD: RelationshipKind.PARENT,
    RelationshipKind.PARENT: RelationshipKind.CHILD,
    RelationshipKind.SIBLING: RelationshipKind.SIBLING,
    RelationshipKind.EMPLOYER: RelationshipKind.EMPLOYEE,
    RelationshipKind.DEPENDENT: RelationshipKind.GUARDIAN,
}
_WORKING = (EmploymentStatus.EMPLOYED, EmploymentStatus.SELF_EMPLOYED, EmploymentStatus.CIVIL_SERVANT)


def populate(world: World, size: int) -> None:
    """Fill the chunk with `size` customers: whole families and firms, and nothing that reaches outside it."""
    made = firms = 0
    while made < size:
        if firms * 100 < ORGANISATIONS * made:
            firms += 1
            made += 1
            _firm(world)
        else:
            made += _family(world, size - made)
    for _ in range(size // 25):
        anonymous(world)


def _firm(world: World) -> None:
    dice = world.dice
    market = dice.pick(SPREAD)
    course = dice.pick(_COURSES)
    if course is CustomerStatus.DECEASED:
        course = CustomerStatus.ACTIVE
    parents = [firm for firm in world.organisations if firm.market is market]
    firm = new_organisation(world, market, course)
    if parents and dice.chance(0.08):
        parent = dice.pick(parents)
        _relate(world, parent, firm, RelationshipKind.SUBSIDIARY, firm.since, both=False)
    portfolio = insure(world, firm)
    converse(world, firm, portfolio)
    consent(world, firm, portfolio)
    reach(world, firm)
    bank_with(world, firm)
    finish(world, firm)


def _family(world: World, room: int) -> int:
    """A household of at most `room` customers; returns how many there are."""
    dice = world.dice
    market = dice.pick(SPREAD)
    age = dice.pick(dice.pick(_AGES))
    head = new_person(world, market, age, _course(world, age))
    head.marital = dice.pick(next(table for limit, table in _MARITAL if age < limit))
    members = [head]
    if head.marital in _COUPLED and room > 1 and dice.chance(0.68):
        members.append(_spouse(world, head, age))
    parents = list(members)
    if 24 <= age <= 58 and dice.chance(0.85):
        youngest = min(parent.age(world.today) for parent in parents)
        count = min(dice.pick(_CHILDREN), room - len(members))
        members.extend([_child(world, parents, youngest) for _ in range(count)])
    elder = None
    if 40 <= age <= 62 and len(members) < room and dice.chance(0.06):
        elder = _elder(world, head, age)
        members.append(elder)
    children = [member for member in members if member not in parents and member is not elder]
    for place, child in enumerate(children):
        for sibling in children[place + 1 :]:
            _relate(world, child, sibling, RelationshipKind.SIBLING, max(child.birth, sibling.birth))
    life.move_house(world, members)
    portfolios = {member.id: insure(world, member) for member in members if member.age(world.today) >= 18}
    if len(members) > 1 or dice.chance(0.15):
        _household(world, members, children, elder)
    for member in members:
        _engage(world, member, portfolios.get(member.id))
    return len(members)


def _engage(world: World, person: Person, portfolio: Portfolio | None) -> None:
    """All that hangs on one member: firms, contacts, turns of life; at last the row itself."""
    if portfolio is not None:
        _firms_of(world, person)
        converse(world, person, portfolio)
        consent(world, person, portfolio)
        life.turns(world, person)
    reach(world, person)
    bank_with(world, person)
    finish(world, person)


def _course(world: World, age: int) -> CustomerStatus:
    course = world.dice.pick(_COURSES)
    if course is CustomerStatus.DECEASED and age < 45:
        return CustomerStatus.ACTIVE
    if age < 22 and course in (CustomerStatus.INACTIVE, CustomerStatus.CLOSED):
        return CustomerStatus.PROSPECT
    return course


def _spouse(world: World, head: Person, age: int) -> Person:
    dice, market = world.dice, head.market
    gender = None
    if head.gender in (Gender.FEMALE, Gender.MALE) and dice.chance(0.96):
        gender = Gender.MALE if head.gender is Gender.FEMALE else Gender.FEMALE
    spouse_age = min(max(20, age + dice.between(-6, 6)), 95)
    last_name = head.last_name if dice.chance(0.75) and market.country != "ES" else None
    spouse = new_person(world, market, spouse_age, _course(world, spouse_age), last_name=last_name, home=head.home,
                        gender=gender)  # fmt: skip
    spouse.marital = head.marital
    head.spouse, spouse.spouse = spouse, head
    kind = RelationshipKind.SPOUSE if head.marital is MaritalStatus.MARRIED else RelationshipKind.PARTNER
    earliest = max(head.birth, spouse.birth) + int(19 * YEAR)
    latest = min(head.until, spouse.until) - 30
    # Most marry young; nobody later than 25 years after they could.
    since = min(earliest + dice.skewed(0, int(25 * YEAR)), latest)
    ended = None
    for one, other in ((head, spouse), (spouse, head)):
        if one.until < world.yesterday and other.until >= one.until:
            ended = one.until
            if other.until == world.yesterday:
                other.marital = MaritalStatus.WIDOWED
    _relate(world, head, spouse, kind, since, ended=ended)
    life.marriage(world, head, spouse, since)
    return spouse


def _child(world: World, parents: list[Person], youngest: int) -> Person:
    dice, head = world.dice, parents[0]
    age = dice.between(max(0, youngest - 42), min(24, youngest - 19))
    course = CustomerStatus.PROSPECT if age < 18 or dice.chance(0.5) else CustomerStatus.ACTIVE
    child = new_person(world, head.market, age, course, last_name=head.last_name, home=head.home)
    for parent in parents:
        parent.children.append(child)
        _relate(world, parent, child, RelationshipKind.CHILD, child.birth)
    life.birth(world, parents, child)
    return child


def _elder(world: World, head: Person, age: int) -> Person:
    """A parent of the head who lives with the family and needs its support."""
    dice = world.dice
    elder = new_person(world, head.market, min(age + dice.between(22, 36), 97), CustomerStatus.ACTIVE,
                       last_name=head.last_name, home=head.home)  # fmt: skip
    elder.marital = MaritalStatus.WIDOWED
    _relate(world, head, elder, RelationshipKind.PARENT, head.birth)
    _relate(world, head, elder, RelationshipKind.DEPENDENT, max(elder.since - 30, elder.birth))
    return elder


def _firms_of(world: World, person: Person) -> None:
    """The firm a person works for, and the one they act for."""
    dice = world.dice
    if person.employment not in _WORKING or person.until < world.yesterday:
        return
    firms = [firm for firm in world.organisations if firm.market is person.market]
    for firm in firms:
        if firm.representative is None and person.age(world.today) > 27:
            firm.representative = person
            started = max(firm.since, person.birth + int(26 * YEAR))
            _relate(world, firm, person, RelationshipKind.REPRESENTATIVE, started, both=False)
            return
    if firms and person.employment is EmploymentStatus.EMPLOYED and dice.chance(0.25):
        started = max(person.birth + int(18 * YEAR), person.since - dice.between(0, 4_000))
        _relate(world, person, dice.pick(firms), RelationshipKind.EMPLOYER, started)


def _relate(
    world: World,
    customer: Customer,
    related: Customer,
    kind: RelationshipKind,
    started: Day,
    *,
    ended: Day | None = None,
    both: bool = True,
) -> None:
    """Write a relationship, and the way back where there is one; the event is the first customer's."""
    dice = world.dice
    known_at = max(customer.created_at, related.created_at, started * DAY) + 600
    known_at = world.past(known_at + dice.between(0, 3 * DAY))
    source = dice.pick((RecordSource.CUSTOMER, RecordSource.AGENT, RecordSource.APPLICATION))
    relationship = _relationship(world, customer, related, kind, started, ended, source, known_at)
    world.record(
        "CustomerRelationshipEstablished",
        customer.id,
        known_at,
        (SubjectKind.RELATIONSHIP, relationship),
        f"{related.name} is {kind.value.lower()} of {customer.name}",
        source=EventSource.AGENT if source is RecordSource.AGENT else EventSource.SERVICE,
        payload={"kind": kind.value, "related": related.number},
    )
    if both:
        _relationship(world, related, customer, _MIRROR[kind], started, ended, source, known_at)


def _relationship(
    world: World, customer: Customer, related: Customer, kind: RelationshipKind, started: Day, ended: Day | None,
    source: RecordSource, known_at: int,
) -> str:  # fmt: skip
    relationship = world.dice.new_id(known_at)
    world.rows.relationships(
        id=relationship,
        customer_id=customer.id,
        related_customer_id=related.id,
        kind=kind,
        started_on=started,
        ended_on=ended,
        source=source,
        created_at=known_at,
    )
    return relationship


def _household(world: World, members: list[Person], children: list[Person], elder: Person | None) -> None:
    dice, head = world.dice, members[0]
    formed = min(member.since for member in members)
    formed_at = dice.at_work(formed)
    household = dice.new_id(formed_at)
    name = head.market.family.format(head.last_name)
    gone = all(member.until < world.yesterday for member in members)
    world.rows.households(
        id=household,
        version=1,
        created_at=formed_at,
        updated_at=formed_at,
        number=world.number("households"),
        name=name,
        formed_on=formed,
        dissolved_on=max(member.until for member in members) if gone else None,
    )
    for member in members:
        role = HouseholdRole.HEAD
        if member is head.spouse:
            role = HouseholdRole.SPOUSE
        elif member is elder:
            role = HouseholdRole.DEPENDENT
        elif member in children:
            role = HouseholdRole.CHILD
        joined_at = member.created_at + 900
        world.rows.household_members(
            id=dice.new_id(joined_at),
            customer_id=member.id,
            household_id=household,
            role=role,
            joined_on=member.since,
            left_on=None if member.until == world.yesterday else member.until,
        )
        world.record(
            "HouseholdJoined",
            member.id,
            joined_at,
            (SubjectKind.HOUSEHOLD, household),
            f"{member.name} joined {name} as {role.value.lower()}",
            cause=member.created_event,
            payload={"role": role.value},
        )

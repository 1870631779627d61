"""Persons and organisations: who they are, and at the end of their history what is judged of them."""

from typing import Any, cast
from uuid import UUID

from imports.demo.catalogue import FOUNDED
from imports.demo.countries import MARKETS, Market
from imports.demo.dice import shares
from imports.demo.moments import DAY, Day
from imports.demo.names import Names
from imports.demo.national_ids import national_id
from imports.demo.occupations import OCCUPATIONS
from imports.demo.world import Customer, Organisation, Person, Place, World
from models.customers import (
    CustomerKind,
    CustomerStatus,
    Education,
    EmploymentStatus,
    Gender,
    KycStatus,
    RiskBand,
    Segment,
    risk_band,
)
from models.history import EventSource, SubjectKind
from models.sealed import NATIONAL_ID

YEAR = 365.2425

_GENDERS = shares({Gender.FEMALE: 98, Gender.MALE: 98, Gender.DIVERSE: 1, Gender.UNDISCLOSED: 3})
_EDUCATIONS = shares(
    {
        Education.NONE: 3,
        Education.SECONDARY: 17,
        Education.VOCATIONAL: 38,
        Education.COLLEGE: 10,
        Education.BACHELOR: 14,
        Education.MASTER: 15,
        Education.DOCTORATE: 3,
    }
)
_GRADUATION_AGE = {Education.VOCATIONAL: 20, Education.COLLEGE: 21, Education.BACHELOR: 22, Education.MASTER: 24,
                   Education.DOCTORATE: 29}  # fmt: skip
_WITHOUT_WORK = shares(
    {
        EmploymentStatus.UNEMPLOYED: 8,
        EmploymentStatus.HOMEMAKER: 7,
        EmploymentStatus.DISABLED: 3,
        EmploymentStatus.MEDICAL_LEAVE: 2,
    }
)
_RESTRICTIONS = ("Works for the insurer", "Public figure", "Protected address")
_OTHER_NATIONS = ("PL", "RO", "TR", "PT", "HR", "SE", "DK", "BE", "UA", "GR")
_RISK_BANDS: tuple[RiskBand, ...] = tuple(risk_band(score) for score in range(101))
# The range of years before today in which a customer on a given course came, in days.
_KNOWN_FOR: dict[CustomerStatus, tuple[int, int]] = {
    CustomerStatus.PROSPECT: (5, 600),
    CustomerStatus.ACTIVE: (60, 6_700),
    CustomerStatus.SUSPENDED: (200, 4_000),
    CustomerStatus.INACTIVE: (900, 6_700),
    CustomerStatus.DECEASED: (1_500, 6_700),
    CustomerStatus.CLOSED: (900, 6_700),
}


def new_home(world: World, market: Market, since: Day) -> Place:
    """Somewhere to live in the market."""
    dice = world.dice
    city = dice.pick(market.cities)
    return Place(city, market.street(dice, market.names), market.postal_code(dice, city), dice.pick(city.areas), since)


def family_name(world: World, market: Market) -> str:
    """A family name; Spaniards have two."""
    names: Names = market.names
    last = world.dice.pick(names.last)
    return f"{last} {world.dice.pick(names.last)}" if market.country == "ES" else last


def new_person(
    world: World,
    market: Market,
    age: int,
    course: CustomerStatus,
    *,
    last_name: str | None = None,
    home: Place | None = None,
    gender: Gender | None = None,
) -> Person:
    """A person of the age, with schooling and work to match; known for as long as the course asks."""
    dice = world.dice
    birth = world.today - int(age * YEAR) - dice.between(10, 364)
    first_possible = max(FOUNDED, birth + 5 if age < 18 else birth + int(18 * YEAR))
    shortest, longest = _KNOWN_FOR[course]
    latest = world.today - shortest
    since = max(first_possible, latest - dice.skewed(0, longest - shortest))
    since = min(since, latest)
    gender = gender or dice.pick(_GENDERS)
    names = market.names
    female = gender is Gender.FEMALE or (gender is not Gender.MALE and dice.chance(0.5))
    first = dice.pick(names.female if female else names.male)
    last = last_name or family_name(world, market)
    education = dice.pick(_EDUCATIONS) if age >= 20 else Education.SECONDARY if age >= 16 else Education.NONE
    if age < _GRADUATION_AGE.get(education, 0):
        education = Education.SECONDARY
    title = "Dr." if education is Education.DOCTORATE and market.language[:2] in ("de", "en") else None
    created_at = dice.at_work(since)
    until = world.yesterday
    if course is CustomerStatus.DECEASED:
        until = dice.between(max(since + 700, world.today - 1_200), world.today - 20)
    person = Person(
        id=dice.new_id(created_at),
        number=world.number("customers"),
        market=market,
        kind=CustomerKind.PERSON,
        name=f"{title} {first} {last}" if title else f"{first} {last}",
        sort_name=f"{last}, {first}",
        since=since,
        created_at=created_at,
        updated_at=created_at,
        home=home or new_home(world, market, since - dice.between(10, 4_000)),
        until=until,
        course=course,
        first_name=first,
        last_name=last,
        gender=gender,
        birth=birth,
        title=title,
        education=education,
    )
    _work(world, person, age)
    created(world, person, "became known as a customer" if age >= 18 else "was added to the family's records")
    return person


def _work(world: World, person: Person, age: int) -> None:
    """Employment, occupation and income to fit age and schooling."""
    dice = world.dice
    if age < 16:
        return
    level = person.market.price_level
    if age >= 67 or (age >= 62 and dice.chance(0.45)):
        person.employment = EmploymentStatus.RETIRED
        schooled = OCCUPATIONS.get(person.education, OCCUPATIONS[Education.SECONDARY])
        last_income = dice.pick(schooled).low * 0.45 + dice.between(4_000, 16_000)
        person.income = int(last_income * level) // 100 * 100
    elif age < 25 and (age < 18 or dice.chance(0.5)):
        person.income = dice.between(0, 12) * 800 if age >= 18 else None
    elif dice.chance(0.1):
        person.employment = dice.pick(_WITHOUT_WORK)
        person.income = int(dice.between(8_000, 17_000) * level) // 100 * 100
        if person.employment is EmploymentStatus.HOMEMAKER:
            person.income = 0
    else:
        job = dice.pick(OCCUPATIONS.get(person.education, OCCUPATIONS[Education.SECONDARY]))
        person.employment = job.status
        person.occupation = job.words[person.market.language[:2]]
        experience = min(1.0, 0.55 + (age - 18) / 60)
        person.income = int((job.low + dice.skewed(0, job.high - job.low)) * experience * level) // 100 * 100


def new_organisation(world: World, market: Market, course: CustomerStatus) -> Organisation:
    """A company; small ones are far more common than large ones."""
    dice = world.dice
    shortest, longest = _KNOWN_FOR[course]
    since = max(FOUNDED, world.today - shortest - dice.skewed(0, longest - shortest))
    created_at = dice.at_work(since)
    name = market.organisation_name(dice)
    organisation = Organisation(
        id=dice.new_id(created_at),
        number=world.number("customers"),
        market=market,
        kind=CustomerKind.ORGANISATION,
        name=name,
        sort_name=name,
        since=since,
        created_at=created_at,
        updated_at=created_at,
        home=new_home(world, market, since - dice.between(100, 9_000)),
        until=world.yesterday,
        course=course,
        employees=int(2 * 1.06 ** dice.between(0, 110)),
    )
    world.organisations.append(organisation)
    created(world, organisation, "became known as a customer")
    return organisation


def created(world: World, customer: Customer, what: str) -> None:
    """Write the event that begins a customer's history."""
    imported = customer.since < FOUNDED + 1_500
    customer.created_event = world.record(
        "CustomerCreated",
        customer.id,
        customer.created_at,
        (SubjectKind.CUSTOMER, customer.id),
        f"{customer.name} {what}",
        source=EventSource.IMPORT if imported else EventSource.SERVICE,
        late=7_200 if imported else 0,
        actor="import" if imported else None,
        payload={"number": customer.number, "kind": customer.kind.value, "country": customer.market.country},
    )


def finish(world: World, customer: Customer) -> None:
    """Write the customer's row: by now the history says what status, scores and segment it must have."""
    dice = world.dice
    status = _status(customer)
    kyc, verified_at = _kyc(world, customer, status)
    score = _risk_score(world, customer)
    value = _lifetime_value(world, customer)
    person = customer if isinstance(customer, Person) else None
    if person and person.until < world.yesterday:
        world.record("CustomerStatusChanged", person.id, dice.at_work(min(person.until + 5, world.yesterday)),
                     (SubjectKind.CUSTOMER, person.id), f"{person.name} has died", source=EventSource.AGENT,
                     payload={"status": "DECEASED"})  # fmt: skip
        person.touch(world.past((person.until + 6) * DAY))
    attributes = None
    if isinstance(customer, Organisation):
        attributes = {"employees": customer.employees}
    world.rows.customers(
        id=customer.id,
        version=1 + customer.changes,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        number=customer.number,
        kind=customer.kind,
        title=person and person.title,
        first_name=person and person.first_name,
        last_name=person and person.last_name,
        organisation_name=None if person else customer.name,
        display_name=customer.name,
        sort_name=customer.sort_name,
        birth_date=person and person.birth,
        gender=person and person.gender,
        marital_status=person and person.marital,
        education=person and person.education,
        employment_status=person and person.employment,
        occupation=person and person.occupation,
        income_amount=None if customer.income is None else customer.income * 100,
        currency=customer.market.currency,
        language=customer.market.language,
        nationality=_nationality(world, customer) if person else None,
        status=status,
        kyc_status=kyc,
        kyc_verified_at=verified_at,
        risk_score=score,
        risk_band=None if score is None else _RISK_BANDS[score],
        lifetime_value_amount=value,
        segment=_segment(world, customer, value),
        customer_since=customer.since,
        **_restriction(world, customer),
        attributes=attributes,
        **_national_id(world, person, kyc),
    )
    _identifiers(world, customer)


def _restriction(world: World, customer: Customer) -> dict[str, Any]:
    """One customer in 120 is restricted; by its number, which costs no dice."""
    serial = int(customer.number[2:])
    if serial % 120 != 47:
        return {}
    return {
        "restricted": True,
        "restricted_at": world.past(customer.created_at + 30 * DAY),
        "restriction_reason": _RESTRICTIONS[serial // 120 % len(_RESTRICTIONS)],
    }


def _status(customer: Customer) -> CustomerStatus:
    if customer.course in (CustomerStatus.DECEASED, CustomerStatus.CLOSED, CustomerStatus.SUSPENDED):
        return customer.course
    if customer.in_force:
        return CustomerStatus.ACTIVE
    return CustomerStatus.INACTIVE if customer.ever_insured else CustomerStatus.PROSPECT


def _nationality(world: World, customer: Customer) -> str:
    if world.dice.chance(0.93):
        return customer.market.country
    others = _OTHER_NATIONS if world.dice.chance(0.6) else tuple({m.country: 0 for m in MARKETS.values()})
    return world.dice.pick(others)


def _national_id(world: World, person: Person | None, kyc: KycStatus) -> dict[str, Any]:
    """It is asked for when the identity is verified; some tell it before."""
    sealer = world.sealer
    if person is None or not (kyc in (KycStatus.VERIFIED, KycStatus.EXPIRED) or sealer.dice.chance(0.2)):
        return {}
    return sealer.columns(person, NATIONAL_ID, UUID(person.id), national_id(sealer.dice, person))


def _kyc(world: World, customer: Customer, status: CustomerStatus) -> tuple[KycStatus, int | None]:
    """The identity of a grown-up is verified once there is a contract; a check older than ten years has run out."""
    dice = world.dice
    minor = isinstance(customer, Person) and customer.age(world.today) < 18
    if status is CustomerStatus.PROSPECT or not customer.ever_insured or minor:
        return (KycStatus.IN_PROGRESS if not minor and dice.chance(0.25) else KycStatus.NOT_STARTED), None
    if status is CustomerStatus.SUSPENDED and dice.chance(0.6):
        return KycStatus.REJECTED, None
    day = dice.working_day(customer.since + 1, min(customer.since + 12, customer.until))
    if customer.until - day > 3_650 and dice.chance(0.8):
        day = dice.working_day(customer.until - 3_000, customer.until)
    moment = max(dice.at_work(day), customer.created_at + 60)
    world.record(
        "KycStatusChanged",
        customer.id,
        moment,
        (SubjectKind.CUSTOMER, customer.id),
        f"Identity of {customer.name} verified",
        cause=customer.created_event,
        payload={"from": "IN_PROGRESS", "to": "VERIFIED"},
    )
    customer.touch(moment)
    return (KycStatus.EXPIRED if world.today - day > 3_650 else KycStatus.VERIFIED), moment


def _risk_score(world: World, customer: Customer) -> int | None:
    if not customer.ever_insured:
        return None
    score = 8 + world.dice.skewed(0, 26) + 5 * customer.claims + 12 * customer.arrears
    if isinstance(customer, Person):
        age = customer.age(world.today)
        score += 9 if age < 25 else 6 if age > 75 else 0
    if customer.claims_paid > 2 * customer.premiums_paid:
        score += 10
    if customer.course is CustomerStatus.SUSPENDED:
        score += 35
    return min(score, 100)


def _lifetime_value(world: World, customer: Customer) -> int:
    """Cents: a margin on what was paid, and on what the years to come should bring."""
    if not customer.ever_insured:
        return 0
    years = 8.0
    if isinstance(customer, Person):
        years = max(1.0, min(14.0, (86 - customer.age(world.today)) / 4))
    if not customer.in_force or customer.course is CustomerStatus.DECEASED:
        years = 0.0
    value = 0.16 * customer.premiums_paid + 0.14 * customer.premiums * years - 0.06 * customer.claims_paid
    return max(0, int(value))


def _segment(world: World, customer: Customer, value: int) -> Segment:
    if isinstance(customer, Organisation):
        return Segment.CORPORATE if customer.employees >= 250 else Segment.BUSINESS
    person = cast(Person, customer)
    income = (person.income or 0) / person.market.price_level
    age = person.age(world.today)
    if income >= 115_000 or value >= 2_500_000:
        return Segment.PRIVATE
    if age < 27:
        return Segment.YOUNG
    if age >= 67 or person.employment is EmploymentStatus.RETIRED:
        return Segment.SENIOR
    return Segment.AFFLUENT if income >= 62_000 or value >= 1_000_000 else Segment.MASS


def _identifiers(world: World, customer: Customer) -> None:
    """Names in other systems; made from the customer's own number, for no two may be the same."""
    serial = int(customer.number[2:])
    names: list[tuple[str, str]] = []
    if isinstance(customer, Organisation):
        names.append(("commercial-register", f"{customer.market.register} {100_000 + serial}"))
    if customer.since < world.today - 2_500:
        names.append(("crm-legacy", f"L{4_000_000 + serial * 7}"))
    elif world.dice.chance(0.15):
        names.append(("portal-account", f"u{serial * 31 + 100_003:x}"))
    for scheme, value in names:
        world.rows.customer_identifiers(
            id=world.dice.new_id(customer.created_at),
            customer_id=customer.id,
            scheme=scheme,
            value=value,
            issued_on=customer.since,
            created_at=customer.created_at,
        )

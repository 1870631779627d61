"""Turns of life: moves, marriages, births, new jobs, retirement. They become known late, if at all."""

from imports.demo.moments import DAY, HOUR, Day
from imports.demo.people import YEAR, new_home
from imports.demo.world import Person, World
from models.customers import EmploymentStatus
from models.history import EventSource, SubjectKind


def detect(world: World, person: Person, kind: str, day: Day, what: str, **facts: object) -> str:
    """Write a life event and return its id; it was learnt in a contact or by research, some time later."""
    dice = world.dice
    return world.record(
        "LifeEventDetected",
        person.id,
        dice.any_time(day),
        (SubjectKind.CUSTOMER, person.id),
        f"{person.name}: {what}",
        source=dice.pick((EventSource.AGENT, EventSource.AGENT, EventSource.PORTAL, EventSource.EXTERNAL)),
        late=dice.skewed(2 * HOUR, 240 * DAY) if dice.chance(0.6) else HOUR,
        payload={"kind": kind, **facts},
    )


def _known(world: World, person: Person, day: Day) -> bool:
    """Whether the person was a customer on the day."""
    return person.since < day < min(person.until, world.yesterday)


def marriage(world: World, one: Person, other: Person, day: Day) -> None:
    """The marriage of two customers, where it was since they are with us."""
    for person, spouse in ((one, other), (other, one)):
        if _known(world, person, day):
            detect(world, person, "MARRIAGE", day, "married", spouse=spouse.number)


def birth(world: World, parents: list[Person], child: Person) -> None:
    """The birth of a child to parents who were customers then."""
    for parent in parents:
        if _known(world, parent, child.birth):
            detect(world, parent, "BIRTH", child.birth, f"birth of {child.first_name}", child=child.number)


def move_house(world: World, members: list[Person]) -> None:
    """Let the family move, some time since its head is a customer; those who came later know the new home only."""
    dice, head = world.dice, members[0]
    low, high = head.since + 60, world.yesterday - 1
    if low >= high or any(member.until < world.yesterday for member in members) or not dice.chance(0.24):
        return
    day = high - dice.skewed(0, min(high - low, 3_000))
    old, new = head.home, new_home(world, head.market, day)
    for member in members:
        member.home = new
        if member.since < day:
            member.former_home = old
            cause = detect(world, member, "MOVE", day, f"moved to {new.city.name}", city=new.city.name)
            changed_at = world.past(dice.at_work(day + dice.between(1, 20)))
            member.touch(changed_at)
            world.record(
                "ContactInformationChanged",
                member.id,
                max(changed_at, (day + 1) * DAY - 1),
                (SubjectKind.CUSTOMER, member.id),
                f"New address of {member.name}",
                cause=cause,
                operation=cause,
                payload={"changed": ["address"]},
            )


def turns(world: World, person: Person) -> None:
    """A new job or the retirement, where it fell into the time as a customer."""
    dice = world.dice
    if person.employment is EmploymentStatus.RETIRED:
        day = person.birth + int(65.5 * YEAR)
        if _known(world, person, day):
            _work_changed(world, person, day, "RETIREMENT", "retired")
    elif person.occupation and dice.chance(0.14):
        day = world.today - dice.between(30, 1_400)
        if _known(world, person, day):
            _work_changed(world, person, day, "NEW_JOB", f"new job ({person.occupation})")


def _work_changed(world: World, person: Person, day: Day, kind: str, what: str) -> None:
    cause = detect(world, person, kind, day, what, employment=person.employment.value)
    changed_at = world.past(world.dice.at_work(day + world.dice.between(1, 30)))
    changed_at = max(changed_at, (day + 1) * DAY - 1)
    person.touch(changed_at)
    world.record(
        "CustomerInformationUpdated",
        person.id,
        changed_at,
        (SubjectKind.CUSTOMER, person.id),
        f"Employment of {person.name} updated",
        cause=cause,
        operation=cause,
        payload={"changed": ["employmentStatus", "income"]},
    )

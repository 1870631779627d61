"""What the makers of the world share: the dice, the clock, the tables written to, and the beings they write about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import models
from imports.copying import BINARY, Encoding, TableWriter, json_text, plain
from imports.demo.countries import Market
from imports.demo.dice import Dice
from imports.demo.moments import DAY, DAY_TEXT, TIME_TEXT, Day, Moment, to_day, years_between
from imports.demo.places import City
from imports.demo.sealing import Sealer
from imports.demo.staff import Agent, Staff
from models.contact_points import AreaKind
from models.customers import (
    CustomerKind,
    CustomerStatus,
    Education,
    EmploymentStatus,
    Gender,
    MaritalStatus,
)
from models.event_types import EVENT_TYPES
from models.history import EventCategory, EventSource, SubjectKind
from models.staff import TeamKind

# Ids are 32 hexadecimal digits, days and moments integers, amounts integers of cents (percentages of hundredths).
COMPACT = Encoding(
    uuid="{0}",
    text="plain({0})",
    binary=BINARY,
    choice="{0}",
    integer="str({0})",
    decimal="'%.2f' % ({0} / 100)",
    boolean="('t' if {0} else 'f')",
    date="DAY_TEXT[{0}]",
    moment="DAY_TEXT[{0} // 86400] + TIME_TEXT[{0} % 86400]",
    json="json_text({0})",
    names={"plain": plain, "json_text": json_text, "DAY_TEXT": DAY_TEXT, "TIME_TEXT": TIME_TEXT},
)

# Written once and not for each customer, or left to the service.
_NOT_GENERATED = {
    "audit_entries",
    "audit_seals",
    "product_categories",
    "products",
    "teams",
    "agents",
    "partners",
    "partner_book",
    "source_keys",
    "sealing_keys",
}
# The feed's cursor, which only the database can give, and what it derives from the customers.
_LEFT_TO_THE_DATABASE = {"position", "transaction_id", "restricted"}


class Rows:
    """The tables of the world, in the order of their foreign keys; `rows.claims(id=…)` writes a claim."""

    def __init__(self) -> None:
        self.writers = {
            table.name: TableWriter(table, COMPACT, () if table.name == "customers" else _LEFT_TO_THE_DATABASE)
            for table in models.metadata.sorted_tables
            if table.name not in _NOT_GENERATED
        }
        for name, writer in self.writers.items():
            setattr(self, name, writer.add)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Only for a table that does not exist: the others are attributes of their own."""
        raise AttributeError(f"no table {name!r} in the demo world")


@dataclass(slots=True)
class Place:
    """Where someone lives or has a seat."""

    city: City
    street: str
    postal_code: str
    area: AreaKind
    since: Day


@dataclass(slots=True, kw_only=True)
class Customer:
    """What persons and organisations have in common, and what their history adds up to."""

    id: str
    number: str
    market: Market
    kind: CustomerKind
    name: str
    sort_name: str
    since: Day
    created_at: Moment
    home: Place
    until: Day  # last day something can happen: the day of death, or yesterday
    course: CustomerStatus  # what their history leads up to
    created_event: str = ""
    former_home: Place | None = None  # where they lived until home.since
    updated_at: Moment = 0
    changes: int = 0
    income: int | None = None  # whole units of the market's currency
    # What the contracts, claims and payments add up to, for the scores at the end.
    in_force: bool = False
    ever_insured: bool = False
    premiums: int = 0  # cents a year
    premiums_paid: int = 0  # cents
    claims_paid: int = 0  # cents
    claims: int = 0
    arrears: int = 0
    complaints: int = 0

    def touch(self, moment: Moment) -> None:
        """Note that the customer's record changed."""
        self.changes += 1
        self.updated_at = max(self.updated_at, moment)


@dataclass(slots=True, kw_only=True)
class Person(Customer):
    """A natural person."""

    first_name: str
    last_name: str
    gender: Gender
    birth: Day
    title: str | None = None
    marital: MaritalStatus = MaritalStatus.SINGLE
    education: Education = Education.NONE
    employment: EmploymentStatus = EmploymentStatus.STUDENT
    occupation: str | None = None
    spouse: "Person | None" = None
    children: list["Person"] = field(default_factory=list)

    def age(self, day: Day) -> int:
        """Age on a day."""
        return years_between(self.birth, day)


@dataclass(slots=True, kw_only=True)
class Organisation(Customer):
    """A legal entity."""

    employees: int
    representative: Person | None = None


class World:
    """One chunk of the world in the making."""

    def __init__(
        self, dice: Dice, today: date, staff: Staff, rows: Rows, number: Callable[[str], str], sealer: Sealer
    ) -> None:
        """`number("contracts")` gives the next free number of a table."""
        self.dice = dice
        self.today: Day = to_day(today)
        self.now: Moment = self.today * DAY
        self.yesterday: Day = self.today - 1
        self.staff = staff
        self.rows = rows
        self.number = number
        self.sealer = sealer
        self.organisations: list[Organisation] = []

    def agent(self, kind: TeamKind, day: Day) -> Agent:
        """An agent with the task who was at work on the day."""
        return self.staff.agent(self.dice, kind, day)

    def past(self, moment: Moment) -> Moment:
        """The moment, or the last one before today."""
        return moment if moment < self.now else self.now - 60 - moment % 3600

    def record(
        self,
        kind: str,
        customer_id: str | None,
        occurred_at: Moment,
        subject: tuple[SubjectKind, str],
        summary: str,
        *,
        source: EventSource = EventSource.SERVICE,
        late: int = 0,
        cause: str | None = None,
        operation: str | None = None,
        actor: str | None = None,
        payload: Mapping[str, Any] | None = None,
        dice: Dice | None = None,
    ) -> str:
        """Write an event and return its id; `late` is how many seconds later it was recorded."""
        event = (dice or self.dice).new_id(occurred_at)
        subject_kind, subject_id = subject
        self.rows.events(
            id=event,
            customer_id=customer_id,
            type=kind,
            category=_CATEGORY[kind],
            source=source,
            summary=summary,
            occurred_at=occurred_at,
            recorded_at=max(occurred_at, self.past(occurred_at + late)) if late else occurred_at,
            subject_kind=subject_kind,
            subject_id=subject_id,
            cause_id=cause,
            correlation_id=operation,
            actor=actor,
            payload=payload,
        )
        return event


_CATEGORY: dict[str, EventCategory] = {name: event.category for name, event in EVENT_TYPES.items()}

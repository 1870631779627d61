"""How customers belong together: directed relationships, and households with their members."""

from enum import auto

from sqlalchemy import CheckConstraint

from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Versioned,
    business_number,
    choice,
    date,
    datetime,
    day,
    index,
    moment,
    ref,
    text,
    utc_now,
)


class RelationshipKind(Choice):
    """What the related customer is to the customer."""

    SPOUSE = auto(), "The related customer is the spouse."
    PARTNER = auto(), "The related customer is the unmarried or registered partner."
    CHILD = auto(), "The related customer is a child."
    PARENT = auto(), "The related customer is a parent."
    SIBLING = auto(), "The related customer is a brother or sister."
    DEPENDENT = auto(), "The related customer depends on the customer for support."
    GUARDIAN = auto(), "The related customer is the legal guardian."
    EMPLOYER = auto(), "The related customer employs the customer."
    EMPLOYEE = auto(), "The related customer is employed by the customer."
    REPRESENTATIVE = auto(), "The related customer acts for the customer (power of attorney, managing director)."
    SUBSIDIARY = auto(), "The related organisation belongs to the customer."
    OTHER = auto(), "Another relationship."


INVERSE: dict[RelationshipKind, RelationshipKind] = {
    RelationshipKind.SPOUSE: RelationshipKind.SPOUSE,
    RelationshipKind.PARTNER: RelationshipKind.PARTNER,
    RelationshipKind.SIBLING: RelationshipKind.SIBLING,
    RelationshipKind.CHILD: RelationshipKind.PARENT,
    RelationshipKind.PARENT: RelationshipKind.CHILD,
    RelationshipKind.EMPLOYER: RelationshipKind.EMPLOYEE,
    RelationshipKind.EMPLOYEE: RelationshipKind.EMPLOYER,
    RelationshipKind.DEPENDENT: RelationshipKind.GUARDIAN,
}
"""What the customer is to the related one; a kind that is missing here is recorded from one side only."""

FAMILY: tuple[RelationshipKind, ...] = (
    RelationshipKind.SPOUSE,
    RelationshipKind.PARTNER,
    RelationshipKind.CHILD,
    RelationshipKind.PARENT,
    RelationshipKind.SIBLING,
    RelationshipKind.DEPENDENT,
    RelationshipKind.GUARDIAN,
)
"""Kinds of relationships that only persons have to one another."""


class RecordSource(Choice):
    """Where a piece of information came from."""

    CUSTOMER = auto(), "The customer stated it."
    AGENT = auto(), "An agent recorded it."
    APPLICATION = auto(), "It stood in an application."
    PARTNER = auto(), "A partner reported it."
    IMPORT = auto(), "It came with an imported file."
    EXTERNAL = auto(), "An external source or research delivered it."
    SYSTEM = auto(), "The service derived it."


class HouseholdRole(Choice):
    """The part a member plays in a household."""

    HEAD = auto(), "Reference person of the household."
    SPOUSE = auto(), "Spouse or partner of the head."
    CHILD = auto(), "Child of the head or of the spouse."
    DEPENDENT = auto(), "Another person who depends on the household."
    OTHER = auto(), "Another member."


class Relationship(CustomerOwned, table=True):
    """A directed connection: the related customer is the customer's spouse, child, employer …"""

    __tablename__ = "relationships"
    __table_args__ = (
        index("customer_id", "kind", "id"),
        index("related_customer_id", "kind", "id"),
        CheckConstraint("customer_id <> related_customer_id", name="not_self"),
    )

    related_customer_id: UUID = ref("customers.id", "The customer the relationship points to.")
    kind: RelationshipKind = choice(RelationshipKind, "What the related customer is to the customer.")
    started_on: date | None = day("Since when, if known.", nullable=True)
    ended_on: date | None = day("Until when; none while it lasts.", nullable=True)
    source: RecordSource = choice(RecordSource, "Where the information came from.")
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)


class Household(Versioned, table=True):
    """People who live and budget together: the family's view over its members' contracts."""

    __tablename__ = "households"
    __table_args__ = (index("name", "id"), index("formed_on", "id"))

    number: str = business_number("H", "households", "Household number, such as H-0000815.")
    name: str = text("How the household is called, such as Familie Müller.")
    formed_on: date = day("Since when it is known.")
    dissolved_on: date | None = day("When it ceased to be; none while it exists.", nullable=True)


class HouseholdMember(CustomerOwned, table=True):
    """A customer's membership in a household."""

    __tablename__ = "household_members"
    __table_args__ = (
        index("household_id", "role", "id"),
        index("customer_id", "joined_on", "id"),
        # One current household for a customer; former ones remain as history.
        index("customer_id", where="left_on is null", unique=True),
    )

    household_id: UUID = ref("households.id", "The household.")
    role: HouseholdRole = choice(HouseholdRole, "The part the member plays.")
    joined_on: date = day("Since when.")
    left_on: date | None = day("Until when; none while a member.", nullable=True)

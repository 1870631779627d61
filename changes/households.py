"""What can be done with households: found one, join and leave it."""

from uuid import UUID

from changes.commands import Command, Made, ObjectCommand, Part, given
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.base import date
from models.customers import Customer, CustomerKind
from models.households import Household, HouseholdMember, HouseholdRole
from models.rules import span_problem


class HouseholdPerson(Part):
    """A person who joins a household, and as what."""

    customer_id: UUID = given("The customer, a person.", of=Customer)
    role: HouseholdRole = given("The part the person plays.")


class FoundHousehold(Command):
    """Found a household of persons who live and budget together; one of them is its head."""

    permission = "customers:write"

    name: str = given("How the household is called.", longest=200)
    formed_on: date | None = given("Since when it is known; today unless given.", default=None)
    members: tuple[HouseholdPerson, ...] = given("Its members.", longest=20)

    async def perform(self, work: Work) -> Made:
        """Write the household and its members, and tell each of them."""
        if [member.role for member in self.members].count(HouseholdRole.HEAD) != 1:
            raise BadInput("one member is the head", argument="input.members")
        if len({member.customer_id for member in self.members}) != len(self.members):
            raise BadInput("a person is a member once", argument="input.members")
        formed_on = _past_day(self.formed_on, work.today, "formedOn")
        # In one order, so that two commands about the same persons do not wait for each other.
        for index, member in sorted(enumerate(self.members), key=lambda pair: pair[1].customer_id):
            await _free_person(work, member.customer_id, f"members.{index}.customerId")
        household = await work.create(Household(name=self.name, formed_on=formed_on))
        for member in self.members:
            await _join(work, household, member, formed_on)
        return {"household": household.id}


class JoinHousehold(ObjectCommand):
    """Let a person join a household. Who belongs to another one leaves that first."""

    permission = "customers:write"

    household_id: UUID = given("The household.", of=Household)
    customer_id: UUID = given("The customer, a person.", of=Customer)
    role: HouseholdRole = given("The part the person plays.")
    joined_on: date | None = given("Since when; today unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Write the membership, and tell."""
        joined_on = _past_day(self.joined_on, work.today, "joinedOn")
        household = await work.fetch(Household, self.household_id, self.expected_version, argument="householdId")
        if household.dissolved_on is not None:
            raise Impossible("HOUSEHOLD_DISSOLVED", "the household has ceased to be", "householdId")
        if joined_on < household.formed_on:
            raise BadInput("nobody joins before the household is formed", argument="input.joinedOn")
        if self.role is HouseholdRole.HEAD:
            raise Impossible("HOUSEHOLD_HAS_HEAD", "the household has a head; let it leave first", "role")
        await _free_person(work, self.customer_id, "customerId")
        member = await _join(work, household, HouseholdPerson(customer_id=self.customer_id, role=self.role), joined_on)
        await work.touch(household)
        return {"household": household.id, "member": member.id}


class LeaveHousehold(ObjectCommand):
    """Let a member leave a household. The head names who follows; with the last member the household ceases to be."""

    permission = "customers:write"

    household_id: UUID = given("The household.", of=Household)
    customer_id: UUID = given("The member.", of=Customer)
    left_on: date | None = given("The last day; today unless given.", default=None)
    successor_id: UUID | None = given("Who is the head from then on, where the head leaves.", default=None, of=Customer)

    async def perform(self, work: Work) -> Made:
        """End the membership, and tell."""
        left_on = _past_day(self.left_on, work.today, "leftOn")
        household = await work.fetch(Household, self.household_id, self.expected_version, argument="householdId")
        customer = await work.fetch(Customer, self.customer_id, argument="customerId")
        members = await work.rows_of(HouseholdMember, household_id=household.id, left_on=None, lock=True)
        leaving = next((member for member in members if member.customer_id == customer.id), None)
        if leaving is None:
            raise Impossible("NOT_A_MEMBER", "the customer is no member of this household", "customerId")
        if problem := span_problem(leaving.joined_on, left_on):
            raise BadInput(problem, argument="input.leftOn")
        rest = [member for member in members if member is not leaving]
        if leaving.role is HouseholdRole.HEAD and rest:
            await self._succeed(work, rest)
        leaving = await work.change(leaving, left_on=left_on)
        if rest:
            await work.touch(household)
        else:
            await work.change(household, dissolved_on=left_on)
        summary = f"{customer.display_name} left {household.name}"
        await work.happened("HouseholdLeft", household, summary, customer_id=customer.id, role=leaving.role)
        return {"household": household.id, "member": leaving.id}

    async def _succeed(self, work: Work, rest: list[HouseholdMember]) -> None:
        if self.successor_id is None:
            raise Impossible("HOUSEHOLD_WITHOUT_HEAD", "the head leaves: name who follows", "successorId")
        await work.fetch(Customer, self.successor_id, argument="successorId", lock=False)
        follower = next((member for member in rest if member.customer_id == self.successor_id), None)
        if follower is None:
            raise Impossible("NOT_A_MEMBER", "the new head is no member of this household", "successorId")
        await work.change(follower, role=HouseholdRole.HEAD)


async def _free_person(work: Work, customer_id: UUID, argument: str) -> Customer:
    """The person, locked, who is in no household now. Raises NotFound and Impossible."""
    customer = await work.fetch(Customer, customer_id, argument=argument)
    if customer.kind is not CustomerKind.PERSON:
        raise Impossible("NOT_A_PERSON", "only persons live in households", argument)
    if await work.rows_of(HouseholdMember, customer_id=customer.id, left_on=None):
        raise Impossible("IN_A_HOUSEHOLD", "the customer lives in a household; let them leave it first", argument)
    return customer


async def _join(work: Work, household: Household, person: HouseholdPerson, joined_on: date) -> HouseholdMember:
    member = await work.create(
        HouseholdMember(
            customer_id=person.customer_id, household_id=household.id, role=person.role, joined_on=joined_on
        )
    )
    (customer,) = await work.rows_of(Customer, id=person.customer_id)
    await work.happened(
        "HouseholdJoined",
        household,
        f"{customer.display_name} joined {household.name} as {person.role.lower()}",
        customer_id=customer.id,
        role=person.role,
    )
    return member


def _past_day(day: date | None, today: date, argument: str) -> date:
    if day is not None and day > today:
        raise BadInput("this day lies ahead", argument=f"input.{argument}")
    return day or today

"""What can be done with contact points: add, change and end addresses, phone numbers and e-mail addresses.

An address that ended stays, for contracts were written to it. A number or mailbox that no longer holds is deleted:
nobody may use it, so nobody keeps it. The version that counts is the customer's.
"""

from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, Unchanged, given, optional, valid
from changes.contact_details import (
    AddressDetails,
    EmailDetails,
    PhoneDetails,
    add_address,
    add_email,
    add_phone,
    promote,
    step_back,
)
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.base import date
from models.contact_points import Address, AddressKind, AreaKind, Email, EmailKind, Phone, PhoneKind
from models.customers import Customer
from models.notation import country_code
from models.rules import PLACE, place_problem, span_problem


class _Add(ObjectCommand):
    """A contact point of a customer is added."""

    customer_id: UUID = given("The customer.", of=Customer)

    async def _customer(self, work: Work) -> Customer:
        return await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")


class AddAddress(_Add):
    """Add a postal address of a customer."""

    permission = "customers:write"

    address: AddressDetails = given("The address.")

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        customer = await self._customer(work)
        made = await add_address(work, customer.id, self.address)
        return await _told(work, customer, "address", made.kind, "New address of", made.id)


class AddPhone(_Add):
    """Add a phone number of a customer."""

    permission = "customers:write"

    phone: PhoneDetails = given("The phone number.")

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        customer = await self._customer(work)
        made = await add_phone(work, customer.id, self.phone, "input.phone")
        return await _told(work, customer, "phone", made.kind, "New phone number of", made.id)


class AddEmail(_Add):
    """Add an e-mail address of a customer."""

    permission = "customers:write"

    email: EmailDetails = given("The e-mail address.")

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        customer = await self._customer(work)
        made = await add_email(work, customer.id, self.email, "input.email")
        return await _told(work, customer, "email", made.kind, "New e-mail address of", made.id)


class ChangeAddress(ObjectCommand):
    """Correct a current postal address; a customer who moves gets a new one instead."""

    permission = "customers:write"

    address_id: UUID = given("The address.", of=Address)
    kind: AddressKind | Unchanged = optional("What the address is used for.")
    street: str | Unchanged | None = optional("Street and house number.", longest=200)
    postal_code: str | Unchanged | None = optional("Postal code as written in the country.", longest=20)
    city: str | Unchanged | None = optional("City, town or village.", longest=100)
    region: str | Unchanged | None = optional("State, province or canton.", longest=100)
    country: str | Unchanged = optional("Country (ISO 3166-1 alpha-2).", longest=2)
    area: AreaKind | Unchanged | None = optional("Urban, suburban or rural.")
    primary: bool | Unchanged = optional("True to let it come first of its use.")
    valid_from: date | Unchanged | None = optional("First day it is valid.")

    def checked(self, path: str = "input") -> Any:
        """The same, with a country that is one."""
        command: ChangeAddress = super().checked(path)
        if isinstance(command.country, str):
            valid(country_code, command.country, f"{path}.country")
        return command

    async def perform(self, work: Work) -> Made:
        """Set what differs, and tell."""
        customer, address = await work.fetch_part(Address, self.address_id, self.expected_version, argument="addressId")
        if address.valid_to is not None:
            raise Impossible("ADDRESS_ENDED", "the address has ended; add a new one", "addressId")
        values = self.given_values("address_id", "expected_version", "primary")
        if problem := place_problem(*(values.get(name, getattr(address, name)) for name in PLACE)):
            raise BadInput(problem, argument="input.city")
        kind = values.get("kind", address.kind)
        others = await work.rows_of(Address, customer_id=customer.id, kind=kind, valid_to=None)
        others = [other for other in others if other.id != address.id]
        former = address.kind if address.is_primary and kind != address.kind else None
        values["is_primary"] = _comes_first(self.primary, former is None and address.is_primary, others)
        changed = await work.change(address, **values)
        if changed is address:
            return {"customer": customer.id, "object": address.id}
        if changed.is_primary:
            await step_back(work, others)
        if former is not None:
            await promote(work, await work.rows_of(Address, customer_id=customer.id, kind=former, valid_to=None))
        return await _told(work, customer, "address", changed.kind, "Changed address of", changed.id)


class EndAddress(ObjectCommand):
    """End a postal address; it stays as history."""

    permission = "customers:write"

    address_id: UUID = given("The address.", of=Address)
    last_day: date | None = given("Its last day; today unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """End it, and let the next one of its use come first."""
        customer, address = await work.fetch_part(Address, self.address_id, self.expected_version, argument="addressId")
        if address.valid_to is not None:
            raise Impossible("ADDRESS_ENDED", "the address has ended already", "addressId")
        last_day = self.last_day or work.today
        if problem := span_problem(address.valid_from, last_day):
            raise BadInput(problem, argument="input.lastDay")
        await work.change(address, valid_to=last_day, is_primary=False)
        if address.is_primary:
            rest = await work.rows_of(Address, customer_id=customer.id, kind=address.kind, valid_to=None)
            await promote(work, rest)
        return await _told(work, customer, "address", address.kind, "Ended address of", address.id)


class ChangePhone(ObjectCommand):
    """Change what is known of a phone number; another number is added anew."""

    permission = "customers:write"

    phone_id: UUID = given("The phone number.", of=Phone)
    kind: PhoneKind | Unchanged = optional("What kind of line it is.")
    primary: bool | Unchanged = optional("True to try it first.")
    verified: bool | Unchanged = optional("Whether the customer has confirmed it.")

    async def perform(self, work: Work) -> Made:
        """Set what differs, and tell."""
        customer, phone = await work.fetch_part(Phone, self.phone_id, self.expected_version, argument="phoneId")
        return await _changed(self, work, customer, phone, "phone", "Changed phone number of")


class EndPhone(ObjectCommand):
    """Remove a phone number that no longer holds."""

    permission = "customers:write"

    phone_id: UUID = given("The phone number.", of=Phone)

    async def perform(self, work: Work) -> Made:
        """Delete it, and let the next one come first."""
        customer, phone = await work.fetch_part(Phone, self.phone_id, self.expected_version, argument="phoneId")
        return await _ended(work, customer, phone, "phone", "Removed phone number of")


class ChangeEmail(ObjectCommand):
    """Change what is known of an e-mail address; another address is added anew."""

    permission = "customers:write"

    email_id: UUID = given("The e-mail address.", of=Email)
    kind: EmailKind | Unchanged = optional("What kind of mailbox it is.")
    primary: bool | Unchanged = optional("True to write to it first.")
    verified: bool | Unchanged = optional("Whether the customer has confirmed it.")

    async def perform(self, work: Work) -> Made:
        """Set what differs, and tell."""
        customer, email = await work.fetch_part(Email, self.email_id, self.expected_version, argument="emailId")
        return await _changed(self, work, customer, email, "email", "Changed e-mail address of")


class EndEmail(ObjectCommand):
    """Remove an e-mail address that no longer holds."""

    permission = "customers:write"

    email_id: UUID = given("The e-mail address.", of=Email)

    async def perform(self, work: Work) -> Made:
        """Delete it, and let the next one come first."""
        customer, email = await work.fetch_part(Email, self.email_id, self.expected_version, argument="emailId")
        return await _ended(work, customer, email, "email", "Removed e-mail address of")


def _comes_first(wanted: bool | Unchanged, now: bool, others: list[Any]) -> bool:
    """Whether a contact point comes first: where none else does, it has to."""
    return not any(other.is_primary for other in others) or (wanted if isinstance(wanted, bool) else now)


async def _changed(
    command: ChangePhone | ChangeEmail, work: Work, customer: Customer, row: Any, what: str, summary: str
) -> Made:
    others = [other for other in await work.rows_of(type(row), customer_id=customer.id) if other.id != row.id]
    values: dict[str, Any] = {"is_primary": _comes_first(command.primary, row.is_primary, others)}
    if not isinstance(command.kind, Unchanged):
        values["kind"] = command.kind
    if isinstance(command.verified, bool) and command.verified is (row.verified_at is None):
        values["verified_at"] = work.now if command.verified else None
    changed = await work.change(row, **values)
    if changed is row:
        return {"customer": customer.id, "object": row.id}
    if changed.is_primary:
        await step_back(work, others)
    return await _told(work, customer, what, changed.kind, summary, changed.id)


async def _ended(work: Work, customer: Customer, row: Any, what: str, summary: str) -> Made:
    await work.remove(row)
    if row.is_primary:
        await promote(work, await work.rows_of(type(row), customer_id=customer.id))
    return await _told(work, customer, what, row.kind, summary, None)


async def _told(work: Work, customer: Customer, what: str, kind: str, summary: str, object_id: UUID | None) -> Made:
    await work.touch(customer)
    await work.happened(
        "ContactInformationChanged", customer, f"{summary} {customer.display_name}", changed=[what], kind=kind
    )
    return {"customer": customer.id, "object": object_id}

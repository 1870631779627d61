"""Contact details as input: postal addresses, phone numbers and e-mail addresses, and how they become a customer's."""

import dataclasses
from functools import partial
from typing import Any
from uuid import UUID

from changes.commands import Part, given, valid
from changes.work import Work
from core.errors import BadInput
from models.base import date
from models.contact_points import Address, AddressKind, AreaKind, Email, EmailKind, Phone, PhoneKind
from models.notation import country_code, email_address, phone_number
from models.rules import PLACE, place_problem

_PRIMARY = "Whether it comes first of its like; the first one does anyway."


class AddressDetails(Part):
    """A postal address: a country, and something of where in it."""

    kind: AddressKind = given("What the address is used for.")
    street: str | None = given("Street and house number.", default=None, longest=200)
    postal_code: str | None = given("Postal code as written in the country.", default=None, longest=20)
    city: str | None = given("City, town or village.", default=None, longest=100)
    region: str | None = given("State, province or canton.", default=None, longest=100)
    country: str = given("Country (ISO 3166-1 alpha-2).", longest=2)
    area: AreaKind | None = given("Urban, suburban or rural: a pricing factor.", default=None)
    primary: bool = given(_PRIMARY, default=False)
    valid_from: date | None = given("First day it is valid; none if that is not known.", default=None)

    def checked(self, path: str = "input") -> Any:
        """The same, with its country and the parts without which no letter arrives."""
        part: AddressDetails = super().checked(path)
        valid(country_code, part.country, f"{path}.country")
        if problem := place_problem(*(getattr(part, name) for name in PLACE)):
            raise BadInput(problem, argument=f"{path}.city")
        return part


class PhoneDetails(Part):
    """A phone number."""

    kind: PhoneKind = given("What kind of line it is.")
    number: str = given("The number, with its country code or as dialled in `country`.", longest=40)
    country: str | None = given("The country it is dialled in (ISO 3166-1 alpha-2).", default=None, longest=2)
    primary: bool = given(_PRIMARY, default=False)

    def checked(self, path: str = "input") -> Any:
        """The same with the number in E.164 notation."""
        part: PhoneDetails = super().checked(path)
        if part.country is not None:
            valid(country_code, part.country, f"{path}.country")
        number = valid(partial(phone_number, country=part.country), part.number, f"{path}.number")
        return dataclasses.replace(part, number=number)


class EmailDetails(Part):
    """An e-mail address."""

    kind: EmailKind = given("What kind of mailbox it is.")
    address: str = given("The e-mail address.", longest=254)
    primary: bool = given(_PRIMARY, default=False)

    def checked(self, path: str = "input") -> Any:
        """The same with the address as mail systems read it."""
        part: EmailDetails = super().checked(path)
        return dataclasses.replace(part, address=valid(email_address, part.address, f"{path}.address"))


async def add_address(work: Work, customer_id: UUID, details: AddressDetails) -> Address:
    """Write a new address; if it comes first, no other current one of its use does."""
    current = await work.rows_of(Address, customer_id=customer_id, kind=details.kind, valid_to=None)
    primary = details.primary or not any(other.is_primary for other in current)
    values = details.given_values("primary")
    made = await work.create(Address(customer_id=customer_id, is_primary=primary, **values))
    if primary:
        await step_back(work, current)
    return made


async def add_phone(work: Work, customer_id: UUID, details: PhoneDetails, path: str) -> Phone:
    """Write a new phone number; if it comes first, no other does. Raises BadInput if the customer has it already."""
    present = await work.rows_of(Phone, customer_id=customer_id)
    if any(other.e164 == details.number for other in present):
        raise BadInput("the customer has this number already", argument=f"{path}.number")
    primary = details.primary or not any(other.is_primary for other in present)
    made = await work.create(Phone(customer_id=customer_id, kind=details.kind, e164=details.number, is_primary=primary))
    if primary:
        await step_back(work, present)
    return made


async def add_email(work: Work, customer_id: UUID, details: EmailDetails, path: str) -> Email:
    """Write a new e-mail address; if it comes first, no other does. Raises BadInput if the customer has it already."""
    present = await work.rows_of(Email, customer_id=customer_id)
    if any(other.address.lower() == details.address.lower() for other in present):
        raise BadInput("the customer has this address already", argument=f"{path}.address")
    primary = details.primary or not any(other.is_primary for other in present)
    made = await work.create(
        Email(customer_id=customer_id, kind=details.kind, address=details.address, is_primary=primary)
    )
    if primary:
        await step_back(work, present)
    return made


async def step_back(work: Work, others: list[Any]) -> None:
    """Let none of the others come first any more."""
    for other in others:
        await work.change(other, is_primary=False)


async def promote(work: Work, rest: list[Any]) -> None:
    """Let the newest of the rest come first, where none does."""
    if rest and not any(row.is_primary for row in rest):
        await work.change(rest[-1], is_primary=True)


async def add_all(
    work: Work,
    customer_id: UUID,
    addresses: tuple[AddressDetails, ...],
    phones: tuple[PhoneDetails, ...],
    emails: tuple[EmailDetails, ...],
) -> list[str]:
    """Write contact details of all kinds; returns which kinds there were, as events name them."""
    for address in addresses:
        await add_address(work, customer_id, address)
    for index, phone in enumerate(phones):
        await add_phone(work, customer_id, phone, f"input.phones.{index}")
    for index, email in enumerate(emails):
        await add_email(work, customer_id, email, f"input.emails.{index}")
    kinds = {"address": addresses, "phone": phones, "email": emails}
    return [name for name, details in kinds.items() if details]

"""Registering customers: persons and organisations, with their contact details."""

from typing import Any

from changes.commands import Command, Made, given, valid
from changes.contact_details import AddressDetails, EmailDetails, PhoneDetails, add_all
from changes.work import Work
from core.errors import BadInput
from models.base import Decimal, date
from models.customers import (
    Customer,
    CustomerKind,
    CustomerStatus,
    Education,
    EmploymentStatus,
    Gender,
    KycStatus,
    MaritalStatus,
    Segment,
    person_names,
)
from models.notation import country_code, currency_code, language_tag
from models.rules import birth_date_problem
from models.sealed import NATIONAL_ID


class _Register(Command):
    """What persons and organisations have in common."""

    language: str = given("Preferred language (BCP 47), such as de or en-GB.", longest=20)
    currency: str = given("Currency the customer is served in (ISO 4217).", longest=3)
    segment: Segment | None = given("Market segment; by the kind of customer unless given.", default=None)
    addresses: tuple[AddressDetails, ...] = given("Postal addresses.", default=(), longest=10)
    phones: tuple[PhoneDetails, ...] = given("Phone numbers.", default=(), longest=10)
    emails: tuple[EmailDetails, ...] = given("E-mail addresses.", default=(), longest=10)

    def checked(self, path: str = "input") -> "_Register":
        """The same, with codes that are some."""
        command: _Register = super().checked(path)
        valid(language_tag, command.language, f"{path}.language")
        valid(currency_code, command.currency, f"{path}.currency")
        return command

    async def _enter(self, work: Work, customer: Customer, national_id: str | None = None) -> Made:
        """Write the customer with what hangs on it, and tell."""
        customer = await work.create(customer)
        if national_id is not None:
            sealed = await work.seal(NATIONAL_ID, customer.id, customer.id, national_id)
            customer = await work.change(customer, **sealed)
        await add_all(work, customer.id, self.addresses, self.phones, self.emails)
        country: dict[str, Any] = {"country": self.addresses[0].country} if self.addresses else {}
        await work.happened(
            "CustomerCreated",
            customer,
            f"{customer.display_name} became known as a customer",
            number=customer.number,
            kind=customer.kind,
            status=customer.status,
            **country,
        )
        return {"customer": customer.id}


class RegisterPerson(_Register):
    """Register a person as a new customer: a prospect, whose identity is not verified yet."""

    permission = "customers:write"

    last_name: str = given("Family name.", longest=100)
    first_name: str | None = given("Given names.", default=None, longest=100)
    title: str | None = given("Academic or noble title that belongs to the name.", default=None, longest=50)
    birth_date: date | None = given("Date of birth.", default=None)
    gender: Gender | None = given("Stated gender.", default=None)
    marital_status: MaritalStatus | None = given("Civil status.", default=None)
    education: Education | None = given("Highest completed education.", default=None)
    employment_status: EmploymentStatus | None = given("How the person earns a living.", default=None)
    occupation: str | None = given("Occupation in the customer's own words.", default=None, longest=200)
    income: Decimal | None = given("Yearly gross income.", default=None, least=0)
    nationality: str | None = given("Nationality (ISO 3166-1 alpha-2).", default=None, longest=2)
    national_id: str | None = given(
        "National identification number; stored sealed, and shown masked.", default=None, longest=50
    )

    async def perform(self, work: Work) -> Made:
        """Write the person."""
        check_birth_date(self.birth_date, work.today)
        if self.nationality is not None:
            valid(country_code, self.nationality, "input.nationality")
        customer = Customer(
            kind=CustomerKind.PERSON,
            title=self.title,
            first_name=self.first_name,
            last_name=self.last_name,
            **person_names(self.title, self.first_name, self.last_name),
            birth_date=self.birth_date,
            gender=self.gender,
            marital_status=self.marital_status,
            education=self.education,
            employment_status=self.employment_status,
            occupation=self.occupation,
            income_amount=self.income,
            nationality=self.nationality,
            segment=self.segment or Segment.MASS,
            **_fresh(self, work.today),
        )
        return await self._enter(work, customer, self.national_id)


class RegisterOrganisation(_Register):
    """Register a company, an association or a public body as a new customer: a prospect, not verified yet."""

    permission = "customers:write"

    organisation_name: str = given("Registered name.", longest=200)

    async def perform(self, work: Work) -> Made:
        """Write the organisation."""
        customer = Customer(
            kind=CustomerKind.ORGANISATION,
            organisation_name=self.organisation_name,
            display_name=self.organisation_name,
            sort_name=self.organisation_name,
            segment=self.segment or Segment.BUSINESS,
            **_fresh(self, work.today),
        )
        return await self._enter(work, customer)


def check_birth_date(birth_date: date | None, today: date) -> None:
    """Raise BadInput for a date of birth that lies ahead."""
    if problem := birth_date_problem(birth_date, today):
        raise BadInput(problem, argument="input.birthDate")


def _fresh(command: _Register, today: date) -> dict[str, Any]:
    return {
        "currency": command.currency,
        "language": command.language,
        "status": CustomerStatus.PROSPECT,
        "kyc_status": KycStatus.NOT_STARTED,
        "customer_since": today,
    }

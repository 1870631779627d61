"""Changing what is known of a customer."""

from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, Unchanged, given, optional, valid
from changes.customers.registering import check_birth_date
from changes.work import Work
from core.errors import BadInput
from core.names import camel_case
from models.base import Decimal, date
from models.customers import (
    Customer,
    Education,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    Segment,
    person_names,
)
from models.notation import country_code, language_tag
from models.rules import kind_problem, misplaced
from models.sealed import NATIONAL_ID

# Inputs that are called otherwise than their column.
_COLUMNS = {"income": "income_amount"}
_NAMES = ("title", "first_name", "last_name")


class UpdateCustomer(ObjectCommand):
    """Change what is known of a customer. What is not given stays as it is; null clears it."""

    permission = "customers:write"

    customer_id: UUID = given("The customer.", of=Customer)
    title: str | Unchanged | None = optional("Title that belongs to a person's name.", longest=50)
    first_name: str | Unchanged | None = optional("Given names of a person.", longest=100)
    last_name: str | Unchanged = optional("Family name of a person.", longest=100)
    organisation_name: str | Unchanged = optional("Registered name of an organisation.", longest=200)
    birth_date: date | Unchanged | None = optional("Date of birth of a person.")
    gender: Gender | Unchanged | None = optional("Stated gender of a person.")
    marital_status: MaritalStatus | Unchanged | None = optional("Civil status of a person.")
    education: Education | Unchanged | None = optional("Highest completed education of a person.")
    employment_status: EmploymentStatus | Unchanged | None = optional("How the person earns a living.")
    occupation: str | Unchanged | None = optional("Occupation in the person's own words.", longest=200)
    income: Decimal | Unchanged | None = optional("Yearly gross income of a person.", least=0)
    nationality: str | Unchanged | None = optional("Nationality of a person (ISO 3166-1 alpha-2).", longest=2)
    national_id: str | Unchanged = optional("National identification number of a person; stored sealed.", longest=50)
    language: str | Unchanged = optional("Preferred language (BCP 47).", longest=20)
    segment: Segment | Unchanged = optional("Market segment the customer is served in.")

    def checked(self, path: str = "input") -> Any:
        """The same, with codes that are some."""
        command: UpdateCustomer = super().checked(path)
        if isinstance(command.language, str):
            valid(language_tag, command.language, f"{path}.language")
        if isinstance(command.nationality, str):
            valid(country_code, command.nationality, f"{path}.nationality")
        return command

    async def perform(self, work: Work) -> Made:
        """Set what differs, and tell which fields that were."""
        customer = await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")
        given_values = self.given_values("customer_id", "expected_version")
        self._check_kind(customer, given_values)
        check_birth_date(given_values.get("birth_date"), work.today)
        national_id = given_values.pop("national_id", None)
        if "income" in given_values:
            given_values["income_amount"] = given_values.pop("income")
        changed = [name for name, value in given_values.items() if getattr(customer, name) != value]
        values = given_values | _names(customer, given_values)
        if national_id is not None and await _differs(work, customer, national_id):
            changed.append("national_id")
            values |= await work.seal(NATIONAL_ID, customer.id, customer.id, national_id)
        if not changed:
            return {"customer": customer.id}
        customer = await work.change(customer, **values)
        await work.happened(
            "CustomerInformationUpdated",
            customer,
            f"Details of {customer.display_name} updated",
            changed=[camel_case(name.removesuffix("_amount")) for name in changed],
        )
        return {"customer": customer.id}

    def _check_kind(self, customer: Customer, values: dict[str, Any]) -> None:
        """Raise BadInput for what only the other kind of customer has."""
        name = misplaced(customer.kind, (_COLUMNS.get(name, name) for name in values))
        if name is not None:
            argument = camel_case(name.removesuffix("_amount"))
            raise BadInput(kind_problem(customer.kind), argument=f"input.{argument}")


def _names(customer: Customer, values: dict[str, Any]) -> dict[str, str]:
    """The names that follow from the parts that were given."""
    if "organisation_name" in values:
        return dict.fromkeys(("display_name", "sort_name"), values["organisation_name"])
    if not any(name in values for name in _NAMES):
        return {}
    title, first_name, last_name = (values.get(name, getattr(customer, name)) for name in _NAMES)
    # A person that came with an import may have no family name.
    return person_names(title, first_name, last_name) if last_name else {}


async def _differs(work: Work, customer: Customer, national_id: str) -> bool:
    keyring = await work.keyring()
    return customer.national_id_index != keyring.index(NATIONAL_ID, national_id)

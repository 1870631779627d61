"""What can be done with bank accounts of customers. Their numbers are sealed, and nothing else tells them."""

from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, given, valid
from changes.contact_details import step_back
from changes.errors import Impossible
from changes.work import Work
from models.customers import Customer
from models.notation import account_number
from models.sealed import IBAN, BankAccount


class AddBankAccount(ObjectCommand):
    """Add a bank account of a customer, for premiums and for payments to them."""

    permission = "customers:write"

    customer_id: UUID = given("The customer.", of=Customer)
    holder: str | None = given(
        "Name the account is held in; the customer's own unless given.", default=None, longest=200
    )
    iban: str = given("International bank account number; stored sealed, and shown masked.", longest=50)
    primary: bool = given("Whether it is the account to use first; the first one is anyway.", default=False)

    def checked(self, path: str = "input") -> Any:
        """The same, with a number whose check digits are right."""
        command: AddBankAccount = super().checked(path)
        valid(account_number, command.iban, f"{path}.iban")
        return command

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        customer = await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")
        present = await work.rows_of(BankAccount, customer_id=customer.id)
        number = account_number(self.iban)
        account = BankAccount(
            customer_id=customer.id,
            holder=self.holder or customer.display_name,
            bank_country=number[:2],
            is_primary=self.primary or not any(other.is_primary for other in present),
        )
        for name, value in (await work.seal(IBAN, customer.id, account.id, number)).items():
            setattr(account, name, value)
        if any(other.iban_index == account.iban_index for other in present):
            raise Impossible("BANK_ACCOUNT_KNOWN", "the customer has this account already", "iban")
        account = await work.create(account)
        if account.is_primary:
            await step_back(work, present)
        return await _told(work, customer, "New bank account of", account.id)


class UseBankAccountFirst(ObjectCommand):
    """Let a bank account be the one to use first."""

    permission = "customers:write"

    bank_account_id: UUID = given("The bank account.", of=BankAccount)

    async def perform(self, work: Work) -> Made:
        """Put it before the others."""
        customer, account = await work.fetch_part(
            BankAccount, self.bank_account_id, self.expected_version, argument="bankAccountId"
        )
        if account.is_primary:
            return {"customer": customer.id, "object": account.id}
        await step_back(work, await work.rows_of(BankAccount, customer_id=customer.id))
        await work.change(account, is_primary=True)
        return await _told(work, customer, "Another bank account to use first of", account.id)


class EndBankAccount(ObjectCommand):
    """Remove a bank account that is not used any more."""

    permission = "customers:write"

    bank_account_id: UUID = given("The bank account.", of=BankAccount)

    async def perform(self, work: Work) -> Made:
        """Delete it, and let the newest of the others come first."""
        customer, account = await work.fetch_part(
            BankAccount, self.bank_account_id, self.expected_version, argument="bankAccountId"
        )
        await work.remove(account)
        rest = await work.rows_of(BankAccount, customer_id=customer.id)
        if rest and account.is_primary:
            await work.change(rest[-1], is_primary=True)
        return await _told(work, customer, "Removed bank account of", None)


async def _told(work: Work, customer: Customer, summary: str, account_id: UUID | None) -> Made:
    await work.touch(customer)
    await work.happened(
        "CustomerInformationUpdated", customer, f"{summary} {customer.display_name}", changed=["bankAccounts"]
    )
    return {"customer": customer.id, "object": account_id}

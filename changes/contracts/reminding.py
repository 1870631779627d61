"""Reminding customers of the renewal of their contracts, while they can still say no."""

from datetime import timedelta

from changes.commands import Made
from changes.contracts.amending import renewal_day
from changes.contracts.steps import OfContract, overdue_premiums
from changes.errors import Impossible
from changes.work import Work
from models.billing_terms import REMINDER_LEAD
from models.customers import Customer, CustomerStatus


class RemindOfRenewal(OfContract):
    """Have the policyholder reminded that a contract renews, once for each renewal, in the thirty days before it.

    The event RenewalReminderSent tells whoever writes to customers; it is no advertising, so it needs no consent.
    """

    permission = "interactions:write"

    async def perform(self, work: Work) -> Made:
        """Note the day, and tell."""
        contract = await self.contract_to(work, "renew")
        renewal_on = renewal_day(contract)
        if renewal_on <= work.today:
            raise Impossible("RENEWAL_DAY_PAST", f"it was to renew on {renewal_on}", "contractId")
        earliest = renewal_on - timedelta(days=REMINDER_LEAD)
        if work.today < earliest:
            raise Impossible("REMINDER_TOO_EARLY", f"the customer can be reminded from {earliest} on", "contractId")
        # An earlier day was about an earlier renewal.
        if contract.renewal_reminded_on is not None and contract.renewal_reminded_on >= earliest:
            reminded_on = contract.renewal_reminded_on
            raise Impossible("ALREADY_REMINDED", f"the customer was reminded on {reminded_on}", "contractId")
        if await overdue_premiums(work, contract):
            raise Impossible("ARREARS", "a premium is overdue, and so the contract would not renew", "contractId")
        holder = await work.fetch(Customer, contract.customer_id, argument="contractId", lock=False)
        if holder.status is CustomerStatus.DECEASED:
            raise Impossible("CUSTOMER_DECEASED", "the policyholder has died", "contractId")
        contract = await work.change(contract, renewal_reminded_on=work.today)
        await work.happened(
            "RenewalReminderSent",
            contract,
            f"Reminder sent: contract {contract.number} renews on {renewal_on}",
            renewalOn=renewal_on,
            premium=contract.premium_amount,
            currency=contract.currency,
        )
        return {"contract": contract.id}

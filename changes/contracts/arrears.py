"""Contracts whose premium was not paid: the grace period, the lapse, and the way back."""

from datetime import timedelta
from uuid import UUID

from changes.billing.schedule import bill, waive
from changes.commands import Made
from changes.contracts.steps import OfContract, no_arrears, overdue_premiums, terms_of
from changes.errors import Impossible
from changes.work import Work
from models.billing import PaymentKind
from models.billing_terms import horizon
from models.contracts import CONTRACT_WORKFLOW, Contract


class EnterGracePeriod(OfContract):
    """Set a last day to pay the overdue premium of a contract and keep cover."""

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        contract = await self.contract_to(work, "enterGracePeriod")
        if not await overdue_premiums(work, contract):
            raise Impossible("NOTHING_OVERDUE", "no premium of the contract is overdue", "contractId")
        await enter_grace_period(work, contract)
        return {"contract": contract.id}


class EndGracePeriod(OfContract):
    """Note that the arrears of a contract are settled. Recording the payment does so by itself; this is for premiums
    that were waived.
    """

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        contract = await self.contract_to(work, "endGracePeriod")
        if await overdue_premiums(work, contract):
            raise Impossible("ARREARS", "a premium of the contract is still overdue", "contractId")
        await end_grace_period(work, contract)
        return {"contract": contract.id}


class LapseContract(OfContract):
    """End the cover of a contract whose grace period is over. Premiums for later days and late fees are no longer asked
    for; what is owed for days with cover stays so, and can be paid to have the contract reinstated.
    """

    permission = "contracts:write"

    async def perform(self, work: Work) -> Made:
        """Step, waive what is no longer due, and tell."""
        contract = await self.contract_to(work, "lapse")
        last = contract.grace_period_ends_on
        if last is None or last >= work.today:
            until = last or "further notice"
            raise Impossible("GRACE_PERIOD_RUNS", f"the grace period runs until {until}", "contractId")
        contract = await work.step(contract, CONTRACT_WORKFLOW, "lapse", ended_on=last, renewal_on=None)
        await waive(work, contract, PaymentKind.PREMIUM, after=last)
        await waive(work, contract, PaymentKind.LATE_FEE)
        await work.happened(
            "ContractLapsed", contract, f"Contract {contract.number} lapsed: premium not paid", status=contract.status
        )
        return {"contract": contract.id}


class ReinstateContract(OfContract):
    """Put a lapsed contract back in force, as if it had not lapsed: the premiums for the time between are due today."""

    permission = "contracts:write"

    async def perform(self, work: Work) -> Made:
        """Step, bill what was left out, and tell."""
        contract = await self.contract_to(work, "reinstate")
        lapsed_on, terms = contract.ended_on or work.today, await terms_of(work, contract)
        last = lapsed_on + timedelta(days=terms.reinstatement)
        if work.today > last:
            raise Impossible("REINSTATEMENT_TOO_LATE", f"it could be reinstated until {last}", "contractId")
        if contract.ends_on is not None and contract.ends_on < work.today:
            raise Impossible("TERM_OVER", f"the term of the contract ended on {contract.ends_on}", "contractId")
        await no_arrears(work, contract)
        contract = await work.step(contract, CONTRACT_WORKFLOW, "reinstate", ended_on=None, grace_period_ends_on=None)
        await work.happened(
            "ContractReinstated", contract, f"Contract {contract.number} reinstated", status=contract.status
        )
        await bill(work, contract, horizon(contract, work.today), lapsed_on=lapsed_on)
        return {"contract": contract.id}


async def enter_grace_period(work: Work, contract: Contract, cause: UUID | None = None) -> Contract:
    """Let a contract with an overdue premium enter its grace period, which counts from the day that was due, and is
    never over on the day it begins.
    """
    terms = await terms_of(work, contract)
    (oldest, *_) = await overdue_premiums(work, contract)
    last = max(oldest.due_on + timedelta(days=terms.grace), work.today)
    contract = await work.step(contract, CONTRACT_WORKFLOW, "enterGracePeriod", grace_period_ends_on=last)
    await work.happened(
        "GracePeriodEntered",
        contract,
        f"Contract {contract.number} entered its grace period",
        cause=cause,
        graceDays=terms.grace,
        dueOn=last,
    )
    return contract


async def end_grace_period(work: Work, contract: Contract, cause: UUID | None = None) -> Contract:
    """Let a contract without arrears leave its grace period."""
    contract = await work.step(contract, CONTRACT_WORKFLOW, "endGracePeriod", grace_period_ends_on=None)
    await work.happened(
        "GracePeriodEnded",
        contract,
        f"Arrears of contract {contract.number} settled",
        cause=cause,
        status=contract.status,
    )
    return contract

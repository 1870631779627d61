"""The end of a contract: cancelled before its term, expired with it, or matured."""

from datetime import timedelta

from changes.billing.schedule import cut_off
from changes.commands import Made, given
from changes.contracts.steps import OfContract
from changes.errors import Impossible
from changes.products import product_of
from changes.work import Work
from core.errors import BadInput
from models.base import date
from models.contracts import CONTRACT_WORKFLOW, CancellationReason, Contract, ContractStatus
from models.products import LineOfBusiness

_DAY = timedelta(days=1)


class CancelContract(OfContract):
    """End a contract before its term. What was paid for later days is paid back, by days; a notice for the end of the
    term is an amendment (`renews: false`).
    """

    permission = "contracts:write"

    reason: CancellationReason = given("Why.")
    effective_on: date | None = given("Last day of cover; today unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Step, settle the premiums, and tell."""
        contract = await self.contract_to(work, "cancel")
        begun = contract.status is not ContractStatus.PENDING
        last = _last_day(self.effective_on, contract, work.today, begun=begun)
        contract = await work.step(
            contract, CONTRACT_WORKFLOW, "cancel", ended_on=last, renewal_on=None, grace_period_ends_on=None
        )
        cancelled = await work.happened(
            "ContractCancelled",
            contract,
            f"Contract {contract.number} cancelled",
            status=contract.status,
            reason=self.reason,
            effectiveOn=last,
        )
        # Of cover that never began nothing is owed.
        await cut_off(work, contract, last if begun else contract.started_on - _DAY, cancelled)
        return {"contract": contract.id}


class ExpireContract(OfContract):
    """Note that the term of a contract is over."""

    permission = "contracts:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        contract = await self.contract_to(work, "expire")
        if contract.ends_on is None or contract.ends_on >= work.today:
            raise Impossible("TERM_RUNS", f"the term runs until {contract.ends_on or 'further notice'}", "contractId")
        if contract.renewal_on is not None:
            raise Impossible("STILL_RENEWS", "the contract renews; renew it, or note that it does not", "contractId")
        contract = await work.step(contract, CONTRACT_WORKFLOW, "expire", grace_period_ends_on=None)
        await work.happened(
            "ContractExpired",
            contract,
            f"Contract {contract.number} expired at the end of its term",
            status=contract.status,
        )
        return {"contract": contract.id}


class MatureContract(OfContract):
    """End a life insurance because its benefit fell due: the person died, or the day that was agreed has come."""

    permission = "contracts:write"

    matured_on: date | None = given("The day of the death, or the day agreed; today unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Step, settle the premiums, and tell."""
        contract = await self.contract_to(work, "mature")
        _, line = await product_of(work, contract.product_id)
        if line is not LineOfBusiness.LIFE:
            raise Impossible("NO_BENEFIT", "only a life insurance matures", "contractId")
        last = _last_day(self.matured_on, contract, work.today, argument="maturedOn")
        contract = await work.step(
            contract, CONTRACT_WORKFLOW, "mature", ended_on=last, renewal_on=None, grace_period_ends_on=None
        )
        matured = await work.happened(
            "ContractExpired",
            contract,
            f"Contract {contract.number} matured: the sum is due",
            status=contract.status,
        )
        await cut_off(work, contract, last, matured)
        return {"contract": contract.id}


def _last_day(
    day: date | None, contract: Contract, today: date, *, begun: bool = True, argument: str = "effectiveOn"
) -> date:
    """The last day of cover. Raises BadInput for one ahead, or outside the term."""
    last = day or min(today, contract.ends_on or today)
    if last > today:
        raise BadInput("this day lies ahead", argument=f"input.{argument}")
    if begun and last < contract.started_on:
        raise BadInput(f"cover began on {contract.started_on}", argument=f"input.{argument}")
    if contract.ends_on is not None and last > contract.ends_on:
        raise BadInput(f"the term ended on {contract.ends_on}", argument=f"input.{argument}")
    return last

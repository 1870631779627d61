"""What commands about contracts share: finding a contract, and the arrears it has."""

from typing import Any
from uuid import UUID

from changes.commands import ObjectCommand, given
from changes.errors import Impossible
from changes.products import product_of
from changes.work import Work
from models.billing import Payment, PaymentKind, PaymentStatus
from models.billing_terms import BILLING_TERMS, BillingTerms
from models.contracts import CONTRACT_WORKFLOW, Contract


class OfContract(ObjectCommand):
    """A command about one contract."""

    contract_id: UUID = given("The contract.", of=Contract)

    async def contract(self, work: Work) -> Contract:
        """The contract, locked. Raises NotFound, Conflict."""
        return await work.fetch(Contract, self.contract_id, self.expected_version, argument="contractId")

    async def contract_to(self, work: Work, transition: str) -> Contract:
        """The contract, if the way leads on from its state: where there is none, no guard matters.

        Raises NotFound, Conflict, TransitionImpossible.
        """
        contract = await self.contract(work)
        CONTRACT_WORKFLOW.step(transition, contract.status)
        return contract


async def terms_of(work: Work, contract: Contract) -> BillingTerms:
    """How patient the insurer is with the contract."""
    _, line = await product_of(work, contract.product_id)
    return BILLING_TERMS[line]


async def payments_of(work: Work, contract: Contract, *statuses: PaymentStatus, **conditions: Any) -> list[Payment]:
    """The contract's payments in these states, locked, the one due first first."""
    return await work.rows_of(
        Payment, contract_id=contract.id, status=statuses, lock=True, order="due_on", **conditions
    )


async def overdue_premiums(work: Work, contract: Contract) -> list[Payment]:
    """The premiums that were not received in time."""
    return await payments_of(work, contract, PaymentStatus.OVERDUE, kind=PaymentKind.PREMIUM)


async def no_arrears(work: Work, contract: Contract) -> None:
    """Raise Impossible unless everything that was asked for up to now is settled."""
    if await payments_of(work, contract, PaymentStatus.DUE, PaymentStatus.OVERDUE):
        raise Impossible("ARREARS", "payments of the contract are still to be made", "contractId")

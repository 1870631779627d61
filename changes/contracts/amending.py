"""Amending a contract within its term, and renewing it for another one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from changes.billing.schedule import ask, bill, pay_back, rebill
from changes.commands import UNCHANGED, Made, Unchanged, given, optional
from changes.contracts.steps import OfContract, overdue_premiums
from changes.errors import Impossible
from changes.products import product_of
from changes.work import Work
from core.errors import BadInput
from core.names import camel_case
from models.base import Decimal, date
from models.billing import Payment, PaymentKind, PaymentStatus, RefundReason
from models.billing_terms import RENEWAL_WINDOW, RENEWING_TERM_MONTHS, horizon
from models.contracts import (
    CONTRACT_WORKFLOW,
    PREMIUMS_PER_YEAR,
    BillingFrequency,
    Contract,
    ContractStatus,
    CoverageLevel,
)
from models.instalments import add_months, share, split
from models.products import Product
from models.staff import Agent

_DAY = timedelta(days=1)
_AMENDABLE = (ContractStatus.PENDING, ContractStatus.ACTIVE)


class AmendContract(OfContract):
    """Change what a contract covers, what it costs, who looks after it, or whether it renews.

    It counts from `effectiveOn`, which lies within the billing period that runs; of the premium already asked for, or
    paid, the difference for the days left is asked for or paid back. Cover that has not begun is changed from its first
    day on.
    """

    permission = "contracts:write"

    effective_on: date | None = given("From when it counts; today unless given.", default=None)
    coverage_level: CoverageLevel | Unchanged = optional("How wide the cover is.")
    coverage_amount: Decimal | Unchanged = optional("Sum insured, within what the product allows.", least=1)
    deductible: Decimal | Unchanged | None = optional("What the customer bears of each claim.", least=0)
    annual_premium: Decimal | Unchanged = optional("Premium of a year.", least=1)
    agent_id: UUID | Unchanged | None = optional("The agent who looks after it.", of=Agent)
    renews: bool | Unchanged = optional("Whether a new term follows this one.")

    async def perform(self, work: Work) -> Made:
        """Change the terms, settle the difference, and tell."""
        contract = await self.contract(work)
        if contract.status not in _AMENDABLE:
            raise Impossible("NOT_AMENDABLE", f"the contract is {_words(contract.status)}", "contractId")
        product, _ = await product_of(work, contract.product_id)
        since = await self._since(work, contract)
        values = await self._values(work, contract, product)
        changed = [name for name, value in values.items() if getattr(contract, name) != value]
        if not changed:
            return {"contract": contract.id}
        before, contract = contract, await work.change(contract, **values)
        amended = await work.happened(
            "ContractAmended",
            contract,
            f"Contract {contract.number} changed",
            changed=[camel_case(name.removesuffix("_amount").removesuffix("_id")) for name in changed],
            effectiveOn=since,
        )
        if "annual_premium_amount" in changed:
            await _settle(work, before, contract, since, amended)
        return {"contract": contract.id}

    async def _since(self, work: Work, contract: Contract) -> date:
        if contract.status is ContractStatus.PENDING:
            if self.effective_on not in (None, contract.started_on):
                raise BadInput("before cover begins, changes count from its first day", argument="input.effectiveOn")
            return contract.started_on
        since = self.effective_on or work.today
        if since > work.today:
            raise BadInput("this day lies ahead; change the contract then", argument="input.effectiveOn")
        first = contract.started_on
        for period in await work.rows_of(Payment, contract_id=contract.id, kind=PaymentKind.PREMIUM):
            if period.period_from is not None and period.period_from <= work.today:
                first = max(first, period.period_from)
        if since < first:
            raise BadInput(f"not before the billing period that runs, {first}", argument="input.effectiveOn")
        return since

    async def _values(self, work: Work, contract: Contract, product: Product) -> dict[str, Any]:
        """What is set. Raises BadInput, NotFound and Impossible with the path."""
        values = self.given_values(
            "contract_id", "expected_version", "effective_on", "deductible", "annual_premium", "renews"
        )
        if self.coverage_amount is not UNCHANGED:
            _within(product, self.coverage_amount)
        if self.deductible is not UNCHANGED:
            values["deductible_amount"] = self.deductible
        if isinstance(self.agent_id, UUID):
            await work.fetch(Agent, self.agent_id, argument="agentId", lock=False)
        if self.annual_premium is not UNCHANGED:
            if contract.billing_frequency is BillingFrequency.SINGLE:
                raise Impossible("PAID_ONCE", "the premium of the contract is paid once", "annualPremium")
            values |= _premium(self.annual_premium, contract.billing_frequency)
        if self.renews is not UNCHANGED:
            if self.renews and (product.term_months != RENEWING_TERM_MONTHS or contract.ends_on is None):
                raise Impossible("NOT_RENEWABLE", "contracts of this product do not renew", "renews")
            values["renewal_on"] = contract.ends_on + _DAY if self.renews and contract.ends_on else None
        return values


class RenewContract(OfContract):
    """Let a new term follow the present one, on the same terms or with another premium or frequency."""

    permission = "contracts:write"

    annual_premium: Decimal | None = given("Premium of a year in the new term, if another.", least=1, default=None)
    billing_frequency: BillingFrequency | None = given(
        "How often the premium is due in the new term, if another.", default=None
    )

    async def perform(self, work: Work) -> Made:
        """Move the end on, bill the new term, and tell."""
        if self.billing_frequency is BillingFrequency.SINGLE:
            raise BadInput("a term that renews is not paid once for all", argument="input.billingFrequency")
        contract = await self.contract_to(work, "renew")
        renewed_on = renewal_day(contract)
        if renewed_on > work.today + timedelta(days=RENEWAL_WINDOW):
            earliest = renewed_on - timedelta(days=RENEWAL_WINDOW)
            raise Impossible("RENEWAL_TOO_EARLY", f"it can be renewed from {earliest} on", "contractId")
        if await overdue_premiums(work, contract):
            raise Impossible("ARREARS", "a premium is overdue", "contractId")
        ends_on = _end_of_next_term(contract.started_on, renewed_on)
        frequency = self.billing_frequency or contract.billing_frequency
        premium = self.annual_premium or contract.annual_premium_amount
        values: dict[str, Any] = {"billing_frequency": frequency, **_premium(premium, frequency)}
        contract = await work.step(
            contract, CONTRACT_WORKFLOW, "renew", ends_on=ends_on, renewal_on=ends_on + _DAY, **values
        )
        await work.happened(
            "ContractRenewed",
            contract,
            f"Contract {contract.number} renewed until {ends_on}",
            renewedOn=renewed_on,
            premium=contract.premium_amount,
            currency=contract.currency,
        )
        await rebill(work, contract, renewed_on)
        # The whole term is billed, although it may begin some weeks ahead.
        await bill(work, contract, max(ends_on, horizon(contract, work.today)))
        return {"contract": contract.id}


def renewal_day(contract: Contract) -> date:
    """The day on which a contract renews. Raises Impossible where it does not."""
    if contract.renewal_on is None:
        raise Impossible("NOT_RENEWABLE", "the contract does not renew", "contractId")
    if contract.billing_frequency is BillingFrequency.SINGLE:
        raise Impossible("PAID_ONCE", "the premium of the contract is paid once", "contractId")
    return contract.renewal_on


def _premium(annual: Decimal, frequency: BillingFrequency) -> dict[str, Decimal]:
    return {"annual_premium_amount": annual, "premium_amount": split(annual, PREMIUMS_PER_YEAR[frequency])[0]}


def _within(product: Product, amount: Decimal | Unchanged) -> None:
    least, most = product.minimum_coverage_amount, product.maximum_coverage_amount
    if least is None or most is None:
        raise Impossible("NO_SUM_INSURED", "the product has no sum insured", "coverageAmount")
    if not isinstance(amount, Unchanged) and not least <= amount <= most:
        raise Impossible("COVERAGE_OUT_OF_RANGE", f"the product insures {least} to {most}", "coverageAmount")


def _end_of_next_term(started_on: date, renewed_on: date) -> date:
    """The last day of the year that begins with the renewal; counted from the first day of cover, which may have been
    the last of a month.
    """
    years = renewed_on.year - started_on.year
    if add_months(started_on, 12 * years) != renewed_on:
        return add_months(renewed_on, RENEWING_TERM_MONTHS) - _DAY
    return add_months(started_on, 12 * (years + 1)) - _DAY


async def _settle(work: Work, before: Contract, contract: Contract, since: date, cause: UUID) -> None:
    """Put the new premium in place: from the next period on as scheduled, for the rest of the one that runs by days."""
    running = next(
        (
            one
            for one in await work.rows_of(
                Payment, contract_id=contract.id, kind=PaymentKind.PREMIUM, lock=True, order="-period_from"
            )
            if one.status not in (PaymentStatus.FAILED, PaymentStatus.WAIVED)
            and one.period_from is not None
            and one.period_to is not None
            and one.period_from <= since <= one.period_to
        ),
        None,
    )
    if running is None or contract.status is ContractStatus.PENDING:
        await rebill(work, contract, since)
        return
    first, last = running.period_from, running.period_to
    assert first is not None
    assert last is not None
    await rebill(work, contract, last + _DAY)
    difference = share(contract.premium_amount - before.premium_amount, first, last, since, last)
    if running.status in (PaymentStatus.SCHEDULED, PaymentStatus.DUE, PaymentStatus.OVERDUE):
        await work.change(running, amount=running.amount + difference)
    elif difference > 0:
        await ask(work, contract, PaymentKind.ADJUSTMENT, difference)
    else:
        await pay_back(work, contract, running, -difference, RefundReason.CONTRACT_AMENDED, cause)


def _words(status: ContractStatus) -> str:
    return status.lower().replace("_", " ")

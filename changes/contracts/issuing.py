"""Issuing a contract from an approved order, and the beginning of its cover."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from changes.billing.schedule import bill
from changes.commands import Made, ObjectCommand, given
from changes.contracts.parties import Beneficiary, InsuredParty, beneficiaries_of, check_shares, insured_of
from changes.contracts.steps import OfContract
from changes.errors import Impossible
from changes.orders.steps import move, told
from changes.products import product_of
from changes.work import Work
from core.errors import BadInput
from models.base import Decimal, date
from models.billing_terms import RENEWING_TERM_MONTHS, horizon
from models.contracts import (
    CONTRACT_WORKFLOW,
    PREMIUMS_PER_YEAR,
    BillingFrequency,
    Contract,
    ContractStatus,
)
from models.customers import CUSTOMER_WORKFLOW, Customer, CustomerStatus
from models.instalments import add_months, rounded
from models.orders import ORDER_WORKFLOW, Order
from models.products import Product

_DAY = timedelta(days=1)
# Who becomes an active customer with a contract in force.
_NOT_YET = (CustomerStatus.PROSPECT, CustomerStatus.INACTIVE)


class IssueContract(ObjectCommand):
    """Issue a contract from an approved order: its terms, agent and partner are taken over, and the premiums of the
    first year are billed. Cover begins on the day the order asked for, or today where that is past.
    """

    permission = "contracts:write"

    order_id: UUID = given("The order.", of=Order)
    starts_on: date | None = given("First day of cover, if not the one asked for.", default=None)
    deductible: Decimal | None = given(
        "What the customer bears of each claim, in the order's currency.", least=0, default=None
    )
    insured: tuple[InsuredParty, ...] = given(
        "Whose risk is covered; the policyholder, where nobody is named.", longest=20, default=()
    )
    payer_id: UUID | None = given("Who pays in place of the policyholder.", of=Customer, default=None)
    beneficiaries: tuple[Beneficiary, ...] = given("Who receives the benefit.", longest=20, default=())

    async def perform(self, work: Work) -> Made:
        """Step the order, write the contract with its parties and premiums, and tell."""
        check_shares(self.beneficiaries, work.today)
        order = await work.fetch(Order, self.order_id, self.expected_version, argument="orderId")
        ORDER_WORKFLOW.step("issue", order.status)
        holder = await work.fetch(Customer, order.customer_id, argument="orderId")
        if holder.status not in (*_NOT_YET, CustomerStatus.ACTIVE):
            raise Impossible("CUSTOMER_ON_HOLD", f"the customer is {holder.status.lower()}", "orderId")
        product, line = await product_of(work, order.product_id)
        new = self._contract(order, product, work.today)
        parties = await insured_of(work, new, self.insured, self.payer_id)
        parties += await beneficiaries_of(work, new, line, self.beneficiaries)
        step = await _step_order(work, order, product)
        contract = await work.create(new)
        for party in parties:
            await work.create(party)
        await bill(work, contract, horizon(contract, work.today))
        issued = await work.happened(
            "ContractIssued",
            contract,
            f"Contract {contract.number} for {product.name} issued",
            cause=step,
            number=contract.number,
            product=product.code,
            premium=contract.premium_amount,
            currency=contract.currency,
            coverageLevel=contract.coverage_level,
        )
        if contract.status is ContractStatus.ACTIVE:
            await activate(work, holder, issued)
        return {"contract": contract.id, "order": order.id}

    def _contract(self, order: Order, product: Product, today: date) -> Contract:
        if self.starts_on is not None and self.starts_on < today:
            raise BadInput("cover cannot begin in the past", argument="input.startsOn")
        starts_on = self.starts_on or max(order.requested_start_on, today)
        months = product.term_months
        ends_on = add_months(starts_on, months) - _DAY if months else None
        renews = months == RENEWING_TERM_MONTHS and order.billing_frequency is not BillingFrequency.SINGLE
        return Contract(
            customer_id=order.customer_id,
            product_id=order.product_id,
            order_id=order.id,
            status=ContractStatus.ACTIVE if starts_on <= today else ContractStatus.PENDING,
            coverage_level=order.coverage_level,
            coverage_amount=order.coverage_amount,
            deductible_amount=self.deductible,
            currency=order.currency,
            started_on=starts_on,
            ends_on=ends_on,
            premium_amount=order.premium_amount,
            annual_premium_amount=annual(order.premium_amount, order.billing_frequency, months),
            billing_frequency=order.billing_frequency,
            renewal_on=ends_on + _DAY if ends_on is not None and renews else None,
            cash_value_amount=Decimal(0) if product.builds_cash_value else None,
            surrender_value_amount=Decimal(0) if product.builds_cash_value else None,
            partner_id=order.partner_id,
            agent_id=order.agent_id,
            attributes={},
        )


class BeginContract(OfContract):
    """Let the cover of a contract begin, whose first day has come."""

    permission = "contracts:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        contract = await self.contract_to(work, "begin")
        if contract.started_on > work.today:
            raise Impossible("COVER_AHEAD", f"cover begins on {contract.started_on}", "contractId")
        contract = await work.step(contract, CONTRACT_WORKFLOW, "begin")
        began = await work.happened(
            "CoverBegan",
            contract,
            f"Cover of contract {contract.number} began",
            status=contract.status,
            effectiveOn=contract.started_on,
        )
        await activate(work, await work.fetch(Customer, contract.customer_id, argument="contractId"), began)
        return {"contract": contract.id}


def annual(premium: Decimal, frequency: BillingFrequency, term_months: int | None) -> Decimal:
    """The premium of a year; a single premium is spread over the term, which counts as a year at least."""
    if frequency is BillingFrequency.SINGLE:
        return rounded(premium * 12 / max(term_months or 12, 12))
    return premium * PREMIUMS_PER_YEAR[frequency]


async def activate(work: Work, customer: Customer, cause: UUID) -> None:
    """Let the policyholder of a contract that came into force be an active customer; others stay what they are."""
    if customer.status not in _NOT_YET:
        return
    before = customer.status
    # It follows from the contract; who may conclude that need not be able to change customers.
    status = CUSTOMER_WORKFLOW.step("activate", before)
    customer = await work.change(customer, status=status)
    facts: dict[str, Any] = {"from": before, "status": customer.status}
    summary = f"Status of {customer.display_name} changed to {customer.status.lower()}"
    await work.happened("CustomerStatusChanged", customer, summary, cause=cause, **facts)


async def _step_order(work: Work, order: Order, product: Product) -> UUID:
    before = order.status
    order = await move(work, order, "issue")
    return await told(work, "OrderStatusChanged", order, "made a contract", before=before, product=product)

"""Drafting an order, changing the draft, and handing it in."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from changes.commands import UNCHANGED, Command, Made, ObjectCommand, Unchanged, given, optional
from changes.errors import Impossible
from changes.orders.steps import customer_of, move, order_of, require_document, told, write_step
from changes.products import product_of
from changes.work import Work
from models.contracts import BillingFrequency, CoverageLevel
from models.customers import Customer
from models.interactions import Channel
from models.order_rules import Objection, documents_for, objections
from models.orders import (
    MedicalExam,
    MedicalExamStatus,
    Order,
    OrderStatus,
)
from models.products import LineOfBusiness, Product
from models.tariff import premium

_SUM = "Sum to be insured, in the order's currency; for products that have one."


class DraftOrder(Command):
    """Begin an order. The premium is quoted by the tariff; amounts are in the customer's currency."""

    permission = "orders:write"

    customer_id: UUID = given("Who orders.", of=Customer)
    product_id: UUID = given("The product.", of=Product)
    coverage_level: CoverageLevel = given("How wide a cover is asked for.")
    coverage_amount: Decimal | None = given(_SUM, default=None, least=1)
    billing_frequency: BillingFrequency = given("How often the premium would be due.")
    requested_start_on: date = given("First day of cover asked for.")
    channel: Channel = given("How the order reached the insurer.")

    async def perform(self, work: Work) -> Made:
        """Write the draft under the name of the acting agent or partner."""
        customer = await work.fetch(Customer, self.customer_id, argument="customerId")
        product, line = await product_of(work, self.product_id)
        order = Order(
            customer_id=customer.id,
            product_id=product.id,
            status=OrderStatus.DRAFT,
            coverage_level=self.coverage_level,
            coverage_amount=self.coverage_amount,
            premium_amount=Decimal(0),
            currency=customer.currency,
            billing_frequency=self.billing_frequency,
            requested_start_on=self.requested_start_on,
            channel=self.channel,
            agent_id=await work.agent(),
            partner_id=UUID(work.actor.partner_id) if work.actor.partner_id else None,
        )
        _refuse(objections(order, customer, product, line, work.today))
        order.premium_amount = _quote(order, product)
        order = await work.create(order)
        await write_step(work, order, None)
        await told(work, "OrderDrafted", order, "begun", product=product)
        return {"order": order.id}


class ChangeOrder(ObjectCommand):
    """Change the terms of a draft; the premium is quoted anew. What is not given stays as it is."""

    permission = "orders:write"

    order_id: UUID = given("The order.", of=Order)
    coverage_level: CoverageLevel | Unchanged = optional("How wide a cover is asked for.")
    coverage_amount: Decimal | Unchanged | None = optional(_SUM, least=1)
    billing_frequency: BillingFrequency | Unchanged = optional("How often the premium would be due.")
    requested_start_on: date | Unchanged = optional("First day of cover asked for.")

    async def perform(self, work: Work) -> Made:
        """Look whether the terms as they would be then are possible, and set them."""
        order = await order_of(work, self.order_id, self.expected_version)
        if order.status is not OrderStatus.DRAFT:
            raise Impossible("ORDER_NOT_A_DRAFT", "only a draft can be changed; this order was handed in", "orderId")
        wanted = self.given_values("order_id", "expected_version")
        customer = await customer_of(work, order)
        product, line = await product_of(work, order.product_id)
        terms = order.model_copy(update=wanted)
        # A draft that became impossible by itself, say by its product's end, may still be mended piece by piece.
        _refuse([found for found in objections(terms, customer, product, line, work.today) if _is_given(self, found)])
        order = await work.change(order, **wanted, premium_amount=_quote(terms, product))
        return {"order": order.id}


class SubmitOrder(ObjectCommand):
    """Hand an order in. What it needs, documents and a medical exam, is asked for by its product and sum."""

    permission = "orders:write"

    order_id: UUID = given("The order.", of=Order)

    async def perform(self, work: Work) -> Made:
        """Check once more whether customer and terms are eligible, step, and ask for what is needed."""
        order = await order_of(work, self.order_id, self.expected_version)
        customer = await customer_of(work, order)
        product, line = await product_of(work, order.product_id)
        order = await move(work, order, "submit", submitted_at=work.now, submitted_by=work.actor_name)
        _refuse(objections(order, customer, product, line, work.today), "orderId")
        await _ask_for(work, order, customer, product, line)
        await told(work, "OrderSubmitted", order, "handed in", product=product)
        return {"order": order.id}


async def _ask_for(work: Work, order: Order, customer: Customer, product: Product, line: LineOfBusiness) -> None:
    for kind in documents_for(order, customer, line):
        await require_document(work, order, kind)
    if product.requires_medical_exam:
        await work.create(
            MedicalExam(
                customer_id=order.customer_id,
                order_id=order.id,
                status=MedicalExamStatus.REQUIRED,
                required_at=work.now,
            )
        )


def _quote(order: Order, product: Product) -> Decimal:
    return premium(product, order.coverage_level, order.coverage_amount, order.billing_frequency)


def _is_given(command: ChangeOrder, objection: Objection) -> bool:
    """Whether an objection is about something that the command sets."""
    return getattr(command, _ATTRIBUTES.get(objection.field, ""), UNCHANGED) is not UNCHANGED


_ATTRIBUTES = {
    "coverageAmount": "coverage_amount",
    "billingFrequency": "billing_frequency",
    "requestedStartOn": "requested_start_on",
}


def _refuse(found: list[Objection], argument: str | None = None) -> None:
    """Raise Impossible with the first objection, about `argument` or the field that is in the way."""
    for objection in found:
        raise Impossible(objection.code, objection.message, argument or objection.field)

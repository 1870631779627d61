"""What commands about orders share: finding an order with its product, and letting it go a way of its workflow."""

from typing import Any, TypeVar
from uuid import UUID

from changes.errors import Impossible, NotFound
from changes.products import product_of
from changes.work import Work
from models.customers import Customer
from models.orders import (
    ORDER_WORKFLOW,
    UNDECIDED_ORDER_STATUSES,
    DocumentStatus,
    MedicalExam,
    Order,
    OrderDocument,
    OrderDocumentKind,
    OrderStatusChange,
)
from models.products import Product

P = TypeVar("P", OrderDocument, MedicalExam)


async def order_of(work: Work, order_id: UUID, expected_version: int | None) -> Order:
    """The order that the input `orderId` names, locked. Raises NotFound, Conflict."""
    return await work.fetch(Order, order_id, expected_version, argument="orderId")


async def part_of(
    work: Work, model: type[P], row_id: UUID, expected_version: int | None, argument: str
) -> tuple[P, Order]:
    """A document or exam and its order, both locked, the order first. Raises NotFound, Conflict, and Impossible when
    the order waits for nothing any more.
    """
    kind = "order document" if model is OrderDocument else "medical exam"
    found = await work.rows_of(model, id=row_id)
    if not found:
        raise NotFound(kind, f"input.{argument}")
    try:
        order = await work.fetch(Order, found[0].order_id, expected_version, argument=argument)
    except NotFound:
        # Named is the part; that its order is out of sight is no answer.
        raise NotFound(kind, f"input.{argument}") from None
    part = await work.fetch(model, row_id, argument=argument)
    undecided(order, argument)
    return part, order


async def customer_of(work: Work, order: Order) -> Customer:
    """The customer of an order that was fetched, as they are now; not locked."""
    (customer,) = await work.rows_of(Customer, id=order.customer_id)
    return customer


def undecided(order: Order, argument: str) -> None:
    """Raise Impossible unless the order was handed in and is not decided on."""
    if order.status not in UNDECIDED_ORDER_STATUSES:
        state = order.status.value.lower().replace("_", " ")
        raise Impossible("ORDER_NOT_UNDER_REVIEW", f"the order is {state}; nothing of it is under review", argument)


async def move(work: Work, order: Order, transition: str, *, reason: str | None = None, **values: Any) -> Order:
    """Let the order go a way of its workflow, set columns with it, and write the step into its history.

    Raises TransitionImpossible and Forbidden.
    """
    before = order.status
    moved = await work.step(order, ORDER_WORKFLOW, transition, **values)
    if moved.status is not before:
        await write_step(work, moved, before, reason)
    return moved


async def write_step(work: Work, order: Order, before: Any, reason: str | None = None) -> None:
    """Write a step of the order, from the status `before` to the one it has, into its history."""
    await work.create(
        OrderStatusChange(
            customer_id=order.customer_id,
            order_id=order.id,
            from_status=before,
            to_status=order.status,
            changed_at=work.now,
            agent_id=await work.agent(),
            reason=reason,
        )
    )


async def require_document(work: Work, order: Order, kind: OrderDocumentKind) -> None:
    """Ask for a document of the order."""
    await work.create(
        OrderDocument(
            customer_id=order.customer_id,
            order_id=order.id,
            kind=kind,
            status=DocumentStatus.REQUIRED,
            requested_at=work.now,
        )
    )


async def told(
    work: Work,
    event_type: str,
    order: Order,
    what: str,
    *,
    before: Any = None,
    product: Product | None = None,
    **more: Any,
) -> UUID:
    """Write an event about an order with the facts that all of them have; returns its id."""
    known = product or (await product_of(work, order.product_id))[0]
    facts = {"status": order.status, "product": known.code, "channel": order.channel, **more}
    if before is not None:
        facts["from"] = before
    return await work.happened(event_type, order, f"Order {order.number} {what}", **facts)

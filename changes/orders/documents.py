"""Documents of an order: asked for, received, verified, refused, waived."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.orders.steps import move, order_of, part_of, require_document, told
from changes.work import Work
from models.orders import ORDER_DOCUMENT_WORKFLOW, DocumentStatus, Order, OrderDocument, OrderDocumentKind

OPEN = (DocumentStatus.REQUIRED, DocumentStatus.RECEIVED, DocumentStatus.REJECTED)


class RequireOrderDocuments(ObjectCommand):
    """Let an order wait for documents: those still open, and further ones."""

    permission = "orders:underwrite"

    order_id: UUID = given("The order.", of=Order)
    kinds: tuple[OrderDocumentKind, ...] = given("Further documents to ask for.", default=(), longest=20)

    async def perform(self, work: Work) -> Made:
        """Ask for the documents that are not asked for yet, and step."""
        order = await order_of(work, self.order_id, self.expected_version)
        before = order.status
        order = await move(work, order, "requireDocuments")
        there = {document.kind for document in await work.rows_of(OrderDocument, order_id=order.id, status=OPEN)}
        if not there and not self.kinds:
            raise Impossible("NO_DOCUMENT_OPEN", "no document is open; say which ones to ask for", "kinds")
        for kind in dict.fromkeys(self.kinds):
            if kind not in there:
                await require_document(work, order, kind)
        if order.status is not before:
            await told(work, "OrderStatusChanged", order, "waits for documents", before=before)
        return {"order": order.id}


class _OfDocument(ObjectCommand):
    """A command about one document; `expectedVersion` is the version of its order."""

    document_id: UUID = given("The document.", of=OrderDocument)

    async def step(self, work: Work, transition: str, values: Mapping[str, Any]) -> tuple[OrderDocument, Order]:
        document, order = await part_of(
            work, OrderDocument, self.document_id, self.expected_version, argument="documentId"
        )
        document = await work.step(document, ORDER_DOCUMENT_WORKFLOW, transition, **values)
        return document, order


class ReceiveOrderDocument(_OfDocument):
    """Note that a document came."""

    permission = "orders:write"

    async def perform(self, work: Work) -> Made:
        """Step; what was said of an earlier one is forgotten."""
        values = {"received_at": work.now, "verified_at": None, "verified_by_id": None, "rejection_reason": None}
        document, order = await self.step(work, "receive", values)
        return {"document": document.id, "order": order.id}


class VerifyOrderDocument(_OfDocument):
    """Accept a document that came."""

    permission = "orders:underwrite"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        document, order = await self.step(
            work, "verify", {"verified_at": work.now, "verified_by_id": await work.agent()}
        )
        what = document.kind.value.lower().replace("_", " ")
        await work.happened(
            "DocumentVerified", order, f"Document of order {order.number} verified: {what}", kind=document.kind
        )
        return {"document": document.id, "order": order.id}


class RefuseOrderDocument(_OfDocument):
    """Refuse a document that came; another one has to come in its place."""

    permission = "orders:underwrite"

    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Step, with the reason."""
        values = {
            "verified_at": work.now,
            "verified_by_id": await work.agent(),
            "rejection_reason": self.reason,
        }
        document, order = await self.step(work, "refuse", values)
        return {"document": document.id, "order": order.id}


class WaiveOrderDocument(_OfDocument):
    """Do without a document."""

    permission = "orders:underwrite"

    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Step, with the reason."""
        document, order = await self.step(work, "waive", {"rejection_reason": self.reason})
        return {"document": document.id, "order": order.id}

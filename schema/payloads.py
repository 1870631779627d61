"""What mutations of business data answer: the object that was changed, and why nothing was."""

from typing import TYPE_CHECKING

import loaders
from schema.commands import result_of
from schema.mutations import payload

if TYPE_CHECKING:
    from schema.claims import Claim, ClaimDocument, ClaimPayment
    from schema.complaints import Complaint
    from schema.customers import Customer
    from schema.follow_ups import FollowUp
    from schema.interactions import Interaction
    from schema.orders import MedicalExam, Order, OrderDocument


@payload("A claim that was reported or changed.")
class ClaimPayload:
    """Of commands about claims."""

    claim: "Claim | None" = result_of(loaders.claims.by_id, "claim", "The claim as it is now.")


@payload("A document of a claim that was brought or changed.")
class ClaimDocumentPayload:
    """Of commands about documents of claims."""

    document: "ClaimDocument | None" = result_of(
        loaders.claims.document_by_id, "document", "The document as it is now."
    )
    claim: "Claim | None" = result_of(loaders.claims.by_id, "claim", "Its claim.")


@payload("A payment on a claim that was ordered or changed.")
class ClaimPaymentPayload:
    """Of commands about payments on claims."""

    payment: "ClaimPayment | None" = result_of(loaders.claims.payment_by_id, "payment", "The payment as it is now.")
    claim: "Claim | None" = result_of(loaders.claims.by_id, "claim", "Its claim.")


@payload("An order that was begun or changed.")
class OrderPayload:
    """Of commands about orders."""

    order: "Order | None" = result_of(loaders.orders.by_id, "order", "The order as it is now.")


@payload("A document of an order that was changed.")
class OrderDocumentPayload:
    """Of commands about documents of orders."""

    document: "OrderDocument | None" = result_of(
        loaders.orders.document_by_id, "document", "The document as it is now."
    )
    order: "Order | None" = result_of(loaders.orders.by_id, "order", "Its order.")


@payload("A medical exam that was changed.")
class MedicalExamPayload:
    """Of commands about medical exams."""

    medical_exam: "MedicalExam | None" = result_of(
        loaders.orders.medical_exam_by_id, "medical_exam", "The exam as it is now."
    )
    order: "Order | None" = result_of(loaders.orders.by_id, "order", "Its order.")


@payload("A contact that was logged.")
class InteractionPayload:
    """Of commands about interactions."""

    interaction: "Interaction | None" = result_of(loaders.interactions.by_id, "interaction", "The contact.")
    customer: "Customer | None" = result_of(
        loaders.customers.by_id, "customer", "The customer as it is now; none for an anonymous contact."
    )


@payload("A complaint that was filed or changed.")
class ComplaintPayload:
    """Of commands about complaints."""

    complaint: "Complaint | None" = result_of(loaders.complaints.by_id, "complaint", "The complaint as it is now.")
    interaction: "Interaction | None" = result_of(
        loaders.interactions.by_id, "interaction", "The contact in which the customer was answered, if there was one."
    )


@payload("A follow-up task that was made or changed.")
class FollowUpPayload:
    """Of commands about follow-up tasks."""

    follow_up: "FollowUp | None" = result_of(loaders.follow_ups.by_id, "follow_up", "The task as it is now.")
    interaction: "Interaction | None" = result_of(
        loaders.interactions.by_id, "interaction", "The contact in which it was done, if it was one."
    )

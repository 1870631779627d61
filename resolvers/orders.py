"""What one can ask of orders, and do with them."""

import strawberry

import loaders
from changes import orders
from models.history import SubjectKind
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.feed import OrderUpdate, follow
from schema.fields import page
from schema.orders import Order
from schema.payloads import MedicalExamPayload, OrderDocumentPayload, OrderPayload


@strawberry.type
class Query:
    """Root fields of orders."""

    order: Order | None = lookup(loaders.orders.by_id, loaders.orders.by_number, "An order, by id or order number.")
    orders: Connection[Order] | None = page(loaders.orders.all_orders, "Orders.", local=None)


@strawberry.type
class Mutation:
    """What can be done with orders."""

    draft_order = does(orders.DraftOrder, OrderPayload)
    change_order = does(orders.ChangeOrder, OrderPayload)
    submit_order = does(orders.SubmitOrder, OrderPayload)
    require_order_documents = does(orders.RequireOrderDocuments, OrderPayload)
    receive_order_document = does(orders.ReceiveOrderDocument, OrderDocumentPayload)
    verify_order_document = does(orders.VerifyOrderDocument, OrderDocumentPayload)
    refuse_order_document = does(orders.RefuseOrderDocument, OrderDocumentPayload)
    waive_order_document = does(orders.WaiveOrderDocument, OrderDocumentPayload)
    require_medical_exam = does(orders.RequireMedicalExam, MedicalExamPayload)
    schedule_medical_exam = does(orders.ScheduleMedicalExam, MedicalExamPayload)
    complete_medical_exam = does(orders.CompleteMedicalExam, MedicalExamPayload)
    miss_medical_exam = does(orders.MissMedicalExam, MedicalExamPayload)
    cancel_medical_exam = does(orders.CancelMedicalExam, MedicalExamPayload)
    underwrite_order = does(orders.UnderwriteOrder, OrderPayload)
    refer_order = does(orders.ReferOrder, OrderPayload)
    decide_underwriting = does(orders.DecideUnderwriting, OrderPayload)
    approve_order = does(orders.ApproveOrder, OrderPayload)
    reject_order = does(orders.RejectOrder, OrderPayload)
    withdraw_order = does(orders.WithdrawOrder, OrderPayload)


@strawberry.type
class Subscription:
    """What one can follow of orders."""

    order_updates: OrderUpdate | None = follow(
        "Events of orders, each with the order as it is then.", kind=SubjectKind.ORDER, of="orders"
    )

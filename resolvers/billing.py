"""What one can ask of billing, and do with payments."""

import strawberry

import loaders
from changes.billing import overdue, payments
from resolvers.lookup import lookup
from schema.billing import Payment
from schema.commands import does
from schema.connections import Connection
from schema.contract_payloads import PaymentPayload
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of billing."""

    payment: Payment | None = lookup(loaders.billing.by_id, None, "A payment, by id.")
    payments: Connection[Payment] | None = page(loaders.billing.all_payments, "Payments.", local=None)


@strawberry.type
class Mutation:
    """What can be done with payments."""

    make_payment_due = does(overdue.MakePaymentDue, PaymentPayload)
    record_payment = does(payments.RecordPayment, PaymentPayload)
    mark_payment_overdue = does(overdue.MarkPaymentOverdue, PaymentPayload)
    fail_payment = does(payments.FailPayment, PaymentPayload)
    refund_payment = does(payments.RefundPayment, PaymentPayload)
    waive_payment = does(payments.WaivePayment, PaymentPayload)

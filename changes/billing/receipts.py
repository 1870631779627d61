"""Receipts: money that came in, recorded as it came, and sent back where nobody knows what it is for."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg

from changes.commands import Command, Made, ObjectCommand, given, valid
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.billing import PaymentMethod
from models.notation import currency_code
from models.receipts import RECEIPT_WORKFLOW, Receipt, ReceiptStatus, ReturnReason


class RecordReceipt(Command):
    """Record money that came in, before it is known what it pays. The payer's account number is not taken: it is
    sensitive, and the bank has it.
    """

    permission = "billing:write"

    amount: Decimal = given("The sum.", least=Decimal("0.01"))
    currency: str = given("Its currency (ISO 4217).", longest=3)
    method: PaymentMethod = given("How it came.", default=PaymentMethod.BANK_TRANSFER)
    received_on: date | None = given("Day it came in; today unless given.", default=None)
    payer_name: str | None = given("Who paid, as the bank or the payer wrote it.", longest=200, default=None)
    reference: str | None = given("What the payer wrote it is for.", longest=500, default=None)
    bank_reference: str | None = given(
        "The bank's or payment provider's own reference of the transaction. There is one receipt of each.",
        longest=140,
        default=None,
    )

    async def perform(self, work: Work) -> Made:
        """Write it. Nobody's history tells of it: it is nobody's yet."""
        received_on = self.received_on or work.today
        if received_on > work.today:
            raise BadInput("this day lies ahead", argument="input.receivedOn")
        receipt = Receipt(
            status=ReceiptStatus.UNMATCHED,
            amount=self.amount,
            remaining_amount=self.amount,
            currency=valid(currency_code, self.currency, "input.currency"),
            method=self.method,
            received_on=received_on,
            payer_name=self.payer_name,
            reference=self.reference,
            bank_reference=self.bank_reference,
        )
        try:
            return {"receipt": (await work.create(receipt)).id}
        except psycopg.errors.UniqueViolation:
            raise Impossible(
                "ALREADY_RECORDED", "there is a receipt of this transaction of the bank", "bankReference"
            ) from None


class ReturnReceipt(ObjectCommand):
    """Send back what is left of a receipt to whoever paid it."""

    permission = "billing:write"

    receipt_id: UUID = given("The receipt.", of=Receipt)
    reason: ReturnReason = given("Why.")

    async def perform(self, work: Work) -> Made:
        """Step, and tell where it is known in whose history."""
        receipt = await work.fetch(Receipt, self.receipt_id, self.expected_version, argument="receiptId")
        amount = receipt.remaining_amount
        receipt = await work.step(
            receipt,
            RECEIPT_WORKFLOW,
            "return",
            returned_amount=receipt.returned_amount + amount,
            remaining_amount=Decimal("0.00"),
            return_reason=self.reason,
            returned_at=work.now,
        )
        if receipt.customer_id is not None:
            await work.happened(
                "ReceiptReturned",
                receipt,
                f"{amount} {receipt.currency} sent back to the payer",
                amount=amount,
                currency=receipt.currency,
                reason=self.reason,
            )
        return {"receipt": receipt.id}

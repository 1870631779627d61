"""The workflow of receipts, walked at random through the mutations."""

from typing import Any

from core.ids import new_id
from models.receipts import RECEIPT_WORKFLOW
from tests.changes.contracts.asking import SENIOR, contract, mutation, payment
from tests.changes.customers.asking import run
from tests.changes.digests import everything
from tests.changes.receipts.asking import consistent
from tests.changes.walking import Walk, Walker


class ReceiptWalk(Walk):
    """A receipt, while payments come that it can pay, and what it paid is paid back in part."""

    who = SENIOR
    shown = "query ($id: ID!) { receipt(id: $id) { state: status available: availableTransitions } }"

    def begin(self) -> str:
        self.contract_id = contract(self.desk)
        self.row_id, self.refunded = str(new_id()), False
        self.ready: dict[str, str] = {}
        run(
            self.desk,
            "insert into receipts (id, created_at, updated_at, status, amount, matched_amount, returned_amount,"
            " remaining_amount, currency, method, received_on) values (%s, now(), now(), 'UNMATCHED', 100, 0, 0, 100,"
            " 'EUR', 'BANK_TRANSFER', current_date)",
            self.row_id,
        )
        return f"rcp_{self.row_id}"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        if transition == "return":
            return mutation("returnReceipt"), {"input": {"receiptId": self.id, "reason": "NOT_IDENTIFIED"}}
        if transition in ("match", "matchPart"):
            given = {"paymentId": f"pay_{self._payment(transition)}", "receiptId": self.id}
            return mutation("matchPayment"), {"input": given}
        return mutation("unmatchPayment"), {"input": {"paymentId": f"pay_{self._paid(transition)}"}}

    def refusal(self, transition: str) -> str | None:
        if not transition.startswith("unmatch"):
            return None
        if not self._matches():
            # There is nothing that it paid.
            return "TRANSITION_IMPOSSIBLE"
        return "PARTLY_REFUNDED" if self.refunded else None

    def digest(self) -> Any:
        # What a walk needs is made before the digest is taken; after a refusal it is still there.
        self._prepare()
        consistent(self.desk)
        return everything(self.desk)

    def happen(self, choice: int) -> None:
        """Something of all that it paid is paid back, or nothing was."""
        self.refunded = choice == 0 and bool(self._matches())
        run(
            self.desk,
            "delete from payments where refund_of_id in (select id from payments where contract_id = %s)",
            self.contract_id,
        )
        if self.refunded:
            for payment_id in self._matches():
                self._refund(payment_id)

    def _prepare(self) -> None:
        """A payment that asks for all that is left, and one that asks for half of it, unless they are there."""
        ((left,),) = self.desk.rows("select remaining_amount from receipts where id = %s", self.row_id)
        sums = {"match": f"{left or 10:.2f}", "matchPart": f"{(left or 10) / 2:.2f}"}
        for way, amount in sums.items():
            asked = "select amount::text, status from payments where id = %s"
            if way not in self.ready or self.desk.rows(asked, self.ready[way]) != [(amount, "DUE")]:
                self.ready[way] = payment(self.desk, self.contract_id, amount=amount)

    def _payment(self, transition: str) -> str:
        return self.ready[transition]

    def _paid(self, transition: str) -> str:
        found = self._matches()
        if not found:
            return self.ready["match"]
        if self.refunded:
            return found[0]
        if transition == "unmatchPart" and len(found) == 1:
            self._another(found[0])
        elif transition == "unmatch":
            for other in found[1:]:
                self._without(other)
        return found[0]

    def _another(self, payment_id: str) -> None:
        """The receipt is as if it had come with another ten euros, which pay something too."""
        other = payment(self.desk, self.contract_id, "PAID")
        run(
            self.desk,
            "insert into receipt_matches (id, customer_id, receipt_id, payment_id, amount, currency, status_before,"
            " matched_at, matched_by) select %s, customer_id, receipt_id, %s, 10, currency, 'DUE', matched_at,"
            " matched_by from receipt_matches where payment_id = %s and undone_at is null",
            str(new_id()),
            other,
            payment_id,
        )
        self._grow("10.00")

    def _without(self, payment_id: str) -> None:
        """The receipt is as if it had never paid this."""
        ((amount,),) = self.desk.rows(
            "delete from receipt_matches where payment_id = %s and undone_at is null returning amount", payment_id
        )
        self._grow(f"-{amount}")

    def _grow(self, amount: str) -> None:
        run(
            self.desk,
            "update receipts set amount = amount + %s, matched_amount = matched_amount + %s where id = %s",
            amount,
            amount,
            self.row_id,
        )

    def _matches(self) -> list[str]:
        found = self.desk.rows(
            "select payment_id::text from receipt_matches where receipt_id = %s and undone_at is null"
            " order by matched_at, id",
            self.row_id,
        )
        return [payment_id for (payment_id,) in found]

    def _refund(self, payment_id: str) -> None:
        run(
            self.desk,
            "update payments set refund_of_id = %s, amount = -0.01, kind = 'REFUND', status = 'PAID' where id = %s",
            payment_id,
            payment(self.desk, self.contract_id),
        )


def test_a_receipt_follows_its_table(walker: Walker) -> None:
    walker.walk(RECEIPT_WORKFLOW, ReceiptWalk, examples=10, steps=20)

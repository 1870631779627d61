"""The workflows of claims, their documents and payments, walked at random through the mutations."""

from typing import Any, ClassVar

import pytest

from core.ids import new_id
from models.claims import CLAIM_DOCUMENT_WORKFLOW, CLAIM_PAYMENT_WORKFLOW, CLAIM_WORKFLOW
from tests.changes.claims.asking import MANAGER, SOMEBODY, claim, document, payment
from tests.changes.customers.asking import run
from tests.changes.digests import everything
from tests.changes.walking import NamedWalk, Walker

ME = f"usr_{MANAGER.id}"


class _Walk(NamedWalk):
    """Something of claims."""

    who = MANAGER

    def digest(self) -> Any:
        return everything(self.desk)

    def one(self, query: str) -> Any:
        """The one row about the claim `self.row`."""
        (found,) = self.desk.rows(query, self.row)
        return found

    def set(self, assignments: str) -> None:
        """Change the claim by hand."""
        run(self.desk, f"update claims set {assignments} where id = %s", self.row)

    row: str


class ClaimWalk(_Walk):
    """A claim, while handlers come and go, documents are verified, others propose and approve, and money flows."""

    shown = "query ($id: ID!) { claim(id: $id) { state: status available: availableTransitions } }"
    noun, argument = "Claim", "claimId"
    names: ClassVar[dict[str, str]] = {
        "requestInformation": "requestClaimInformation",
        "proposeAmount": "proposeClaimAmount",
    }

    def begin(self) -> str:
        self.row = claim(self.desk, "SUBMITTED", "40000.00", handler_id=None)
        self.amount = 1000
        document(self.desk, self.row)
        return f"clm_{self.row}"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        query, variables = super().mutation(transition)
        more = {
            "requestInformation": {"documents": ["POLICE_REPORT"]},
            "proposeAmount": {"amount": f"{self.amount}.00"},
            "reject": {"reason": "EXCLUDED", "explanation": "x"},
            "reopen": {"reason": "x"},
        }
        return query, {"input": variables["input"] | more.get(transition, {})}

    def refusal(self, transition: str) -> str | None:
        handled, proposed_by, approved, paid = self.one(
            "select handler_id is not null, proposed_by, coalesce(approved_amount, 0), paid_amount"
            " from claims where id = %s"
        )
        looked_at = self.one(
            "select not exists (select from claim_documents where claim_id = %s and status = 'RECEIVED')"
        )[0]
        under_way = self.one("select count(*) from claim_payments where claim_id = %s and status = 'APPROVED'")[0]
        reasons: dict[str, list[tuple[bool, str]]] = {
            "investigate": [(not handled, "NO_HANDLER")],
            "proposeAmount": [(not looked_at, "DOCUMENTS_OPEN"), (paid > self.amount, "BELOW_PAID")],
            "approve": [(ME in (proposed_by, *self._approvals()), "FOUR_EYES")],
            "reject": [(paid > 0 or under_way > 0, "CLAIM_PAID")],
            "withdraw": [(paid > 0 or under_way > 0, "CLAIM_PAID")],
            "settle": [(paid != approved, "NOT_PAID_YET")],
        }
        return next((code for holds, code in reasons.get(transition, []) if holds), None)

    def stays(self, transition: str) -> bool:
        if transition != "approve":
            return False
        return self.one("select proposed_amount > 25000 from claims where id = %s")[0] and not self._approvals()

    def happen(self, choice: int) -> None:
        """Somebody handles it and looks at the documents; it was another who proposed; money goes out or comes back;
        somebody else approves, and next time another amount is proposed.
        """
        if choice == 0:
            self.set("handler_id = (select id from agents order by number limit 1)")
            run(self.desk, "update claim_documents set status = 'VERIFIED' where claim_id = %s", self.row)
        elif choice == 1:
            self.set(f"proposed_by = case when proposed_by = '{ME}' then '{SOMEBODY}' else proposed_by end")
        elif choice == 2:
            self.set("paid_amount = case when paid_amount > 0 then 0 else coalesce(approved_amount, 0) end")
        else:
            self.amount = 31000 - self.amount
            run(
                self.desk,
                "insert into claim_approvals (id, customer_id, claim_id, level, amount, currency, approved_by,"
                " approved_at) select %s, customer_id, id, 1, 1, currency, 'usr_x', now() from claims where id = %s",
                str(new_id()),
                self.row,
            )

    def _approvals(self) -> list[str]:
        found = self.desk.rows(
            "select a.approved_by from claim_approvals a join claims c on c.id = a.claim_id"
            " where c.id = %s and a.approved_at >= c.proposed_at",
            self.row,
        )
        return [row[0] for row in found]


class DocumentWalk(_Walk):
    """A document of a claim, which is closed and opened."""

    shown = (
        "query ($id: ID!) { node(id: $id) { ... on ClaimDocument { state: status available: availableTransitions } } }"
    )
    noun, argument = "ClaimDocument", "documentId"
    more: ClassVar[dict[str, dict[str, Any]]] = {"refuse": {"reason": "x"}}

    def begin(self) -> str:
        self.row, self.open = claim(self.desk), True
        return f"cld_{document(self.desk, self.row, 'REQUESTED')}"

    def refusal(self, transition: str) -> str | None:
        return None if self.open else "CLAIM_NOT_OPEN"

    def happen(self, choice: int) -> None:
        """The claim comes to its end, or is open."""
        self.open = choice > 0
        self.set(f"status = '{'PENDING_INFO' if self.open else 'CLOSED'}'")


class PaymentWalk(_Walk):
    """A payment of a part of a claim, which is settled, reopened and approved."""

    shown = (
        "query ($id: ID!) { node(id: $id) { ... on ClaimPayment { state: status available: availableTransitions } } }"
    )
    noun, argument = "ClaimPayment", "paymentId"

    def begin(self) -> str:
        self.row, self.status = claim(self.desk, "APPROVED"), "APPROVED"
        return f"clp_{payment(self.desk, self.row)}"

    def refusal(self, transition: str) -> str | None:
        if transition == "record":
            return None if self.status == "APPROVED" else "CLAIM_NOT_APPROVED"
        return "CLAIM_NOT_OPEN" if self.status == "SETTLED" else None

    def happen(self, choice: int) -> None:
        """The claim is settled, examined anew, or approved."""
        self.status = ("SETTLED", "INVESTIGATING", "APPROVED", "APPROVED")[choice]
        self.set(f"status = '{self.status}'")


@pytest.mark.timeout(400)
def test_a_claim_follows_its_table(walker: Walker) -> None:
    walker.walk(CLAIM_WORKFLOW, ClaimWalk, examples=12, steps=25)


def test_a_document_of_a_claim_follows_its_table(walker: Walker) -> None:
    walker.walk(CLAIM_DOCUMENT_WORKFLOW, DocumentWalk, examples=6, steps=12)


def test_a_payment_on_a_claim_follows_its_table(walker: Walker) -> None:
    walker.walk(CLAIM_PAYMENT_WORKFLOW, PaymentWalk, examples=6, steps=12)

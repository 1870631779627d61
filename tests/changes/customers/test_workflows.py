"""The workflows of a customer, walked at random through the mutations."""

from typing import Any, ClassVar

from models.customers import CUSTOMER_WORKFLOW, KYC_WORKFLOW
from tests.changes.customers.asking import MANAGER, customer, mutation, run
from tests.changes.walking import Walk, Walker

_MUTATIONS = {
    "activate": "activateCustomer",
    "deactivate": "deactivateCustomer",
    "court": "courtCustomer",
    "suspend": "suspendCustomer",
    "recordDeath": "recordCustomerDeath",
    "correctDeath": "correctCustomerDeath",
    "close": "closeCustomer",
}


class _CustomerWalk(Walk):
    """A customer, by its public id."""

    who = MANAGER
    names: ClassVar[dict[str, str]] = {}

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        return mutation(self.names.get(transition, transition)), {"input": {"customerId": self.id}}

    def digest(self) -> Any:
        return self.desk.rows(
            "select c::text, (select count(*) from events) from customers c where id = %s", self.id[4:]
        )


class StatusWalk(_CustomerWalk):
    """The customer's status, while contracts come into force and end."""

    shown = "query ($id: ID!) { customer(id: $id) { state: status available: availableTransitions } }"
    names = _MUTATIONS

    def begin(self) -> str:
        public, row_id, _ = customer(self.desk, "exists (select from contracts c where c.customer_id = u.id)")
        run(self.desk, "update customers set status = 'PROSPECT' where id = %s", row_id)
        self.insured = True
        self.happen(1)
        return public

    def refusal(self, transition: str) -> str | None:
        if transition == "activate":
            return None if self.insured else "NO_CONTRACT_IN_FORCE"
        if transition in ("deactivate", "court", "close"):
            return "CONTRACT_IN_FORCE" if self.insured else None
        return None

    def happen(self, choice: int) -> None:
        """Whether there is a contract in force: all contracts of the world end, or all are."""
        self.insured = choice < 2
        status = "ACTIVE" if self.insured else "LAPSED"
        ended = None if self.insured else "2026-01-01"
        run(self.desk, "update contracts set status = %s, ended_on = %s where true", status, ended)


class KycWalk(_CustomerWalk):
    """The customer's identity verification, while the date of birth is known or not."""

    shown = "query ($id: ID!) { customer(id: $id) { state: kycStatus available: availableKycTransitions } }"

    def begin(self) -> str:
        public, self.row_id, _ = customer(self.desk)
        run(
            self.desk,
            "update customers set kyc_status = 'NOT_STARTED', kyc_verified_at = null, birth_date = '1980-02-03'"
            " where id = %s",
            self.row_id,
        )
        self.known = True
        return public

    def refusal(self, transition: str) -> str | None:
        return "BIRTH_DATE_UNKNOWN" if transition == "verifyKyc" and not self.known else None

    def happen(self, choice: int) -> None:
        self.known = choice < 2
        run(
            self.desk,
            "update customers set birth_date = %s where id = %s",
            "1980-02-03" if self.known else None,
            self.row_id,
        )


def test_the_status_of_a_customer_follows_its_table(walker: Walker) -> None:
    walker.walk(CUSTOMER_WORKFLOW, StatusWalk)


def test_the_identity_verification_follows_its_table(walker: Walker) -> None:
    walker.walk(KYC_WORKFLOW, KycWalk)

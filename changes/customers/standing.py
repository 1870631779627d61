"""Where a customer stands: status, identity verification, risk, and who may see them."""

from typing import Any, ClassVar
from uuid import UUID

from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.work import Work
from models.contracts import Contract, ContractParty, ContractStatus
from models.customers import CUSTOMER_WORKFLOW, KYC_WORKFLOW, Customer, CustomerKind, risk_band

_IN_FORCE = (ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD)


class _OfCustomer(ObjectCommand):
    """A command about one customer."""

    customer_id: UUID = given("The customer.", of=Customer)

    async def _customer(self, work: Work) -> Customer:
        return await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")


class _StatusChange(_OfCustomer):
    """A way of the customer workflow. `insured` says whether the guard wants a contract in force, or none."""

    transition: ClassVar[str]
    insured: ClassVar[bool | None] = None

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        before = await self._customer(work)
        # The workflow first: where there is no way at all, the guard does not matter.
        CUSTOMER_WORKFLOW.step(self.transition, before.status)
        await self._guard(work, before)
        customer = await work.step(before, CUSTOMER_WORKFLOW, self.transition)
        facts: dict[str, Any] = {"from": before.status, "status": customer.status}
        summary = f"Status of {customer.display_name} changed to {customer.status.lower()}"
        await work.happened("CustomerStatusChanged", customer, summary, **facts)
        return {"customer": customer.id}

    async def _guard(self, work: Work, customer: Customer) -> None:
        if self.insured is None or await is_insured(work, customer.id) is self.insured:
            return
        if self.insured:
            raise Impossible("NO_CONTRACT_IN_FORCE", "the customer has no contract in force", "customerId")
        raise Impossible("CONTRACT_IN_FORCE", "the customer still has a contract in force", "customerId")


class ActivateCustomer(_StatusChange):
    """Note that business is done with a customer, who has a contract in force."""

    permission = "customers:write"
    transition, insured = "activate", True


class DeactivateCustomer(_StatusChange):
    """Note that a customer has no contract in force any more."""

    permission = "customers:write"
    transition, insured = "deactivate", False


class CourtCustomer(_StatusChange):
    """Win a former customer anew: make a prospect of them."""

    permission = "customers:write"
    transition, insured = "court", False


class SuspendCustomer(_StatusChange):
    """Put all business with a customer on hold."""

    permission = "customers:assess"
    transition = "suspend"


class RecordCustomerDeath(_StatusChange):
    """Record that a person has died."""

    permission = "customers:write"
    transition = "recordDeath"

    async def _guard(self, work: Work, customer: Customer) -> None:
        if customer.kind is not CustomerKind.PERSON:
            raise Impossible("NOT_A_PERSON", "only a person dies; close an organisation", "customerId")


class CorrectCustomerDeath(_StatusChange):
    """Take back a death that was recorded by mistake; the customer is suspended until somebody has looked."""

    permission = "customers:assess"
    transition = "correctDeath"


class CloseCustomer(_StatusChange):
    """End the relationship with a customer for good."""

    permission = "customers:write"
    transition, insured = "close", False


class _KycStep(_OfCustomer):
    """A way of the identity verification."""

    transition: ClassVar[str]

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        before = await self._customer(work)
        KYC_WORKFLOW.step(self.transition, before.kyc_status)
        customer = await work.step(
            before, KYC_WORKFLOW, self.transition, column="kyc_status", **self._values(work, before)
        )
        facts: dict[str, Any] = {"from": before.kyc_status, "to": customer.kyc_status}
        words = customer.kyc_status.lower().replace("_", " ")
        await work.happened(
            "KycStatusChanged", customer, f"Identity verification of {customer.display_name}: {words}", **facts
        )
        return {"customer": customer.id}

    def _values(self, work: Work, customer: Customer) -> dict[str, Any]:
        """What is set besides the state. Raises Impossible when the guard does not hold."""
        return {}


class StartKyc(_KycStep):
    """Begin to verify a customer's identity, or begin anew."""

    permission = "customers:write"
    transition = "startKyc"


class VerifyKyc(_KycStep):
    """Hold a customer's identity to be established."""

    permission = "customers:assess"
    transition = "verifyKyc"

    def _values(self, work: Work, customer: Customer) -> dict[str, Any]:
        if customer.kind is CustomerKind.PERSON and customer.birth_date is None:
            raise Impossible("BIRTH_DATE_UNKNOWN", "the date of birth has to be known first", "customerId")
        return {"kyc_verified_at": work.now}


class RejectKyc(_KycStep):
    """Hold that a customer's identity could not be established."""

    permission = "customers:assess"
    transition = "rejectKyc"


class ExpireKyc(_KycStep):
    """Note that the verification of a customer's identity is too old."""

    permission = "customers:assess"
    transition = "expireKyc"


class AssessRisk(_OfCustomer):
    """Set a customer's risk score; the band follows from it."""

    permission = "customers:assess"

    score: int = given("Risk score from 0 (none) to 100.", least=0, most=100)

    async def perform(self, work: Work) -> Made:
        """Set score and band, and tell; an assessment that changes nothing is one, too."""
        customer = await self._customer(work)
        band = risk_band(self.score)
        customer = await work.change(customer, risk_score=self.score, risk_band=band)
        await work.happened(
            "RiskAssessed",
            customer,
            f"Risk of {customer.display_name} assessed",
            riskScore=self.score,
            riskBand=band,
        )
        return {"customer": customer.id}


class RestrictCustomer(_OfCustomer):
    """Put a customer, and all that belongs to them, out of sight for most of the staff and for partners.

    The history does not tell of it, for it would to those who see the customer again later; the audit log does.
    """

    permission = "customers:restrict"

    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Flag the customer; the database flags what belongs to them."""
        customer = await self._customer(work)
        if customer.restricted:
            raise Impossible("ALREADY_RESTRICTED", "the customer is restricted already", "customerId")
        # Without an event: docs/adr/0035-restrictions-in-the-audit-log-alone.md.
        await work.change(customer, restricted=True, restricted_at=work.now, restriction_reason=self.reason)
        return {"customer": customer.id}


class UnrestrictCustomer(_OfCustomer):
    """Let a restricted customer be seen again."""

    permission = "customers:restrict"

    async def perform(self, work: Work) -> Made:
        """Take the flag away."""
        customer = await self._customer(work)
        if not customer.restricted:
            raise Impossible("NOT_RESTRICTED", "the customer is not restricted", "customerId")
        await work.change(customer, restricted=False, restricted_at=None, restriction_reason=None)
        return {"customer": customer.id}


async def is_insured(work: Work, customer_id: UUID) -> bool:
    """Whether a customer holds, or is party to, a contract in force."""
    if await work.rows_of(Contract, customer_id=customer_id, status=_IN_FORCE):
        return True
    parts = [part.contract_id for part in await work.rows_of(ContractParty, party_customer_id=customer_id)]
    return bool(parts and await work.rows_of(Contract, id=parts, status=_IN_FORCE))

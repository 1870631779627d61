"""Deciding a claim: an amount is proposed, approved by one or by two within the limits of their roles, or rejected."""

from decimal import Decimal

from auth.approval_limits import ApprovalArea, approvals_needed, require_limit
from changes.claims.steps import NOTHING, OfClaim, move, moved_on, nothing_paid, told
from changes.commands import Made, given
from changes.errors import Impossible
from changes.work import Work
from models.claims import Claim, ClaimApproval, ClaimDocument, ClaimDocumentStatus, ClaimRejectionReason
from models.contracts import Contract


class ProposeClaimAmount(OfClaim):
    """Hand a claim that was examined to those who approve amounts. The amount is what is to be paid in all, what was
    paid already included.
    """

    permission = "claims:investigate"

    amount: Decimal = given("What is to be paid, in the claim's currency.", least=Decimal("0.01"))

    async def perform(self, work: Work) -> Made:
        """Look at the amount and at what is open, step, and tell."""
        claim = await self.claim_to(work, "proposeAmount")
        if await work.rows_of(ClaimDocument, claim_id=claim.id, status=ClaimDocumentStatus.RECEIVED):
            raise Impossible("DOCUMENTS_OPEN", "a document is still to be looked at", "claimId")
        await self._fits(work, claim)
        before = claim.status
        claim = await move(
            work,
            claim,
            "proposeAmount",
            proposed_amount=self.amount,
            proposed_at=work.now,
            proposed_by=work.actor_name,
            reserve_amount=self.amount - claim.paid_amount,
        )
        await moved_on(work, claim, before, "waits for approval", amount=self.amount, currency=claim.currency)
        return {"claim": claim.id}

    async def _fits(self, work: Work, claim: Claim) -> None:
        """Raise Impossible unless the amount is within the claim and the sum insured, and not below what was paid."""
        if self.amount > claim.claimed_amount:
            raise Impossible("ABOVE_CLAIM", f"what is claimed is {claim.claimed_amount}", "amount")
        (contract,) = await work.rows_of(Contract, id=claim.contract_id)
        if contract.coverage_amount is not None and self.amount > contract.coverage_amount:
            raise Impossible("ABOVE_SUM_INSURED", f"the sum insured is {contract.coverage_amount}", "amount")
        if self.amount < claim.paid_amount:
            raise Impossible("BELOW_PAID", f"what was paid already is {claim.paid_amount}", "amount")


class ApproveClaim(OfClaim):
    """Approve the amount that was proposed for a claim. Above a sum two have to: the first approval leaves the claim
    as it is.
    """

    permission = "claims:approve"

    async def perform(self, work: Work) -> Made:
        """Look at who approves and at the limits, write the approval down, and step with the last one."""
        claim = await self.claim_to(work, "approve")
        amount = claim.proposed_amount
        if amount is None:
            raise Impossible("NOTHING_PROPOSED", "no amount is proposed; examine the claim first", "claimId")
        given_before = await approvals_of(work, claim)
        if work.actor_name in (claim.proposed_by, *(approval.approved_by for approval in given_before)):
            raise Impossible("FOUR_EYES", "somebody else has to approve what you proposed or approved", "claimId")
        require_limit(work.actor, ApprovalArea.CLAIM, amount, claim.currency, argument="input.claimId")
        level = len(given_before) + 1
        await work.create(
            ClaimApproval(
                customer_id=claim.customer_id,
                claim_id=claim.id,
                level=level,
                amount=amount,
                currency=claim.currency,
                approved_by=work.actor_name,
                agent_id=await work.agent(),
                approved_at=work.now,
            )
        )
        facts = {"amount": amount, "currency": claim.currency, "level": level}
        if level < approvals_needed(ApprovalArea.CLAIM, amount, claim.currency):
            # Whoever approves at the same time, or with the version they read, sees that somebody has.
            claim = await work.touch(claim)
            await told(work, "ClaimApprovalGiven", claim, "approved by the first of two", **facts)
        else:
            claim = await move(work, claim, "approve", approved_amount=amount)
            await told(work, "ClaimApproved", claim, "approved", status=claim.status, **facts)
        return {"claim": claim.id}


class RejectClaim(OfClaim):
    """Refuse a claim as not covered or not founded."""

    permission = "claims:approve"

    reason: ClaimRejectionReason = given("Why.")
    explanation: str = given("Why, in words.", longest=1_000)

    async def perform(self, work: Work) -> Made:
        """Step, and tell the reason, not the words."""
        claim = await self.claim_to(work, "reject")
        await nothing_paid(work, claim)
        claim = await move(
            work,
            claim,
            "reject",
            rejection_reason=self.reason,
            decision_note=self.explanation,
            reserve_amount=NOTHING,
            closed_at=work.now,
        )
        await told(
            work,
            "ClaimRejected",
            claim,
            "rejected",
            status=claim.status,
            amount=claim.claimed_amount,
            currency=claim.currency,
            reason=self.reason,
        )
        return {"claim": claim.id}


async def approvals_of(work: Work, claim: Claim) -> list[ClaimApproval]:
    """The approvals of the amount that is proposed now; those of earlier proposals do not count."""
    found = await work.rows_of(ClaimApproval, claim_id=claim.id, order="approved_at")
    return [one for one in found if claim.proposed_at is not None and one.approved_at >= claim.proposed_at]

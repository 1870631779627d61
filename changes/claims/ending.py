"""The end of a claim: settled, withdrawn, closed; and reopened."""

from uuid import UUID

from changes.claims.steps import NOTHING, OfClaim, move, moved_on, nothing_paid, payments_of, told
from changes.commands import Made, given
from changes.errors import Impossible
from changes.work import Work
from models.claims import Claim, ClaimPaymentStatus


class SettleClaim(OfClaim):
    """End a claim of which all that was approved is paid. The last payment does so by itself; this is for a claim that
    was approved anew with what was paid already.
    """

    permission = "claims:approve"

    async def perform(self, work: Work) -> Made:
        """Step if nothing is left to be paid, and tell."""
        claim = await self.claim_to(work, "settle")
        if claim.paid_amount != claim.approved_amount:
            raise Impossible("NOT_PAID_YET", "what was approved is not all paid", "claimId")
        claim = await settle(work, claim)
        return {"claim": claim.id}


class WithdrawClaim(OfClaim):
    """Take a claim back for the customer."""

    permission = "claims:write"

    reason: str | None = given("Why, in words, if the customer says so.", default=None, longest=1_000)

    async def perform(self, work: Work) -> Made:
        """Step if nothing was paid, and tell."""
        claim = await self.claim_to(work, "withdraw")
        await nothing_paid(work, claim)
        before = claim.status
        claim = await move(
            work,
            claim,
            "withdraw",
            approved_amount=None,
            reserve_amount=NOTHING,
            decision_note=self.reason,
            closed_at=work.now,
        )
        await moved_on(work, claim, before, "withdrawn")
        return {"claim": claim.id}


class CloseClaim(OfClaim):
    """Close a claim that is settled, rejected or withdrawn: nothing more is to be done."""

    permission = "claims:investigate"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        claim = await self.claim(work)
        claim = await move(work, claim, "close", closed_at=work.now)
        await told(
            work,
            "ClaimClosed",
            claim,
            "closed",
            status=claim.status,
            amount=claim.paid_amount,
            currency=claim.currency,
        )
        return {"claim": claim.id}


class ReopenClaim(OfClaim):
    """Examine a claim anew that had come to its end. What is to be paid has to be proposed and approved anew."""

    permission = "claims:investigate"

    reason: str = given("Why, in words.", longest=1_000)

    async def perform(self, work: Work) -> Made:
        """Step; what was decided does not stand any more, what was paid does."""
        claim = await self.claim(work)
        before = claim.status
        claim = await move(
            work,
            claim,
            "reopen",
            proposed_amount=None,
            proposed_at=None,
            proposed_by=None,
            approved_amount=claim.paid_amount or None,
            reserve_amount=max(claim.claimed_amount - claim.paid_amount, NOTHING),
            rejection_reason=None,
            decision_note=self.reason,
            closed_at=None,
        )
        await moved_on(work, claim, before, "reopened")
        return {"claim": claim.id}


async def settle(work: Work, claim: Claim, cause: UUID | None = None) -> Claim:
    """Let a claim that is paid be settled, and tell with how the last payment was made."""
    claim = await move(work, claim, "settle", reserve_amount=NOTHING, closed_at=work.now)
    paid = await payments_of(work, claim, ClaimPaymentStatus.PAID)
    facts = {"method": paid[-1].method} if paid else {}
    await told(
        work,
        "ClaimSettled",
        claim,
        "settled",
        cause=cause,
        status=claim.status,
        amount=claim.paid_amount,
        currency=claim.currency,
        **facts,
    )
    return claim

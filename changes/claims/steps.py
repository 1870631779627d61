"""What commands about claims share: finding a claim or a part of one, and letting it go a way of its workflow."""

from typing import Any, TypeVar
from uuid import UUID

from changes.commands import ObjectCommand, given
from changes.errors import Impossible, NotFound
from changes.work import Work
from models.base import Decimal
from models.claims import CLAIM_WORKFLOW, OPEN_CLAIM_STATUSES, Claim, ClaimDocument, ClaimPayment, ClaimPaymentStatus

P = TypeVar("P", ClaimDocument, ClaimPayment)

NOTHING = Decimal("0.00")


class OfClaim(ObjectCommand):
    """A command about one claim."""

    claim_id: UUID = given("The claim.", of=Claim)

    async def claim(self, work: Work) -> Claim:
        """The claim, locked. Raises NotFound, Conflict."""
        return await work.fetch(Claim, self.claim_id, self.expected_version, argument="claimId")

    async def claim_to(self, work: Work, transition: str) -> Claim:
        """The claim, if the way leads on from its state: where there is none, no guard matters.

        Raises NotFound, Conflict, TransitionImpossible.
        """
        claim = await self.claim(work)
        CLAIM_WORKFLOW.step(transition, claim.status)
        return claim


async def part_of(
    work: Work, model: type[P], row_id: UUID, expected_version: int | None, argument: str
) -> tuple[P, Claim]:
    """A document or payment and its claim, both locked, the claim first. Raises NotFound, Conflict."""
    kind = "claim document" if model is ClaimDocument else "claim payment"
    found = await work.rows_of(model, id=row_id)
    if not found:
        raise NotFound(kind, f"input.{argument}")
    try:
        claim = await work.fetch(Claim, found[0].claim_id, expected_version, argument=argument)
    except NotFound:
        # Named is the part; that its claim is out of sight is no answer.
        raise NotFound(kind, f"input.{argument}") from None
    return await work.fetch(model, row_id, argument=argument), claim


def still_open(claim: Claim, argument: str) -> None:
    """Raise Impossible if the claim is settled, rejected, withdrawn or closed."""
    if claim.status not in OPEN_CLAIM_STATUSES:
        raise Impossible("CLAIM_NOT_OPEN", f"the claim is {claim.status.value.lower()}; reopen it first", argument)


async def payments_of(work: Work, claim: Claim, *statuses: ClaimPaymentStatus) -> list[ClaimPayment]:
    """The claim's payments in these states, locked, the one approved first first."""
    return await work.rows_of(ClaimPayment, claim_id=claim.id, status=statuses, lock=True, order="approved_at")


async def nothing_paid(work: Work, claim: Claim) -> None:
    """Raise Impossible if money went out on the claim, or is about to."""
    if claim.paid_amount > 0 or await payments_of(work, claim, ClaimPaymentStatus.APPROVED):
        raise Impossible(
            "CLAIM_PAID", "a payment on the claim was made or is under way; it can only be settled", "claimId"
        )


async def move(work: Work, claim: Claim, transition: str, **values: Any) -> Claim:
    """Let the claim go a way of its workflow, and set columns with it. Raises TransitionImpossible, Forbidden."""
    return await work.step(claim, CLAIM_WORKFLOW, transition, **values)


async def moved_on(work: Work, claim: Claim, before: Any, what: str, **facts: Any) -> None:
    """Tell that the claim moved on from the status `before`; nothing if it did not."""
    if claim.status is not before:
        await told(work, "ClaimStatusChanged", claim, what, **{"from": before, "status": claim.status, **facts})


async def told(work: Work, event_type: str, claim: Claim, what: str, **facts: Any) -> UUID:
    """Write an event about a claim; returns its id."""
    return await work.happened(event_type, claim, f"Claim {claim.number} {what}", **facts)

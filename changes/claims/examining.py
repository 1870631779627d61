"""Examining a claim: its receipt confirmed, a handler, the investigation, what is asked for, notes."""

from uuid import UUID

from changes.claims.documents import ask_for
from changes.claims.steps import OfClaim, move, moved_on, still_open, told
from changes.commands import Made, given
from changes.errors import Impossible, NotFound
from changes.work import Work
from models.claims import ClaimDocumentKind, ClaimNote
from models.staff import Agent, AgentStatus


class AcknowledgeClaim(OfClaim):
    """Confirm the receipt of a claim."""

    permission = "claims:investigate"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        claim = await self.claim(work)
        before = claim.status
        claim = await move(work, claim, "acknowledge")
        await moved_on(work, claim, before, "acknowledged")
        return {"claim": claim.id}


class AssignClaim(OfClaim):
    """Give a claim to an agent who handles it, or to another one."""

    permission = "claims:investigate"

    agent_id: UUID = given("The agent.", of=Agent)

    async def perform(self, work: Work) -> Made:
        """Set the handler, and tell if it is another one."""
        claim = await self.claim(work)
        still_open(claim, "claimId")
        found = await work.rows_of(Agent, id=self.agent_id)
        if not found:
            raise NotFound("agent", "input.agentId")
        if found[0].status is not AgentStatus.ACTIVE:
            raise Impossible("AGENT_NOT_AT_WORK", "this agent is not at work", "agentId")
        if claim.handler_id != self.agent_id:
            claim = await work.change(claim, handler_id=self.agent_id)
            await told(work, "ClaimAssigned", claim, "given to a handler", status=claim.status)
        return {"claim": claim.id}


class InvestigateClaim(OfClaim):
    """Examine a claim. Of one that waits for approval, the amount that was proposed does not stand any more."""

    permission = "claims:investigate"

    async def perform(self, work: Work) -> Made:
        """Step if somebody handles it, forget what was proposed, and tell."""
        claim = await self.claim_to(work, "investigate")
        if claim.handler_id is None:
            raise Impossible("NO_HANDLER", "nobody handles the claim; assign it first", "claimId")
        before = claim.status
        claim = await move(work, claim, "investigate", proposed_amount=None, proposed_at=None, proposed_by=None)
        await moved_on(work, claim, before, "is being examined")
        return {"claim": claim.id}


class RequestClaimInformation(OfClaim):
    """Let a claim wait for information, and ask for documents."""

    permission = "claims:investigate"

    documents: tuple[ClaimDocumentKind, ...] = given("Documents to ask for.", default=(), longest=20)
    note: str | None = given("What is asked for, as a note of the investigation.", default=None, longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Step, ask for the documents that are not asked for yet, write the note, and tell."""
        claim = await self.claim(work)
        before = claim.status
        claim = await move(work, claim, "requestInformation")
        await ask_for(work, claim, self.documents)
        if self.note:
            await _write(work, claim.customer_id, claim.id, self.note)
        await moved_on(work, claim, before, "waits for information")
        return {"claim": claim.id}


class AddClaimNote(OfClaim):
    """Add a note of the investigation to a claim."""

    permission = "claims:write"

    body: str = given("The note.", longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Write it under the name of the acting agent."""
        claim = await self.claim(work)
        return {"claim": claim.id, "note": await _write(work, claim.customer_id, claim.id, self.body)}


async def _write(work: Work, customer_id: UUID, claim_id: UUID, body: str) -> UUID:
    note = ClaimNote(customer_id=customer_id, claim_id=claim_id, agent_id=await work.agent(), body=body)
    return (await work.create(note)).id

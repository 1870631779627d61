"""What can be done with complaints: filing, handling and answering them, in time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from changes.commands import Command, Made, ObjectCommand, given
from changes.errors import Impossible
from changes.interactions import Conversation, log_contact, own, past
from changes.work import Work
from models.base import datetime
from models.claims import Claim
from models.complaint_terms import COMPLAINT_TERMS
from models.complaints import COMPLAINT_WORKFLOW, Complaint, ComplaintCategory, ComplaintStatus
from models.contracts import Contract
from models.customers import Customer
from models.interactions import Channel, Direction, Interaction, InteractionType
from models.staff import Agent

_OPEN = (ComplaintStatus.RECEIVED, ComplaintStatus.INVESTIGATING, ComplaintStatus.PENDING_RESPONSE)


class FileComplaint(Command):
    """File a complaint of a customer; the day until which it is to be answered follows from its category."""

    permission = "complaints:write"

    customer_id: UUID = given("The customer.", of=Customer)
    category: ComplaintCategory = given("What it is about.")
    channel: Channel = given("How it was filed.")
    description: str = given("What the customer complains of.", longest=4_000)
    filed_at: datetime | None = given("When it was filed; now unless given.", default=None)
    handler_id: UUID | None = given("The agent who is to handle it.", default=None, of=Agent)
    interaction_id: UUID | None = given("The contact it was made in.", default=None, of=Interaction)
    contract_id: UUID | None = given("The customer's contract it is about.", default=None, of=Contract)
    claim_id: UUID | None = given("The customer's claim it is about.", default=None, of=Claim)

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        filed_at = past(self.filed_at, work.now, "filedAt")
        await work.fetch(Customer, self.customer_id, argument="customerId", lock=False)
        if self.handler_id is not None:
            await work.fetch(Agent, self.handler_id, argument="handlerId", lock=False)
        due_on = filed_at.date() + timedelta(days=COMPLAINT_TERMS[self.category].answer)
        complaint = await work.create(
            Complaint(
                customer_id=self.customer_id,
                category=self.category,
                status=ComplaintStatus.RECEIVED,
                channel=self.channel,
                description=self.description,
                filed_at=filed_at,
                due_on=due_on,
                handler_id=self.handler_id,
                interaction_id=await own(work, Interaction, self.interaction_id, self.customer_id, "interactionId"),
                contract_id=await own(work, Contract, self.contract_id, self.customer_id, "contractId"),
                claim_id=await own(work, Claim, self.claim_id, self.customer_id, "claimId"),
            )
        )
        what = self.category.lower().replace("_", " ")
        await work.happened(
            "ComplaintReceived",
            complaint,
            f"Complaint {complaint.number} received: {what}",
            occurred_at=filed_at,
            category=self.category,
            dueOn=due_on,
            channel=self.channel,
        )
        return {"complaint": complaint.id}


class OfComplaint(ObjectCommand):
    """A command about one complaint."""

    complaint_id: UUID = given("The complaint.", of=Complaint)

    async def complaint(self, work: Work) -> Complaint:
        """The complaint, locked. Raises NotFound, Conflict."""
        return await work.fetch(Complaint, self.complaint_id, self.expected_version, argument="complaintId")

    async def go(self, work: Work, transition: str, event: str, what: str, **values: Any) -> tuple[Complaint, UUID]:
        """Let the complaint go a way, and tell; the complaint and the event. Raises NotFound, Conflict, Impossible."""
        complaint = await self.complaint(work)
        before = complaint.status
        # Where no way leads, no guard matters.
        target = COMPLAINT_WORKFLOW.step(transition, before)
        if target is ComplaintStatus.INVESTIGATING and complaint.handler_id is None:
            raise Impossible("NO_HANDLER", "nobody handles the complaint; assign it first", "complaintId")
        complaint = await work.step(complaint, COMPLAINT_WORKFLOW, transition, **values)
        facts: dict[str, Any] = {"from": before, "status": complaint.status}
        told = await work.happened(event, complaint, f"Complaint {complaint.number} {what}", **facts)
        return complaint, told


class AssignComplaint(OfComplaint):
    """Give a complaint to an agent, who handles it from now on."""

    permission = "complaints:write"

    handler_id: UUID = given("The agent.", of=Agent)

    async def perform(self, work: Work) -> Made:
        """Change the handler, and tell."""
        complaint = await self.complaint(work)
        if complaint.status in (ComplaintStatus.RESOLVED, ComplaintStatus.CLOSED):
            raise Impossible("COMPLAINT_ENDED", "nobody has to handle the complaint any more", "complaintId")
        agent = await work.fetch(Agent, self.handler_id, argument="handlerId", lock=False)
        complaint = await work.change(complaint, handler_id=agent.id)
        await work.happened(
            "ComplaintStatusChanged",
            complaint,
            f"Complaint {complaint.number} assigned to agent {agent.number}",
            status=complaint.status,
        )
        return {"complaint": complaint.id}


class InvestigateComplaint(OfComplaint):
    """Begin to look into a complaint, or look again."""

    permission = "complaints:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        complaint, _ = await self.go(work, "investigate", "ComplaintStatusChanged", "under investigation")
        return {"complaint": complaint.id}


class ConcludeComplaint(OfComplaint):
    """End the investigation of a complaint: what is left is the answer."""

    permission = "complaints:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        complaint, _ = await self.go(work, "conclude", "ComplaintStatusChanged", "looked into; the answer is due")
        return {"complaint": complaint.id}


class RespondToComplaint(OfComplaint):
    """Log a message to the customer about a complaint, such as the confirmation of receipt or an interim answer."""

    permission = "complaints:write"

    channel: Channel = given("How the customer was written or spoken to.")
    message: str = given("What the customer was told.", longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Log the contact; where the complaint stands does not change."""
        complaint = await self.complaint(work)
        if complaint.status is ComplaintStatus.CLOSED:
            raise Impossible("COMPLAINT_ENDED", "the complaint is closed; reopen it first", "complaintId")
        interaction = await _answered(work, complaint, self.channel, self.message, None)
        return {"complaint": complaint.id, "interaction": interaction}


class ResolveComplaint(OfComplaint):
    """Answer a complaint: the matter is settled, or this is the final word."""

    permission = "complaints:write"

    resolution: str = given("How it was resolved.", longest=4_000)
    channel: Channel | None = given(
        "How the customer was told, which is logged as a contact; none if that is logged already.", default=None
    )

    async def perform(self, work: Work) -> Made:
        """Step, tell, and log the answer."""
        complaint, event = await self.go(
            work, "resolve", "ComplaintResolved", "resolved", resolution=self.resolution, resolved_at=work.now
        )
        interaction = None
        if self.channel is not None:
            interaction = await _answered(work, complaint, self.channel, self.resolution, event)
        return {"complaint": complaint.id, "interaction": interaction}


class EscalateComplaint(OfComplaint):
    """Take a complaint to the regulator or ombudsman, or note that the customer has."""

    permission = "complaints:escalate"

    regulator_reference: str = given("The reference over there.", longest=100)

    async def perform(self, work: Work) -> Made:
        """Step, and tell. What was resolved is so no more."""
        complaint, _ = await self.go(
            work,
            "escalate",
            "ComplaintEscalated",
            "taken to the regulator",
            regulator_reference=self.regulator_reference,
            resolved_at=None,
        )
        return {"complaint": complaint.id}


class CloseComplaint(OfComplaint):
    """Close a complaint that was resolved: nothing more is to be done."""

    permission = "complaints:escalate"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        complaint, _ = await self.go(work, "close", "ComplaintStatusChanged", "closed")
        return {"complaint": complaint.id}


class ReopenComplaint(OfComplaint):
    """Look into a complaint anew that was resolved or closed; there is as much time for the answer as for a new one."""

    permission = "complaints:write"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        complaint = await self.complaint(work)
        due_on = work.today + timedelta(days=COMPLAINT_TERMS[complaint.category].answer)
        complaint, _ = await self.go(
            work, "reopen", "ComplaintStatusChanged", "opened again", resolved_at=None, due_on=due_on
        )
        return {"complaint": complaint.id}


class MarkComplaintOverdue(OfComplaint):
    """Note in the history that a complaint was not answered in time."""

    permission = "complaints:write"

    async def perform(self, work: Work) -> Made:
        """Tell, once for each day it was due on."""
        complaint = await self.complaint(work)
        if complaint.status not in _OPEN or complaint.due_on >= work.today:
            raise Impossible("STILL_IN_TIME", f"the answer is due on {complaint.due_on}", "complaintId")
        told = await work.connection.execute(
            "select 1 from events where subject_id = %s and type = 'ComplaintOverdue' and payload->>'dueOn' = %s",
            [complaint.id, complaint.due_on.isoformat()],
        )
        if await told.fetchone() is not None:
            raise Impossible("ALREADY_NOTED", "this stands in the history already", "complaintId")
        await work.happened(
            "ComplaintOverdue",
            complaint,
            f"Complaint {complaint.number} not answered in time",
            dueOn=complaint.due_on,
        )
        return {"complaint": complaint.id}


async def _answered(work: Work, complaint: Complaint, channel: Channel, text: str, cause: UUID | None) -> UUID:
    """Log a message to the customer; the id of the contact."""
    conversation = Conversation(
        channel=channel,
        direction=Direction.OUTBOUND,
        type=InteractionType.COMPLAINT,
        subject=f"Answer to complaint {complaint.number}",
        summary=text,
    )
    interaction, _ = await log_contact(
        work,
        conversation,
        customer_id=complaint.customer_id,
        cause=cause,
        contract_id=complaint.contract_id,
        claim_id=complaint.claim_id,
    )
    return interaction

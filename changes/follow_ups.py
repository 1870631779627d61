"""What can be done with follow-up tasks: leaving one behind, moving it to another time or agent, and ending it."""

from typing import Any
from uuid import UUID

from changes.commands import Command, Made, ObjectCommand, given
from changes.errors import Impossible
from changes.follow_up_details import FollowUpDetails, ahead, at_work, leave
from changes.interactions import Conversation, log_contact
from changes.work import Work
from core.errors import BadInput
from models.base import datetime
from models.follow_ups import FOLLOW_UP_WORKFLOW, FollowUp, FollowUpStatus
from models.interactions import Interaction
from models.staff import Agent


class CreateFollowUp(Command):
    """Note what remains to be done after a contact that is logged already. It belongs to the contact's customer."""

    permission = "interactions:write"

    interaction_id: UUID = given("The contact it comes of.", of=Interaction)
    follow_up: FollowUpDetails = given("What is to be done.")

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        interaction = await work.fetch(Interaction, self.interaction_id, argument="interactionId", lock=False)
        return {"follow_up": await leave(work, interaction, self.follow_up, "followUp")}


class OfFollowUp(ObjectCommand):
    """A command about one follow-up task."""

    follow_up_id: UUID = given("The task.", of=FollowUp)

    async def follow_up_to(self, work: Work, transition: str) -> FollowUp:
        """The task, locked, if the way leads on from its state: where there is none, no guard matters.

        Raises NotFound, Conflict, TransitionImpossible.
        """
        follow_up = await work.fetch(FollowUp, self.follow_up_id, self.expected_version, argument="followUpId")
        FOLLOW_UP_WORKFLOW.step(transition, follow_up.status)
        return follow_up


class RescheduleFollowUp(OfFollowUp):
    """Let a task be due at another time. When that comes, it falls due anew."""

    permission = "interactions:write"

    due_at: datetime = given("Until when it is to be done; not in the past.")

    async def perform(self, work: Work) -> Made:
        """Change the time."""
        follow_up = await self.follow_up_to(work, "reschedule")
        due_at = ahead(self.due_at, work.now, "dueAt")
        await work.step(follow_up, FOLLOW_UP_WORKFLOW, "reschedule", due_at=due_at)
        return {"follow_up": follow_up.id}


class ReassignFollowUp(OfFollowUp):
    """Give a task to another agent, on whose list it is from now on."""

    permission = "interactions:write"

    assignee_id: UUID = given("The agent.", of=Agent)

    async def perform(self, work: Work) -> Made:
        """Change the agent."""
        follow_up = await self.follow_up_to(work, "reassign")
        assignee = await at_work(work, self.assignee_id, "assigneeId")
        await work.step(follow_up, FOLLOW_UP_WORKFLOW, "reassign", assignee_id=assignee)
        return {"follow_up": follow_up.id}


class CompleteFollowUp(OfFollowUp):
    """Note that a task was done, what came of it and, where it was done in a contact, in which: one that is logged
    already, or one that is logged with it.
    """

    permission = "interactions:write"

    outcome: str = given("What came of it.", longest=4_000)
    interaction_id: UUID | None = given(
        "The contact in which it was done, of the same customer, if it is logged already.", default=None, of=Interaction
    )
    conversation: Conversation | None = given("The contact in which it was done, to be logged.", default=None)

    async def perform(self, work: Work) -> Made:
        """Log the contact if there is one to be logged, step, and tell."""
        if self.interaction_id is not None and self.conversation is not None:
            raise BadInput(
                "either a contact that is logged already, or one to be logged", argument="input.conversation"
            )
        follow_up = await self.follow_up_to(work, "complete")
        interaction, cause = await self._contact(work, follow_up)
        follow_up = await work.step(
            follow_up,
            FOLLOW_UP_WORKFLOW,
            "complete",
            outcome=self.outcome,
            completed_at=work.now,
            completing_interaction_id=interaction,
        )
        await _told(work, "FollowUpCompleted", follow_up, "Done", cause)
        return {"follow_up": follow_up.id, "interaction": interaction}

    async def _contact(self, work: Work, follow_up: FollowUp) -> tuple[UUID | None, UUID | None]:
        """The contact in which it was done, and its event where it is logged here. Raises NotFound, Impossible."""
        if self.interaction_id is not None:
            done_in = await work.fetch(Interaction, self.interaction_id, argument="interactionId", lock=False)
            if done_in.customer_id != follow_up.customer_id:
                raise Impossible("OTHER_CUSTOMER", "this is a contact with somebody else", "interactionId")
            return done_in.id, None
        if self.conversation is None:
            return None, None
        (came_of,) = await work.rows_of(Interaction, id=follow_up.interaction_id)
        return await log_contact(
            work,
            self.conversation,
            customer_id=came_of.customer_id,
            anonymous_reference=came_of.anonymous_reference,
            contract_id=came_of.contract_id,
            claim_id=came_of.claim_id,
        )


class CancelFollowUp(OfFollowUp):
    """Give a task up: it is no longer to be done."""

    permission = "interactions:write"

    reason: str = given("Why.", longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        follow_up = await self.follow_up_to(work, "cancel")
        follow_up = await work.step(follow_up, FOLLOW_UP_WORKFLOW, "cancel", outcome=self.reason)
        await _told(work, "FollowUpCancelled", follow_up, "No longer to be done")
        return {"follow_up": follow_up.id}


class MarkFollowUpDue(OfFollowUp):
    """Note in the history that a task fell due and is not done."""

    permission = "interactions:write"

    async def perform(self, work: Work) -> Made:
        """Tell, once for each time it was due at; the event happened then."""
        follow_up = await work.fetch(FollowUp, self.follow_up_id, self.expected_version, argument="followUpId")
        if follow_up.status is not FollowUpStatus.OPEN:
            raise Impossible("FOLLOW_UP_ENDED", "this is not to be done any more", "followUpId")
        if follow_up.due_at > work.now:
            raise Impossible("DUE_AHEAD", f"this is due at {follow_up.due_at:%Y-%m-%d %H:%M} UTC", "followUpId")
        told = await work.connection.execute(
            "select 1 from events where subject_id = %s and type = 'FollowUpDue' and occurred_at = %s",
            [follow_up.id, follow_up.due_at],
        )
        if await told.fetchone() is not None:
            raise Impossible("ALREADY_NOTED", "this stands in the history already", "followUpId")
        facts: dict[str, Any] = {"priority": follow_up.priority, "dueAt": follow_up.due_at}
        await work.happened(
            "FollowUpDue", follow_up, f"Due: {follow_up.subject}", occurred_at=follow_up.due_at, **facts
        )
        return {"follow_up": follow_up.id}


async def _told(work: Work, event_type: str, follow_up: FollowUp, what: str, cause: UUID | None = None) -> None:
    await work.happened(event_type, follow_up, f"{what}: {follow_up.subject}", cause=cause, dueAt=follow_up.due_at)

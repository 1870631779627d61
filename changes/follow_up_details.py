"""What a follow-up task consists of, and making the tasks of a contact: with it, or afterwards."""

from uuid import UUID

from changes.commands import Part, given
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.base import datetime
from models.follow_ups import FollowUp, FollowUpPriority, FollowUpStatus
from models.interactions import Interaction
from models.staff import Agent, AgentStatus


class FollowUpDetails(Part):
    """A task that a contact leaves behind: what is to be done, by whom and until when."""

    subject: str = given("What is to be done, in a line.", longest=200)
    note: str | None = given("What is good to know for it.", default=None, longest=4_000)
    priority: FollowUpPriority = given("How urgent it is.", default=FollowUpPriority.NORMAL)
    due_at: datetime = given("Until when it is to be done; not in the past.")
    assignee_id: UUID | None = given(
        "The agent who is to do it; the agent you are unless given.", default=None, of=Agent
    )


async def leave(
    work: Work, interaction: Interaction, task: FollowUpDetails, argument: str, cause: UUID | None = None
) -> UUID:
    """Make a task that a contact leaves behind, in the name of the acting agent, and tell; returns its id.

    `argument` is the input that holds the task, `cause` the event that led to it. Raises BadInput for a time that has
    passed, NotFound or Impossible where nobody can be found who is to do it.
    """
    requester = await work.agent()
    follow_up = await work.create(
        FollowUp(
            customer_id=interaction.customer_id,
            interaction_id=interaction.id,
            assignee_id=await _assignee(work, task.assignee_id or requester, f"{argument}.assigneeId"),
            requester_id=requester,
            subject=task.subject,
            note=task.note,
            priority=task.priority,
            due_at=ahead(task.due_at, work.now, f"{argument}.dueAt"),
            status=FollowUpStatus.OPEN,
        )
    )
    await work.happened(
        "FollowUpCreated",
        follow_up,
        f"To be done: {follow_up.subject}",
        cause=cause,
        priority=follow_up.priority,
        dueAt=follow_up.due_at,
    )
    return follow_up.id


async def at_work(work: Work, agent_id: UUID, argument: str) -> UUID:
    """The id of an agent who can do something. Raises NotFound, and Impossible for one who is away or has left."""
    agent = await work.fetch(Agent, agent_id, argument=argument, lock=False)
    if agent.status is not AgentStatus.ACTIVE:
        raise Impossible("AGENT_NOT_AT_WORK", "this agent is not at work", argument)
    return agent.id


def ahead(moment: datetime, now: datetime, argument: str) -> datetime:
    """The moment. Raises BadInput for one that has passed."""
    if moment <= now:
        raise BadInput("this has passed: a task is due later than now", argument=f"input.{argument}")
    return moment


async def _assignee(work: Work, agent_id: UUID | None, argument: str) -> UUID:
    if agent_id is None:
        raise Impossible("NO_ASSIGNEE", "you are no agent who could do it; name one", argument)
    return await at_work(work, agent_id, argument)

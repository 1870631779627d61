"""Follow-up tasks: what contacts left to be done, mostly done in time."""

from imports.demo.dice import Dice, shares
from imports.demo.moments import DAY, HOUR, MINUTE, Moment, to_datetime
from imports.demo.staff import Agent
from imports.demo.world import Customer, World
from models.customers import CustomerStatus
from models.follow_ups import FollowUpPriority as Priority
from models.follow_ups import FollowUpStatus as Status
from models.history import EventSource, SubjectKind
from models.interactions import InteractionType as Type
from models.staff import TeamKind

_SUBJECTS: dict[Type, tuple[str, ...]] = {
    Type.INQUIRY: ("Call back with an answer", "Send the information asked for"),
    Type.SERVICE_REQUEST: ("Send the papers asked for", "Check that the papers arrived"),
    Type.CLAIM_INQUIRY: ("Call back about the claim", "Ask for the missing documents"),
    Type.PAYMENT: ("Clear up the invoice with accounting", "Call back about the payment"),
    Type.POLICY_CHANGE: ("Send the changed contract", "Call back about the change"),
    Type.QUOTE: ("Send the quote", "Call back about the quote"),
    Type.FEEDBACK: ("Thank the customer and tell what became of it",),
}
_NOTES = (None, None, None, "Best reached in the evening.", "Asks for an e-mail first.", "Was promised it twice.")
_PRIORITIES = shares({Priority.LOW: 12, Priority.NORMAL: 66, Priority.HIGH: 17, Priority.URGENT: 5})
_DONE = ("Reached, all is clear.", "Sent by e-mail.", "Left a message; the customer called back.", "Done.")
_GIVEN_UP = ("Settled by the customer on the portal.", "Not reached after three attempts.", "No longer wanted.")


def leave_to_be_done(
    world: World,
    customer: Customer | None,
    contact: tuple[str, str],
    at: Moment,
    kind: Type,
    team: TeamKind,
    agent: Agent | None,
) -> None:
    """Write the task that a contact at a moment left behind, and its events; `contact` are its id and its event's."""
    interaction, cause = contact
    customer_id = customer.id if customer else None
    # Dice of its own: the rest of the world stays as it was before there were tasks.
    dice = Dice(f"follow-up of {interaction}")
    created = at + dice.between(1, 20) * MINUTE
    due = dice.at_work(dice.working_day(created // DAY + 1, created // DAY + 21))
    assignee = agent if agent and dice.chance(0.7) else world.staff.agent(dice, team, due // DAY)
    if not assignee.was_there(due // DAY):
        assignee = world.staff.agent(dice, team, due // DAY)
    status, ended, outcome = _end(world, dice, customer, created, due)
    follow_up = dice.new_id(created)
    subject = dice.pick(_SUBJECTS[kind])
    priority = dice.pick(_PRIORITIES)
    world.rows.follow_ups(
        id=follow_up,
        version=1 if ended is None else 2,
        created_at=created,
        updated_at=ended or created,
        customer_id=customer_id,
        interaction_id=interaction,
        assignee_id=assignee.id,
        requester_id=agent and agent.id,
        subject=subject,
        note=dice.pick(_NOTES),
        priority=priority,
        due_at=due,
        status=status,
        outcome=outcome,
        completed_at=ended if status is Status.COMPLETED else None,
    )

    def tell(event_type: str, moment: Moment, what: str, by: Agent | None, late: int = 0, **facts: object) -> None:
        world.record(
            event_type,
            customer_id,
            moment,
            (SubjectKind.FOLLOW_UP, follow_up),
            f"{what}: {subject}",
            source=EventSource.AGENT if by else EventSource.SERVICE,
            late=late,
            cause=cause if event_type == "FollowUpCreated" else None,
            operation=cause if event_type == "FollowUpCreated" else None,
            actor=by.number if by else None,
            payload={**facts, "dueAt": to_datetime(due)},
            dice=dice,
        )

    tell("FollowUpCreated", created, "To be done", agent, priority=priority.value)
    if due < (ended or world.now):
        tell("FollowUpDue", due, "Due", None, dice.between(1, HOUR), priority=priority.value)
    if ended is not None and status is Status.COMPLETED:
        tell("FollowUpCompleted", ended, "Done", assignee)
    elif ended is not None:
        tell("FollowUpCancelled", ended, "No longer to be done", assignee)


def _end(
    world: World, dice: Dice, customer: Customer | None, created: Moment, due: Moment
) -> tuple[Status, Moment | None, str | None]:
    """What became of a task until now, when, and in which words."""
    if customer and customer.course is CustomerStatus.DECEASED and due // DAY > customer.until:
        ended = max(created + HOUR, dice.at_work(customer.until + 1))
        if ended < world.now:
            return Status.CANCELLED, ended, "The customer has died."
    in_time = dice.chance(0.8)
    ended = due - dice.skewed(0, due - created - HOUR) if in_time else due + dice.between(HOUR, 3 * DAY)
    # A few are forgotten, and found again within weeks.
    if ended >= world.now or (due > world.now - 30 * DAY and dice.chance(0.3)):
        return Status.OPEN, None, None
    if dice.chance(0.1):
        return Status.CANCELLED, ended, dice.pick(_GIVEN_UP)
    return Status.COMPLETED, ended, dice.pick(_DONE)

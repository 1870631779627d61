"""A case for each command about follow-up tasks: input with which it does its work, and what tells of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.access.desk import Desk
from tests.changes.follow_ups.asking import Input, agents, contact, moment, task

# The row id of the customer, and the input.
Made = tuple[str, Input]


@dataclass(frozen=True)
class Case:
    """`events` follow, in order; from the state `wrong` of the task it is impossible."""

    name: str
    events: tuple[str, ...]
    make: Callable[[Desk], Made]
    wrong: str | None


def _of(*, due_in: float = 24, **given: object) -> Callable[[Desk], Made]:
    def make(desk: Desk) -> Made:
        row_id, customer = task(desk, due_in=due_in)
        return str(customer), {"followUpId": f"fup_{row_id}", **given}

    return make


def _create(desk: Desk) -> Made:
    row_id, customer = contact(desk)
    details = {"subject": "Send the quote", "dueAt": moment(days=2), "assigneeId": agents(desk)[0]}
    return str(customer), {"interactionId": f"int_{row_id}", "followUp": details}


def _reschedule(desk: Desk) -> Made:
    customer, given = _of()(desk)
    return customer, {**given, "dueAt": moment(days=3)}


def _reassign(desk: Desk) -> Made:
    customer, given = _of()(desk)
    return customer, {**given, "assigneeId": agents(desk)[1]}


CASES: tuple[Case, ...] = (
    Case("createFollowUp", ("FollowUpCreated",), _create, None),
    Case("rescheduleFollowUp", (), _reschedule, "COMPLETED"),
    Case("reassignFollowUp", (), _reassign, "CANCELLED"),
    Case("completeFollowUp", ("FollowUpCompleted",), _of(outcome="Ms Sommer is content."), "CANCELLED"),
    Case("cancelFollowUp", ("FollowUpCancelled",), _of(reason="Ms Sommer called."), "COMPLETED"),
    Case("markFollowUpDue", ("FollowUpDue",), _of(due_in=-1), "COMPLETED"),
)

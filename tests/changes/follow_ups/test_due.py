"""What time does to follow-up tasks: they fall due at their moment, and the history tells it once for each."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.actor import SYSTEM
from changes import perform
from changes.due import STEPS, due_follow_ups
from core.errors import RequestError
from models.base import UUID
from tests.access.desk import Desk
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything
from tests.changes.follow_ups.asking import do, moment, refused, task

(STEP,) = [step for step in STEPS if step.due is due_follow_ups]


async def _listed(desk: Desk, hours_ahead: float = 0) -> list[UUID]:
    async with desk.services.pool.connection() as connection:
        return await due_follow_ups(connection, datetime.now(UTC) + timedelta(hours=hours_ahead), 10_000)


async def _do_all(desk: Desk) -> list[UUID]:
    listed = await _listed(desk)
    for row_id in listed:
        await perform(desk.services.door, SYSTEM, STEP.command_for(row_id))
    return listed


async def test_a_task_falls_due_at_its_moment_and_is_told_once(desk: Desk) -> None:
    row_id, owner = task(desk, due_in=-1)
    assert owner is not None
    since = position(desk)
    assert UUID(row_id) in await _do_all(desk)
    assert await _listed(desk) == []
    ((name, facts),) = events(desk, owner, since)
    assert (name, facts["priority"]) == ("FollowUpDue", "HIGH")
    # It happened when it fell due, not when somebody noticed.
    assert desk.rows(
        "select e.occurred_at = f.due_at, (e.payload->>'dueAt')::timestamptz = f.due_at, e.actor"
        " from events e join follow_ups f on f.id = e.subject_id where e.position > %s and f.id = %s",
        *(since, row_id),
    ) == [(True, True, "system")]
    before = everything(desk)
    with pytest.raises(RequestError, match="stands in the history already"):
        await perform(desk.services.door, SYSTEM, STEP.command_for(UUID(row_id)))
    assert everything(desk) == before


async def test_later_today_is_not_now(desk: Desk) -> None:
    row_id, _ = task(desk, due_in=0.5)
    assert UUID(row_id) not in await _listed(desk)
    assert UUID(row_id) in await _listed(desk, 0.6)
    assert (await refused(desk, "markFollowUpDue", {"followUpId": f"fup_{row_id}"}))["code"] == "DUE_AHEAD"


async def test_a_rescheduled_task_falls_due_anew(desk: Desk) -> None:
    row_id, owner = task(desk, due_in=-2)
    assert owner is not None
    since = position(desk)
    await _do_all(desk)
    await do(desk, "rescheduleFollowUp", {"followUpId": f"fup_{row_id}", "dueAt": moment(hours=1)})
    assert await _listed(desk) == []
    assert await _listed(desk, 1.1) == [UUID(row_id)]
    run(desk, "update follow_ups set due_at = now() - interval '1 minute' where id = %s", row_id)
    assert await _do_all(desk) == [UUID(row_id)]
    assert [name for name, _ in events(desk, owner, since)] == ["FollowUpDue", "FollowUpDue"]


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
async def test_what_is_not_to_be_done_does_not_fall_due(desk: Desk, status: str) -> None:
    row_id, _ = task(desk, status, due_in=-1)
    assert UUID(row_id) not in await _listed(desk)
    assert (await refused(desk, "markFollowUpDue", {"followUpId": f"fup_{row_id}"}))["code"] == "FOLLOW_UP_ENDED"

"""Follow-up tasks move with their customer when duplicates are merged, and go back with their contact."""

from typing import Any

from tests.access.desk import Desk
from tests.changes.follow_ups.asking import agents, do, moment
from tests.changes.merging.asking import merged_well, two, unmerged_well

_CALL = {"channel": "PHONE", "subject": "Called back"}


def _owners(desk: Desk, *row_ids: str) -> set[str]:
    """The customers of tasks or contacts, and of all events about them."""
    found: list[tuple[Any, ...]] = desk.rows(
        "select customer_id::text from follow_ups where id::text = any(%s) union"
        " select customer_id::text from interactions where id::text = any(%s) union"
        " select customer_id::text from events where subject_id::text = any(%s)",
        *(list(row_ids),) * 3,
    )
    return {owner for (owner,) in found}


async def _left(desk: Desk, interaction: str, subject: str) -> str:
    """The row id of a new task of a contact."""
    details = {"subject": subject, "dueAt": moment(days=1), "assigneeId": agents(desk)[0]}
    payload = await do(desk, "createFollowUp", {"interactionId": f"int_{interaction}", "followUp": details})
    return str(payload["followUp"]["id"].removeprefix("fup_"))


async def test_tasks_move_with_their_customer_and_go_back_with_their_contact(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    first = "select customer_id::text, min(id::text) from interactions where customer_id::text = any(%s) group by 1"
    contacts = dict(desk.rows(first, [survivor, duplicate]))
    before = await _left(desk, contacts[duplicate], "Before")
    merge = (await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}"))["merge"]["id"]
    assert _owners(desk, before) == {survivor}
    since = await _left(desk, contacts[duplicate], "Since, of a contact of the duplicate")
    own = await _left(desk, contacts[survivor], "Since, of a contact of the survivor")
    assert _owners(desk, since, own) == {survivor}
    # Done with the survivor, each in a contact that is logged with it.
    done = {}
    for row_id in (before, own):
        given = {"followUpId": f"fup_{row_id}", "outcome": "Done.", "conversation": _CALL}
        done[row_id] = (await do(desk, "completeFollowUp", given))["interaction"]["id"].removeprefix("int_")
    await unmerged_well(desk, merge)
    assert _owners(desk, before, since, done[before]) == {duplicate}
    assert _owners(desk, own, done[own]) == {survivor}

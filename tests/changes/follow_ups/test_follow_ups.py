"""Follow-up tasks: a contact and its tasks in one mutation, what becomes of them, and what is refused."""

from typing import Any

from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import customer, events, mutation, position
from tests.changes.follow_ups.asking import agents, become_agent, contact, do, moment, refused, task
from tests.scope.roles import NOBODY

_CALL = {"channel": "PHONE", "subject": "Asks about a quote", "type": "QUOTE", "outcome": "FOLLOW_UP"}
_LOGGED = """interaction { id followUps { totalCount nodes { id subject note priority dueAt status outcome
    assignee { id } requester { id } customer { id } availableTransitions
    events { nodes { type cause { type } } } } } }"""


def _task(desk: Desk, **more: Any) -> dict[str, Any]:
    return {"subject": "Call back about the quote", "dueAt": moment(days=2), "assigneeId": agents(desk)[1], **more}


async def test_a_contact_and_its_tasks_are_one_mutation(desk: Desk) -> None:
    mine, colleague = agents(desk)[:2]
    become_agent(desk, AGENT, mine)
    public, row_id, _ = customer(desk)
    since = position(desk)
    soon, later = moment(days=1), moment(days=2)
    tasks = [
        {"subject": "Send the quote", "dueAt": later, "assigneeId": colleague, "priority": "HIGH", "note": "By mail."},
        {"subject": "Call back", "dueAt": soon},
    ]
    given = {"customerId": public, "conversation": _CALL, "followUps": tasks}
    shown = (await do(desk, "logInteraction", given, answer=_LOGGED))["interaction"]["followUps"]
    # What is due first comes first; whoever is not named does it themselves.
    assert [(one["dueAt"], one["assignee"]["id"]) for one in shown["nodes"]] == [(soon, mine), (later, colleague)]
    call_back, quote = shown["nodes"]
    assert {key: quote[key] for key in ("subject", "note", "priority", "status", "outcome")} == {
        "subject": "Send the quote",
        "note": "By mail.",
        "priority": "HIGH",
        "status": "OPEN",
        "outcome": None,
    }
    assert (call_back["priority"], call_back["note"], call_back["requester"]["id"]) == ("NORMAL", None, mine)
    assert quote["availableTransitions"] == ["reschedule", "reassign", "complete", "cancel"]
    for one in shown["nodes"]:
        assert one["customer"] == {"id": public}
        assert one["events"]["nodes"] == [{"type": "FollowUpCreated", "cause": {"type": "InteractionLogged"}}]
    told = events(desk, row_id, since)
    assert [name for name, _ in told] == ["InteractionLogged", "FollowUpCreated", "FollowUpCreated"]
    assert told[1][1] == {"priority": "HIGH", "dueAt": later.replace("Z", "+00:00")}
    assert desk.rows("select count(distinct correlation_id) from events where position > %s", since) == [(1,)]
    (entry,) = await desk.log("MUTATION")
    assert {change["object"].split("/")[0] for change in entry["details"]["changes"]} == {"interactions", "follow_ups"}


async def test_one_wrong_task_and_nothing_is_logged(desk: Desk) -> None:
    public, _, _ = customer(desk)
    for more, code, field in (
        ({"dueAt": moment(hours=-1)}, "BAD_USER_INPUT", "dueAt"),
        ({"subject": " "}, "BAD_USER_INPUT", "subject"),
        ({"assigneeId": f"agt_{NOBODY}"}, "NOT_FOUND", "assigneeId"),
        ({"assigneeId": agents(desk, "LEFT")[0]}, "AGENT_NOT_AT_WORK", "assigneeId"),
        ({"assigneeId": agents(desk, "ON_LEAVE")[0]}, "AGENT_NOT_AT_WORK", "assigneeId"),
        # Whoever asks is no agent.
        ({"assigneeId": None}, "NO_ASSIGNEE", "assigneeId"),
    ):
        given = {"customerId": public, "conversation": _CALL, "followUps": [_task(desk), _task(desk, **more)]}
        error = await refused(desk, "logInteraction", given)
        assert (error["code"], error["field"]) == (code, ["input", "followUps", "1", field])
    given = {"customerId": public, "conversation": _CALL, "followUps": [_task(desk)] * 11}
    assert (await refused(desk, "logInteraction", given))["field"] == ["input", "followUps"]
    row_id, _ = contact(desk)
    given = {"interactionId": f"int_{row_id}", "followUp": _task(desk, dueAt=moment(hours=-1))}
    assert (await refused(desk, "createFollowUp", given))["field"] == ["input", "followUp", "dueAt"]


async def test_a_life_event_is_logged_with_the_tasks_of_its_contact(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    given = {"customerId": public, "kind": "MARRIAGE", "followUps": [_task(desk)]}
    error = await refused(desk, "logLifeEvent", given)
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "followUps"])
    since = position(desk)
    shown = await do(desk, "logLifeEvent", given | {"conversation": _CALL}, answer=_LOGGED)
    assert shown["interaction"]["followUps"]["totalCount"] == 1
    assert [name for name, _ in events(desk, row_id, since)] == [
        "InteractionLogged",
        "FollowUpCreated",
        "LifeEventDetected",
    ]


async def test_a_task_is_done_in_a_contact_that_is_logged_with_it(desk: Desk) -> None:
    row_id, owner = task(desk)
    assert owner is not None
    since = position(desk)
    given = {"followUpId": f"fup_{row_id}", "outcome": "Takes the offer.", "conversation": _CALL}
    shown = await do(desk, "completeFollowUp", given)
    assert shown["followUp"]["status"] == "COMPLETED"
    assert shown["followUp"]["outcome"] == "Takes the offer."
    assert shown["followUp"]["completedAt"] is not None
    assert shown["followUp"]["availableTransitions"] == []
    assert shown["followUp"]["completingInteraction"] == {"id": shown["interaction"]["id"]}
    assert shown["interaction"]["customer"] == {"id": f"cus_{owner}"}
    assert [name for name, _ in events(desk, owner, since)] == ["InteractionLogged", "FollowUpCompleted"]
    assert desk.rows(
        "select c.type from events e join events c on c.id = e.cause_id where e.subject_id = %s and e.position > %s",
        *(row_id, since),
    ) == [("InteractionLogged",)]
    back = "query ($id: ID!) { interaction(id: $id) { completedFollowUps { nodes { id } } } }"
    answer = await desk.ask(AGENT, back, id=shown["interaction"]["id"])
    assert answer.data["interaction"]["completedFollowUps"]["nodes"] == [{"id": f"fup_{row_id}"}]


async def test_a_task_is_done_in_a_contact_that_is_logged_already(desk: Desk) -> None:
    row_id, owner = task(desk)
    ((own,),) = desk.rows("select id::text from interactions where customer_id = %s order by id desc limit 1", owner)
    ((other,),) = desk.rows(
        "select id::text from interactions where customer_id <> %s and not restricted limit 1", owner
    )
    given = {"followUpId": f"fup_{row_id}", "outcome": "Done."}
    error = await refused(desk, "completeFollowUp", {**given, "interactionId": f"int_{other}"})
    assert (error["code"], error["field"]) == ("OTHER_CUSTOMER", ["input", "interactionId"])
    both = {**given, "interactionId": f"int_{own}", "conversation": _CALL}
    error = await refused(desk, "completeFollowUp", both)
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "conversation"])
    shown = await do(desk, "completeFollowUp", {**given, "interactionId": f"int_{own}"})
    assert shown["followUp"]["completingInteraction"] == {"id": f"int_{own}"}


async def test_a_task_of_an_anonymous_contact_has_no_customer(desk: Desk) -> None:
    row_id, _ = contact(desk, anonymous=True)
    ((reference,),) = desk.rows("select anonymous_reference from interactions where id = %s", row_id)
    shown = (await do(desk, "createFollowUp", {"interactionId": f"int_{row_id}", "followUp": _task(desk)}))["followUp"]
    assert shown["customer"] is None
    given = {"followUpId": shown["id"], "outcome": "Wants to think it over.", "conversation": _CALL}
    done = await do(desk, "completeFollowUp", given)
    assert done["interaction"]["customer"] is None
    assert desk.rows(
        "select anonymous_reference from interactions where id = %s", done["interaction"]["id"].removeprefix("int_")
    ) == [(reference,)]


async def test_a_task_moves_to_another_time_and_agent(desk: Desk) -> None:
    row_id, _ = task(desk)
    given = {"followUpId": f"fup_{row_id}"}
    first, second = agents(desk)[:2]
    for name, more, field in (
        ("rescheduleFollowUp", {"dueAt": moment(hours=-1)}, "dueAt"),
        ("reassignFollowUp", {"assigneeId": agents(desk, "LEFT")[0]}, "assigneeId"),
    ):
        assert (await refused(desk, name, given | more))["field"] == ["input", field]
    later = moment(days=9)
    shown = (await do(desk, "rescheduleFollowUp", given | {"dueAt": later}))["followUp"]
    assert (shown["dueAt"], shown["status"], shown["version"]) == (later, "OPEN", 2)
    shown = (await do(desk, "reassignFollowUp", given | {"assigneeId": second}))["followUp"]
    assert (shown["assignee"]["id"], shown["version"]) == (second, 3)
    # Who has it already keeps it.
    assert (await do(desk, "reassignFollowUp", given | {"assigneeId": second}))["followUp"]["version"] == 3
    lists = "query ($id: ID!) { agent(id: $id) { openFollowUps(first: 100) { nodes { id } } } }"
    for agent, has in ((first, False), (second, True)):
        nodes = (await desk.ask(AGENT, lists, id=agent)).data["agent"]["openFollowUps"]["nodes"]
        assert ({"id": f"fup_{row_id}"} in nodes) is has


async def test_a_cancelled_task_tells_why(desk: Desk) -> None:
    row_id, _ = task(desk)
    given = {"followUpId": f"fup_{row_id}", "reason": "No longer wanted."}
    shown = (await do(desk, "cancelFollowUp", given))["followUp"]
    assert (shown["status"], shown["outcome"], shown["completedAt"]) == ("CANCELLED", "No longer wanted.", None)


async def test_a_key_sent_twice_leaves_one_task(desk: Desk) -> None:
    public, _, _ = customer(desk)
    given = {"customerId": public, "conversation": _CALL, "followUps": [_task(desk)]}
    text = mutation("logInteraction", _LOGGED)
    ((before,),) = desk.rows("select count(*) from follow_ups")
    first = await desk.done(AGENT, text, input=given, key="call-1")
    assert await desk.done(AGENT, text, input=given, key="call-1") == first
    assert desk.rows("select count(*) from follow_ups") == [(before + 1,)]

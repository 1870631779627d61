"""Complaints and contacts: what each mutation does, its events and audit entry, and that a refusal changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.actor import Actor, user
from changes import perform
from changes.due import STEPS, due_complaints
from core.errors import RequestError
from models.complaint_terms import COMPLAINT_TERMS
from models.complaints import COMPLAINT_WORKFLOW, ComplaintCategory
from models.roles import Role
from tests.access.desk import AGENT, UNDERWRITER, Desk
from tests.changes.customers.asking import MANAGER, SENIOR, customer, events, mutation, position, run
from tests.changes.digests import everything
from tests.changes.walking import Walk, Walker
from tests.scope.roles import NOBODY

_SHOWN = """complaint { id version status dueOn resolution regulatorReference handler { id } availableTransitions }
  interaction { subject summary direction channel }"""
_LOGGED = "interaction { id subject channel direction type occurredAt anonymousReference } customer { id }"


def _text(name: str) -> str:
    return mutation(name, _LOGGED if name == "logInteraction" else _SHOWN)


async def do(desk: Desk, name: str, given: dict[str, Any], who: Actor = MANAGER) -> dict[str, Any]:
    payload = await desk.done(who, _text(name), input=given)
    assert payload["userErrors"] == []
    return payload


async def refused(desk: Desk, name: str, given: dict[str, Any], who: Actor = MANAGER) -> dict[str, Any]:
    """The one user error of a mutation that changed nothing."""
    before = everything(desk)
    payload = await desk.done(who, _text(name), input=given)
    (error,) = payload["userErrors"]
    assert everything(desk) == before
    return error  # type: ignore[no-any-return]


def agent(desk: Desk) -> str:
    ((row_id,),) = desk.rows("select id::text from agents where status = 'ACTIVE' order by number limit 1")
    return f"agt_{row_id}"


def complaint(desk: Desk, status: str = "RECEIVED", due: int = 10) -> tuple[str, str, str]:
    """Public id, row id and the customer's row id of a complaint put into a state; due in so many days."""
    ((row_id, owner),) = desk.rows(
        "select c.id::text, c.customer_id::text from complaints c join customers u on u.id = c.customer_id"
        " where not u.restricted order by c.number limit 1"
    )
    run(
        desk,
        "update complaints set status = %s, due_on = current_date + %s, filed_at = now(), resolved_at = null,"
        " handler_id = %s where id = %s",
        *(status, due, agent(desk).removeprefix("agt_") if status != "RECEIVED" else None, row_id),
    )
    return f"cmp_{row_id}", row_id, owner


def filing(desk: Desk, **more: Any) -> dict[str, Any]:
    public, _, _ = customer(desk)
    return {
        "customerId": public,
        "category": "BILLING",
        "channel": "EMAIL",
        "description": "The late fee is wrong.",
        **more,
    }


@pytest.mark.parametrize("category", list(ComplaintCategory))
async def test_a_complaint_is_filed_with_a_day_to_answer(desk: Desk, category: ComplaintCategory) -> None:
    _, row_id, _ = customer(desk)
    since = position(desk)
    shown = (await do(desk, "fileComplaint", filing(desk, category=category.value), AGENT))["complaint"]
    due = datetime.now(UTC).date() + timedelta(days=COMPLAINT_TERMS[category].answer)
    assert (shown["status"], shown["dueOn"]) == ("RECEIVED", due.isoformat())
    assert events(desk, row_id, since) == [
        ("ComplaintReceived", {"category": category.value, "dueOn": due.isoformat(), "channel": "EMAIL"})
    ]
    (entry,) = await desk.log("MUTATION")
    assert "late fee" not in repr(entry)


async def test_what_is_filed_elsewhere_is_of_the_same_customer(desk: Desk) -> None:
    _, row_id, _ = customer(desk)
    ((other,),) = desk.rows(
        "select c.id::text from contracts c join customers u on u.id = c.customer_id"
        " where c.customer_id <> %s and not u.restricted limit 1",
        row_id,
    )
    error = await refused(desk, "fileComplaint", filing(desk, contractId=f"con_{other}"))
    assert (error["code"], error["field"]) == ("OTHER_CUSTOMER", ["input", "contractId"])
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    error = await refused(desk, "fileComplaint", filing(desk, filedAt=tomorrow))
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "filedAt"])


async def test_a_complaint_goes_its_way(desk: Desk) -> None:
    public, row_id, owner = complaint(desk)
    since = position(desk)
    given = {"complaintId": public}
    assert (await refused(desk, "investigateComplaint", given))["code"] == "NO_HANDLER"
    await do(desk, "assignComplaint", {**given, "handlerId": agent(desk)})
    await do(desk, "investigateComplaint", given)
    said = await do(desk, "respondToComplaint", {**given, "channel": "PHONE", "message": "We look into it."})
    assert said["interaction"]["summary"] == "We look into it."
    await do(desk, "concludeComplaint", given)
    answer = await do(desk, "resolveComplaint", {**given, "resolution": "The fee is paid back.", "channel": "EMAIL"})
    assert answer["complaint"]["resolution"] == "The fee is paid back."
    assert answer["interaction"]["direction"] == "OUTBOUND"
    await do(desk, "escalateComplaint", {**given, "regulatorReference": "OMB-1"})
    await do(desk, "resolveComplaint", {**given, "resolution": "As the ombudsman proposed."})
    await do(desk, "closeComplaint", given)
    assert (await refused(desk, "respondToComplaint", {**given, "channel": "PHONE", "message": "x"}))["code"] == (
        "COMPLAINT_ENDED"
    )
    shown = (await do(desk, "reopenComplaint", given))["complaint"]
    assert shown["status"] == "INVESTIGATING"
    assert [name for name, _ in events(desk, owner, since)] == [
        "ComplaintStatusChanged",
        "ComplaintStatusChanged",
        "InteractionLogged",
        "ComplaintStatusChanged",
        "ComplaintResolved",
        "InteractionLogged",
        "ComplaintEscalated",
        "ComplaintResolved",
        "ComplaintStatusChanged",
        "ComplaintStatusChanged",
    ]
    assert desk.rows("select resolved_at from complaints where id = %s", row_id) == [(None,)]


@pytest.mark.parametrize(
    ("name", "more", "who", "permission"),
    [
        ("fileComplaint", None, UNDERWRITER, "complaints:write"),
        ("assignComplaint", {"handlerId": f"agt_{NOBODY}"}, UNDERWRITER, "complaints:write"),
        ("investigateComplaint", {}, UNDERWRITER, "complaints:write"),
        ("concludeComplaint", {}, UNDERWRITER, "complaints:write"),
        ("respondToComplaint", {"channel": "PHONE", "message": "x"}, UNDERWRITER, "complaints:write"),
        ("resolveComplaint", {"resolution": "x"}, UNDERWRITER, "complaints:write"),
        ("escalateComplaint", {"regulatorReference": "x"}, SENIOR, "complaints:escalate"),
        ("closeComplaint", {}, SENIOR, "complaints:escalate"),
        ("reopenComplaint", {}, UNDERWRITER, "complaints:write"),
        ("markComplaintOverdue", {}, UNDERWRITER, "complaints:write"),
    ],
)
async def test_who_lacks_the_permission_changes_nothing(
    desk: Desk, name: str, more: dict[str, Any] | None, who: Actor, permission: str
) -> None:
    public, row_id, _ = complaint(desk)
    given = filing(desk) if more is None else {"complaintId": public, **more}
    before = everything(desk)
    answer = await desk.ask(who, _text(name), input=given)
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before
    (entry,) = await desk.log("REFUSAL")
    assert entry["details"]["permissions"] == [permission]
    # Nor is one changed that was changed meanwhile, or that is not seen.
    if more is not None and "handlerId" not in more:
        stale = await refused(desk, name, {**given, "expectedVersion": 1_000})
        assert stale["code"] == "CONFLICT"
        run(
            desk,
            "update customers set restricted = true, restricted_at = now() where id ="
            " (select customer_id from complaints where id = %s)",
            row_id,
        )
        if SENIOR.may(permission):
            error = await refused(desk, name, given, SENIOR)
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "complaintId"])


async def test_a_partner_has_no_complaints(desk: Desk) -> None:
    ((partner,),) = desk.rows("select id::text from partners order by number limit 1")
    who = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=partner)
    assert (await desk.ask(who, _text("fileComplaint"), input=filing(desk))).codes == ["FORBIDDEN"]


async def test_a_late_answer_is_noted_once(desk: Desk) -> None:
    public, row_id, owner = complaint(desk, due=-1)
    since = position(desk)
    (step,) = [one for one in STEPS if one.due is due_complaints]
    now = datetime.now(UTC)
    async with desk.services.pool.connection() as connection:
        listed = await due_complaints(connection, now, 500)
    assert row_id in {str(one) for one in listed}
    for one in listed:
        await perform(desk.services.door, MANAGER, step.command_for(one))
    assert [name for name, _ in events(desk, owner, since)] == ["ComplaintOverdue"]
    async with desk.services.pool.connection() as connection:
        assert await due_complaints(connection, now, 500) == []
    with pytest.raises(RequestError, match="stands in the history already"):
        await perform(desk.services.door, MANAGER, step.command_for(listed[0]))
    run(desk, "update complaints set due_on = current_date where id = %s", row_id)
    assert (await refused(desk, "markComplaintOverdue", {"complaintId": public}))["code"] == "STILL_IN_TIME"


_CALL = {"channel": "PHONE", "subject": "Asked for a quote", "type": "QUOTE"}


async def test_a_contact_is_logged(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    since = position(desk)
    earlier = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    given = {"customerId": public, "conversation": {**_CALL, "outcome": "FOLLOW_UP"}, "occurredAt": earlier}
    payload = await do(desk, "logInteraction", given, AGENT)
    assert payload["customer"] == {"id": public}
    assert payload["interaction"]["occurredAt"] == earlier
    facts = {"type": "QUOTE", "channel": "PHONE", "direction": "INBOUND", "outcome": "FOLLOW_UP"}
    assert events(desk, row_id, since) == [("InteractionLogged", facts)]


async def test_an_anonymous_contact_is_logged(desk: Desk) -> None:
    given = {"anonymousReference": "session-1", "conversation": _CALL}
    payload = await do(desk, "logInteraction", given, AGENT)
    assert payload["customer"] is None
    assert payload["interaction"]["anonymousReference"] == "session-1"
    told = desk.rows("select type, customer_id from events order by position desc limit 1")
    assert told == [("InteractionLogged", None)]


@pytest.mark.parametrize(
    ("more", "code", "argument"),
    [
        ({"anonymousReference": "x"}, "BAD_USER_INPUT", "anonymousReference"),
        ({"contractId": f"con_{NOBODY}"}, "NOT_FOUND", "contractId"),
        ({"customerId": f"cus_{NOBODY}"}, "NOT_FOUND", "customerId"),
        ({"customerId": None, "claimId": f"clm_{NOBODY}"}, "BAD_USER_INPUT", "customerId"),
        ({"occurredAt": "2150-01-01T00:00:00Z"}, "BAD_USER_INPUT", "occurredAt"),
    ],
)
async def test_a_contact_that_makes_no_sense_is_refused(
    desk: Desk, more: dict[str, Any], code: str, argument: str
) -> None:
    public, _, _ = customer(desk)
    error = await refused(desk, "logInteraction", {"customerId": public, "conversation": _CALL, **more})
    assert (error["code"], error["field"]) == (code, ["input", argument])


class ComplaintWalk(Walk):
    """A complaint that somebody handles, or nobody."""

    who = MANAGER
    shown = "query ($id: ID!) { complaint(id: $id) { state: status available: availableTransitions } }"

    def begin(self) -> str:
        public, self.row_id, _ = complaint(self.desk)
        self.handled = False
        return public

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        more = {"resolve": {"resolution": "Settled."}, "escalate": {"regulatorReference": "OMB-1"}}
        name = f"{transition}Complaint"
        return _text(name), {"input": {"complaintId": self.id, **more.get(transition, {})}}

    def refusal(self, transition: str) -> str | None:
        return "NO_HANDLER" if transition in ("investigate", "reopen") and not self.handled else None

    def digest(self) -> Any:
        return self.desk.rows(
            "select c::text, (select count(*) from events), (select count(*) from interactions) from complaints c"
            " where id = %s",
            self.row_id,
        )

    def happen(self, choice: int) -> None:
        """Somebody takes it, or nobody has it any more."""
        self.handled = choice > 0
        handler = agent(self.desk).removeprefix("agt_") if self.handled else None
        run(self.desk, "update complaints set handler_id = %s where id = %s", handler, self.row_id)


@pytest.mark.timeout(300)
def test_a_complaint_follows_its_table(walker: Walker) -> None:
    walker.walk(COMPLAINT_WORKFLOW, ComplaintWalk)

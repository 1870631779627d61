"""What is told to the history: life events with all that comes with them, and events of other systems."""

from typing import Any

import pytest

from auth.actor import user
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import customer, do, position, refused, run
from tests.changes.digests import everything

_EVENT = """event { id type category source occurredAt payload cause { type } effects(first: 5) { nodes { type } } }
  interaction { subject agent { id } } customer { id version addresses { city isPrimary validTo } }"""
_ALL = "type, source, payload, cause_id::text, correlation_id::text, id::text, subject_kind"


def _moving(desk: Desk) -> tuple[str, dict[str, Any]]:
    """A customer on the phone says that they move to another town."""
    ((row_id, address),) = desk.rows(
        "select u.id::text, a.id::text from customers u join addresses a on a.customer_id = u.id"
        " where not u.restricted and a.valid_to is null and a.is_primary and a.kind = 'MAILING'"
        " order by u.number limit 1"
    )
    return row_id, {
        "customerId": f"cus_{row_id}",
        "kind": "MOVE",
        "occurredAt": "2026-03-01T00:00:00Z",
        "conversation": {"channel": "PHONE", "subject": "Asks about transactions", "outcome": "RESOLVED"},
        "endedAddressIds": [f"adr_{address}"],
        "addresses": [{"kind": "MAILING", "street": "Kai 3", "city": "Emden", "country": "DE"}],
        "phones": [{"kind": "HOME", "number": "04921 87 0", "country": "DE"}],
    }


async def test_a_move_heard_on_the_phone_lands_in_the_history_in_one_mutation(desk: Desk) -> None:
    row_id, given = _moving(desk)
    since = position(desk)
    shown = await do(desk, AGENT, "logLifeEvent", given, _EVENT)
    found = desk.rows(
        f"select {_ALL} from events where customer_id = %s and position > %s order by position", row_id, since
    )
    assert [(row[0], row[1]) for row in found] == [
        ("InteractionLogged", "SERVICE"),
        ("LifeEventDetected", "AGENT"),
        ("ContactInformationChanged", "SERVICE"),
    ]
    assert [row[2] for row in found] == [
        {"type": "SERVICE_REQUEST", "channel": "PHONE", "direction": "INBOUND", "outcome": "RESOLVED"},
        {"kind": "MOVE", "city": "Emden"},
        {"changed": ["address", "phone"]},
    ]
    # Each is the cause of the next, all belong to one operation.
    assert [row[3] for row in found] == [None, found[0][5], found[1][5]]
    assert len({row[4] for row in found}) == 1
    assert (shown["event"]["cause"], shown["event"]["effects"]) == (
        {"type": "InteractionLogged"},
        {"nodes": [{"type": "ContactInformationChanged"}]},
    )
    assert shown["event"]["occurredAt"] == "2026-03-01T00:00:00Z"
    assert shown["interaction"]["subject"] == "Asks about transactions"
    current = [one["city"] for one in shown["customer"]["addresses"] if one["validTo"] is None and one["isPrimary"]]
    assert "Emden" in current
    (entry,) = await desk.log("MUTATION")
    assert {change["object"].split("/")[0] for change in entry["details"]["changes"]} == {
        "interactions",
        "addresses",
        "phones",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"occurredAt": "2199-01-01T00:00:00Z"},
        {"phones": [{"kind": "HOME", "number": "1"}]},
        {"endedAddressIds": ["adr_0192f0c1-7c3e-7b11-a0b1-00000000dead"]},
        {"source": "IMPORT"},
    ],
)
async def test_one_wrong_part_and_nothing_of_it_is_written(desk: Desk, change: dict[str, Any]) -> None:
    _, given = _moving(desk)
    before = everything(desk)
    error = await refused(desk, AGENT, "logLifeEvent", given | change)
    assert error["field"][:2] == ["input", next(iter(change))]
    assert everything(desk) == before


async def test_an_address_of_somebody_else_is_not_ended(desk: Desk) -> None:
    row_id, given = _moving(desk)
    ((other,),) = desk.rows(
        "select a.id::text from addresses a join customers u on u.id = a.customer_id where a.customer_id <> %s"
        " and a.valid_to is null and not u.restricted limit 1",
        row_id,
    )
    before = everything(desk)
    error = await refused(desk, AGENT, "logLifeEvent", given | {"endedAddressIds": [f"adr_{other}"]})
    assert error["field"] == ["input", "endedAddressIds", "0"]
    assert everything(desk) == before


async def test_a_new_job_changes_the_employment(desk: Desk) -> None:
    public, row_id, version = customer(desk, "employment_status = 'EMPLOYED'")
    since = position(desk)
    given = {"customerId": public, "kind": "RETIREMENT", "employmentStatus": "RETIRED"}
    shown = await do(desk, AGENT, "logLifeEvent", given, "customer { employmentStatus version }")
    assert shown["customer"] == {"employmentStatus": "RETIRED", "version": version + 1}
    found = desk.rows(
        "select type, payload from events where customer_id = %s and position > %s order by position", row_id, since
    )
    assert found == [
        ("LifeEventDetected", {"kind": "RETIREMENT", "employment": "RETIRED"}),
        ("CustomerInformationUpdated", {"changed": ["employmentStatus"]}),
    ]


@pytest.mark.parametrize("lacking", ["customers:write", "interactions:write"])
async def test_what_comes_with_it_needs_its_own_permission(desk: Desk, lacking: str) -> None:
    _, given = _moving(desk)
    narrow = user(str(AGENT.id), frozenset({Role.AGENT}), scopes=AGENT.permissions - {lacking})
    before = everything(desk)
    error = await refused(desk, narrow, "logLifeEvent", given)
    assert (error["code"], error["message"]) == ("FORBIDDEN", f"this needs the permission {lacking}")
    assert everything(desk) == before


def _report(public: str, **given: Any) -> dict[str, Any]:
    return {
        "customerId": public,
        "type": "SessionEnded",
        "summary": "Left the app",
        "occurredAt": "2020-01-05T10:00:00Z",
        "system": "mobile-app",
        **given,
    }


async def test_what_is_recorded_late_stands_where_it_happened_and_comes_last_in_the_feed(desk: Desk) -> None:
    public, row_id, _ = customer(desk, "(select count(*) from events e where e.customer_id = u.id) > 3")
    since = position(desk)
    shown = await do(desk, AGENT, "logCustomerEvent", _report(public, reference="s-77"), _EVENT)
    assert shown["event"]["source"] == "EXTERNAL"
    assert shown["event"]["category"] == "SERVICING"
    assert shown["event"]["payload"] == {"system": "mobile-app", "reference": "s-77"}
    ((late, order),) = desk.rows(
        "select occurred_at < recorded_at - interval '1 year', position from events where id = %s",
        shown["event"]["id"].split("_")[1],
    )
    assert late
    assert order > since
    timeline = "query ($id: ID!) { customer(id: $id) { timeline(first: 100) { nodes { id occurredAt } } } }"
    answer = await desk.ask(AGENT, timeline, id=public)
    moments = [node["occurredAt"] for node in answer.outcome.data["customer"]["timeline"]["nodes"]]  # type: ignore[index]
    assert moments == sorted(moments, reverse=True)
    assert row_id


async def test_an_effect_belongs_to_the_operation_of_its_cause(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    first = await do(desk, AGENT, "logCustomerEvent", _report(public), _EVENT)
    cause = first["event"]["id"]
    own = _report(public, type="ParcelDelivered", category="SERVICING", causeId=cause)
    second = await do(desk, AGENT, "logCustomerEvent", own, _EVENT)
    assert (second["event"]["type"], second["event"]["cause"]) == ("ParcelDelivered", {"type": "SessionEnded"})
    ids = [one["event"]["id"].split("_")[1] for one in (first, second)]
    assert len(desk.rows("select distinct correlation_id from events where id = any(%s::uuid[])", ids)) == 1
    other, _, _ = customer(desk, f"id <> '{row_id}'")
    error = await refused(desk, AGENT, "logCustomerEvent", _report(other, causeId=cause))
    assert error["code"] == "OTHER_CUSTOMER"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "ClaimApproved"}, "type"),
        ({"type": "parcel delivered"}, "type"),
        ({"type": "ParcelDelivered"}, "category"),
        ({"category": "LIFE_EVENT"}, "category"),
        ({"system": "the system"}, "system"),
        ({"reference": "a b"}, "reference"),
        ({"occurredAt": "2199-01-01T00:00:00Z"}, "occurredAt"),
        ({"causeId": "evt_0192f0c1-7c3e-7b11-a0b1-00000000dead"}, "causeId"),
    ],
)
async def test_a_report_that_is_wrong_names_its_argument(desk: Desk, given: dict[str, Any], field: str) -> None:
    public, _, _ = customer(desk)
    before = everything(desk)
    error = await refused(desk, AGENT, "logCustomerEvent", _report(public, **given))
    assert error["field"] == ["input", field]
    assert everything(desk) == before


async def test_a_cause_out_of_sight_is_not_there(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    hidden, hidden_id, _ = customer(desk, f"id <> '{row_id}'")
    first = await do(desk, AGENT, "logCustomerEvent", _report(hidden), _EVENT)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        hidden_id,
    )
    error = await refused(desk, AGENT, "logCustomerEvent", _report(public, causeId=first["event"]["id"]))
    assert error["code"] == "NOT_FOUND"

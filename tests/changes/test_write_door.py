"""The one write door: permission, scope, version, idempotency, events and audit entry, or nothing at all."""

import asyncio
from typing import Any

import pytest

from auth.actor import Actor, user
from models.roles import Role
from tests.access.desk import AGENT, Desk, actor

SENIOR = actor(Role.SENIOR_AGENT, 4)
MANAGER = actor(Role.MANAGER, 5)

ACKNOWLEDGE = """mutation ($id: ID!, $version: Int, $key: String) {
  acknowledgeClaim(input: { claimId: $id, expectedVersion: $version }, idempotencyKey: $key) {
    claim { id status version availableTransitions customer { id } events(first: 1) { nodes { type payload actor } } }
    userErrors { code message field currentVersion }
  }
}"""
NOTE = """mutation ($id: ID!, $body: String!, $key: String) {
  addClaimNote(input: { claimId: $id, body: $body }, idempotencyKey: $key) {
    claim { notes { body agent { number } } }
    userErrors { code message field }
  }
}"""


def submitted(desk: Desk, extra: str = "true") -> tuple[str, str, int]:
    """The public id, the row id and the version of a claim nobody has looked at."""
    found = desk.rows(
        "select c.id::text, c.version from claims c join customers u on u.id = c.customer_id"
        f" where c.status = 'SUBMITTED' and {extra} order by c.id limit 1"
    )
    (row_id, version) = found[0]
    return f"clm_{row_id}", row_id, version


def everything(desk: Desk) -> list[tuple[Any, ...]]:
    """A digest of all business data and events: equal if, and only if, nothing was changed."""
    tables = ("claims", "claim_notes", "events", "idempotency_keys")
    digests = " union all ".join(
        f"select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t" for table in tables
    )
    return desk.rows(digests)


async def test_a_change_its_event_and_its_audit_entry_are_one(desk: Desk) -> None:
    claim, row_id, version = submitted(desk)
    payload = await desk.done(SENIOR, ACKNOWLEDGE, id=claim, version=version)
    assert payload["userErrors"] == []
    shown = payload["claim"]
    assert (shown["id"], shown["status"], shown["version"]) == (claim, "ACKNOWLEDGED", version + 1)
    assert shown["events"]["nodes"] == [
        {
            "type": "ClaimStatusChanged",
            "payload": {"from": "SUBMITTED", "status": "ACKNOWLEDGED"},
            "actor": f"usr_{SENIOR.id}",
        }
    ]
    assert shown["availableTransitions"] == ["investigate", "requestInformation", "reject", "withdraw"]
    (entry,) = await desk.log("MUTATION")
    assert (entry["actor_id"], entry["operation"]) == (SENIOR.id, "AcknowledgeClaim")
    assert entry["customer_ids"] == [shown["customer"]["id"].removeprefix("cus_")]
    assert entry["details"]["changes"] == [
        {"object": f"claims/{row_id}", "field": "status", "before": "SUBMITTED", "after": "ACKNOWLEDGED"}
    ]


async def test_what_people_write_stands_in_the_audit_log_as_a_digest(desk: Desk) -> None:
    claim, _, _ = submitted(desk)
    payload = await desk.done(AGENT, NOTE, id=claim, body="  The neighbour saw it.  ")
    assert {"body": "The neighbour saw it.", "agent": None} in payload["claim"]["notes"]
    (entry,) = await desk.log("MUTATION")
    assert "neighbour" not in repr(entry)
    (change,) = [one for one in entry["details"]["changes"] if one["field"] == "body"]
    assert change["before"] is None
    assert len(change["after"]) == 64


async def test_who_lacks_the_permission_changes_nothing(desk: Desk) -> None:
    claim, _, _ = submitted(desk)
    before = everything(desk)
    answer = await desk.ask(AGENT, ACKNOWLEDGE, id=claim)
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before
    (entry,) = await desk.log("REFUSAL")
    assert entry["details"]["permissions"] == ["claims:investigate"]


async def test_an_old_version_is_a_conflict_that_says_the_new_one(desk: Desk) -> None:
    claim, _, version = submitted(desk)
    before = everything(desk)
    payload = await desk.done(SENIOR, ACKNOWLEDGE, id=claim, version=version - 1)
    (error,) = payload["userErrors"]
    assert (error["code"], error["currentVersion"], error["field"]) == (
        "CONFLICT",
        version,
        ["input", "expectedVersion"],
    )
    assert payload["claim"] is None
    assert everything(desk) == before


async def test_an_impossible_transition_says_what_is_possible(desk: Desk) -> None:
    claim, _, _ = submitted(desk)
    await desk.done(SENIOR, ACKNOWLEDGE, id=claim)
    before = everything(desk)
    (error,) = (await desk.done(SENIOR, ACKNOWLEDGE, id=claim))["userErrors"]
    assert error["code"] == "TRANSITION_IMPOSSIBLE"
    assert "investigate" in error["message"]
    assert everything(desk) == before


async def test_the_same_key_does_it_once(desk: Desk) -> None:
    claim, row_id, _ = submitted(desk)
    first = await desk.done(AGENT, NOTE, id=claim, body="Once.", key="k-1")
    before = everything(desk)
    assert await desk.done(AGENT, NOTE, id=claim, body="Once.", key="k-1") == first
    assert everything(desk) == before
    (error,) = (await desk.done(AGENT, NOTE, id=claim, body="Twice.", key="k-1"))["userErrors"]
    assert (error["code"], error["field"]) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    assert everything(desk) == before
    # Somebody else's key is another key.
    await desk.done(SENIOR, NOTE, id=claim, body="Twice.", key="k-1")
    assert desk.rows(
        "select count(*) from claim_notes where claim_id = %s and body in ('Once.', 'Twice.')", row_id
    ) == [(2,)]


async def test_many_at_once_with_the_same_key_do_it_once(desk: Desk) -> None:
    claim, row_id, _ = submitted(desk)
    payloads = await asyncio.gather(*(desk.done(AGENT, NOTE, id=claim, body="At once.", key="k-2") for _ in range(8)))
    assert all(payload == payloads[0] for payload in payloads)
    assert desk.rows("select count(*) from claim_notes where claim_id = %s and body = 'At once.'", row_id) == [(1,)]


async def test_a_refused_command_leaves_its_key_free(desk: Desk) -> None:
    claim, _, version = submitted(desk)
    refused = await desk.done(SENIOR, ACKNOWLEDGE, id=claim, version=version - 1, key="k-3")
    assert refused["userErrors"]
    payload = await desk.done(SENIOR, ACKNOWLEDGE, id=claim, version=version, key="k-3")
    assert payload["userErrors"] == []


async def test_concurrent_changes_with_a_version_are_done_once(desk: Desk) -> None:
    claim, _, version = submitted(desk)
    payloads = await asyncio.gather(*(desk.done(SENIOR, ACKNOWLEDGE, id=claim, version=version) for _ in range(6)))
    codes = [payload["userErrors"][0]["code"] for payload in payloads if payload["userErrors"]]
    assert codes == ["CONFLICT"] * 5


def _partner(desk: Desk) -> tuple[Actor, str]:
    """A partner's user, and a claim that is not in its book."""
    found = desk.rows(
        "select p.id::text, c.id::text from partners p cross join lateral (select c.id from claims c where not exists"
        " (select from partner_book b where b.object_id = c.id and b.partner_id = p.id) order by c.id limit 1) c"
        " limit 1"
    )
    partner, claim = found[0]
    return user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=partner), f"clm_{claim}"


async def test_a_partner_cannot_change_what_it_does_not_see(desk: Desk) -> None:
    partner, claim = _partner(desk)
    before = everything(desk)
    (error,) = (await desk.done(partner, NOTE, id=claim, body="Mine?"))["userErrors"]
    nowhere = "clm_0192f0c1-7c3e-7b11-a0b1-00000000dead"
    (missing,) = (await desk.done(partner, NOTE, id=nowhere, body="Mine?"))["userErrors"]
    assert (
        error
        == missing
        == {
            "code": "NOT_FOUND",
            "message": "there is no claim with this id",
            "field": ["input", "claimId"],
        }
    )
    assert everything(desk) == before


async def test_restricted_customers_are_not_changed_by_who_cannot_see_them(desk: Desk) -> None:
    claim, row_id, _ = submitted(desk)
    desk.rows(
        "with one as (update customers set restricted = true, restricted_at = now(), restriction_reason = 'test'"
        " where id = (select customer_id from claims where id = %s) returning 1) select * from one",
        row_id,
    )
    (error,) = (await desk.done(SENIOR, ACKNOWLEDGE, id=claim))["userErrors"]
    assert error["code"] == "NOT_FOUND"
    assert (await desk.done(MANAGER, ACKNOWLEDGE, id=claim))["userErrors"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [("   ", "this is empty"), ("x" * 4001, "at most 4000 characters"), ("a\0b", "this has control characters in it")],
)
async def test_a_bad_text_names_its_argument(desk: Desk, body: str, message: str) -> None:
    claim, _, _ = submitted(desk)
    before = everything(desk)
    (error,) = (await desk.done(AGENT, NOTE, id=claim, body=body))["userErrors"]
    assert error == {"code": "BAD_USER_INPUT", "message": message, "field": ["input", "body"]}
    assert everything(desk) == before


async def test_a_wrong_kind_of_id_is_named(desk: Desk) -> None:
    (error,) = (await desk.done(AGENT, NOTE, id="cus_0192f0c1-7c3e-7b11-a0b1-000000000001", body="x"))["userErrors"]
    assert error["field"] == ["input", "claimId"]
    assert "expected a claim id" in error["message"]

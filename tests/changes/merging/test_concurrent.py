"""Merging while others work on both customers: nothing is lost, and nobody is left with the merged one."""

import asyncio
from typing import Any

from tests.access.desk import Desk
from tests.changes.customers.asking import MANAGER, SENIOR, mutation
from tests.changes.merging.asking import merge, two, unmerged_well

NOTE = """mutation ($input: AddClaimNoteInput!) {
  addClaimNote(input: $input) { claim { id } userErrors { code message } }
}"""
EACH = 8


async def _phones(desk: Desk, customer: str, start: int, done: set[str], codes: list[str]) -> None:
    """Adds phone numbers to a customer, one after the other."""
    for number in range(start, start + EACH):
        e164 = f"+49761{number:06}"
        given = {"customerId": f"cus_{customer}", "phone": {"kind": "MOBILE", "number": e164}}
        payload = await desk.done(SENIOR, mutation("addPhone"), input=given)
        if payload["userErrors"]:
            codes.append(payload["userErrors"][0]["code"])
        else:
            done.add(e164)


async def _notes(desk: Desk, claim: str, done: list[str], prefix: str) -> None:
    """Adds notes to a claim, which belongs to the one customer and then to the other."""
    for number in range(EACH):
        body = f"{prefix} {number}"
        payload = await desk.done(SENIOR, NOTE, input={"claimId": f"clm_{claim}", "body": body})
        assert payload["userErrors"] == []
        done.append(body)


async def test_what_is_done_while_merging_is_with_the_survivor(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    ((claim,),) = desk.rows(
        "update claims set customer_id = %s::uuid where id = (select id from claims order by id limit 1)"
        " returning id::text",
        duplicate,
    )
    phones: set[str] = set()
    notes: list[str] = []
    codes: list[str] = []
    workers: list[Any] = [_phones(desk, duplicate, 100_000 + 1_000 * n, phones, codes) for n in range(4)]
    workers += [_phones(desk, survivor, 200_000 + 1_000 * n, phones, codes) for n in range(3)]
    workers += [_notes(desk, claim, notes, f"worker {n}") for n in range(3)]

    async def merging() -> dict[str, Any]:
        await asyncio.sleep(0.2)
        return await merge(desk, f"cus_{survivor}", f"cus_{duplicate}")

    payload, *_ = await asyncio.gather(merging(), *workers)
    assert payload["userErrors"] == []
    # Who came too late was told; all that was done is there, and the survivor's.
    assert set(codes) <= {"CUSTOMER_MERGED"}
    assert len(phones) + len(codes) == 7 * EACH
    found = desk.rows("select e164, customer_id::text from phones where e164 = any(%s)", list(phones))
    assert {e164 for e164, _ in found} == phones
    assert {owner for _, owner in found} == {survivor}
    found = desk.rows("select body, customer_id::text from claim_notes where body like 'worker %%'")
    assert sorted(body for body, _ in found) == sorted(notes)
    assert {owner for _, owner in found} == {survivor}
    # Each of them has its event in the survivor's history.
    ((events,),) = desk.rows(
        "select count(*) from events where customer_id = %s::uuid and type = 'ContactInformationChanged'"
        " and actor = %s",
        survivor,
        f"usr_{SENIOR.id}",
    )
    assert events == len(phones)
    # And taken back, what was moved is apart again, with the notes on the claim that went with it.
    await unmerged_well(desk, payload["merge"]["id"], MANAGER)
    found = desk.rows("select distinct customer_id::text from claim_notes where body like 'worker %%'")
    assert found == [(duplicate,)]


async def test_two_merges_at_once_of_the_same_pair_are_one(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    payloads = await asyncio.gather(
        merge(desk, f"cus_{survivor}", f"cus_{duplicate}"),
        merge(desk, f"cus_{duplicate}", f"cus_{survivor}"),
        merge(desk, f"cus_{survivor}", f"cus_{duplicate}"),
    )
    codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
    assert codes == ["CUSTOMER_MERGED", "CUSTOMER_MERGED"]
    ((left,),) = desk.rows("select count(*) from customers where id = any(%s::uuid[])", [survivor, duplicate])
    assert left == 1


FEED = """query ($id: ID!) { customer(id: $id) {
  timeline(first: 100) { totalCount nodes { id } } events(first: 100) { nodes { cursor event { id } } } } }"""


async def test_history_and_feed_of_the_survivor_show_both_and_cursors_stay(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    numbers = "select number, event_id from event_feed order by number"
    feed = desk.rows(numbers)
    of_both = "select id::text from events where customer_id = any(%s::uuid[])"
    before = {row[0] for row in desk.rows(of_both, [survivor, duplicate])}
    await merge(desk, f"cus_{survivor}", f"cus_{duplicate}")
    after = {row[0] for row in desk.rows(of_both, [survivor])}
    assert before < after
    assert desk.rows(numbers)[: len(feed)] == feed
    answer = await desk.ask(MANAGER, FEED, id=f"cus_{duplicate}")
    assert not answer.outcome.errors
    assert answer.outcome.data

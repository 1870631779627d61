"""What old ids lead to for partners and for whoever follows them, and when a merge cannot be taken back."""

import asyncio
import json
from typing import Any

from auth.actor import Actor, user
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import MANAGER, run
from tests.changes.digests import everything
from tests.changes.merging.asking import UNMERGE, busy, merged_well, two, unmerged_well
from tests.changes.merging.test_merge import opened, rows_of_all
from tests.events.following import Feed, data, one
from transport.graphql_http import encode

FIND = """query ($id: ID!, $number: String!) {
  byId: customer(id: $id) { id number }
  byNumber: customer(number: $number) { id number }
  node(id: $id) { id ... on Customer { number } }
  nodes(ids: [$id]) { id ... on Customer { number } }
}"""
CHANGED = """subscription ($id: ID!, $after: String) {
  customerChanged(id: $id, after: $after) { cursor event { type } customer { id number } }
}"""


def _partner(number: int, partner_id: str) -> Actor:
    return user(f"0192f0c1-7c3e-7b11-a0b1-00000000003{number}", frozenset({Role.PARTNER}), partner_id=partner_id)


async def test_old_ids_and_numbers_lead_partners_to_the_survivor_in_their_book(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    ((mine, other),) = desk.rows("select min(id::text), max(id::text) from partners")
    # The partner sold a contract to the duplicate alone, the other one nothing to either.
    run(desk, "update contracts set partner_id = null where customer_id in (%s, %s)", survivor, duplicate)
    run(
        desk,
        "update contracts set partner_id = %s where id = (select id from contracts where customer_id = %s limit 1)",
        mine,
        duplicate,
    )
    run(desk, "update consents set status = 'GRANTED' where customer_id in (%s, %s)", survivor, duplicate)
    who, stranger = _partner(0, mine), _partner(1, other)
    ((number, old),) = desk.rows(
        "select s.number, d.number from customers s, customers d where s.id = %s and d.id = %s", survivor, duplicate
    )
    variables = {"id": f"cus_{duplicate}", "number": old}
    found = await _found(desk, who, **variables)
    assert found["byId"] == {"id": f"cus_{duplicate}", "number": old}
    await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    one_of_them = {"id": f"cus_{survivor}", "number": number}
    assert await _found(desk, who, **variables) == {
        "byId": one_of_them,
        "byNumber": one_of_them,
        "node": one_of_them,
        "nodes": [one_of_them],
    }
    assert await _found(desk, stranger, **variables) == {"byId": None, "byNumber": None, "node": None, "nodes": [None]}
    # Without the consent, the old names lead the partner nowhere, either.
    run(
        desk,
        "insert into consents (id, customer_id, purpose, status, channel, recorded_at)"
        " values (gen_random_uuid(), %s, 'PARTNER_SHARING', 'WITHDRAWN', 'PHONE', now())",
        survivor,
    )
    assert await _found(desk, who, **variables) == await _found(desk, stranger, **variables)


async def _found(desk: Desk, who: Actor, **variables: Any) -> Any:
    answer = await desk.ask(who, FIND, **variables)
    assert not answer.outcome.errors, answer.outcome.errors
    return json.loads(encode(answer.outcome.data))


async def test_who_follows_a_merged_customer_follows_the_survivor(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    feed = Feed(desk.runner, desk.services, AGENT)
    before = await feed.stream(CHANGED, id=f"cus_{duplicate}")
    # It waits where the feed ends now.
    first = asyncio.ensure_future(one(before))
    await asyncio.sleep(0.5)
    payload = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    wanted = {"id": f"cus_{survivor}", "number": payload["customer"]["number"]}
    told = data(await first)["customerChanged"]
    assert (told["event"], told["customer"]) == ({"type": "CustomerMerged"}, wanted)
    # So does who begins with the old id only now, from the same place on.
    anew = await feed.stream(CHANGED, id=f"cus_{duplicate}", after=told["cursor"])
    await merged_well(desk, f"cus_{survivor}", f"cus_{busy(desk, survivor)}")
    for stream in (before, anew):
        item = data(await one(stream))["customerChanged"]
        assert (item["event"], item["customer"]) == ({"type": "CustomerMerged"}, wanted)
        await stream.aclose()


async def test_a_merge_whose_survivor_was_merged_is_taken_back_after_that(desk: Desk) -> None:
    middle, first = two(desk)
    last = busy(desk, middle, first)
    rows, clear = rows_of_all(desk), await opened(desk)
    # The first merge changes a sealed value of its survivor, and keeps both.
    national_id = [{"field": "NATIONAL_ID", "side": "MERGED"}]
    assert {f"customers {middle}", f"customers {first}"} <= clear.keys()
    one_merge = (await merged_well(desk, f"cus_{middle}", f"cus_{first}", fields=national_id))["merge"]["id"]
    other_merge = (await merged_well(desk, f"cus_{last}", f"cus_{middle}"))["merge"]
    before = everything(desk)
    error = await _refused(desk, one_merge)
    assert (error["code"], error["field"]) == ("MERGED_FURTHER", ["input", "mergeId"])
    assert other_merge["mergedNumber"] in error["message"]
    assert everything(desk) == before
    await unmerged_well(desk, other_merge["id"])
    await unmerged_well(desk, one_merge)
    # All three are there again, with all that was theirs, what is sealed included.
    after = rows_of_all(desk)
    for state in (rows, after):
        for survivor in (middle, last):
            del state[f"customers {survivor}"]["version"], state[f"customers {survivor}"]["updated_at"]
    assert {key: row for key, row in after.items() if key in rows} == rows
    assert await opened(desk) == clear


async def test_a_merge_of_a_customer_who_was_erased_cannot_be_taken_back(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    merge = (await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}"))["merge"]["id"]
    # An erasure leaves the record of the merge and takes the customer's row out of it.
    run(
        desk,
        "update customer_merge_moves set kept = '{}' where merge_id = %s and place = 'customers'"
        " and effect = 'REMOVED'",
        merge.partition("_")[2],
    )
    before = everything(desk)
    error = await _refused(desk, merge)
    assert (error["code"], error["field"]) == ("ERASED", ["input", "mergeId"])
    assert everything(desk) == before


async def _refused(desk: Desk, merge_id: str) -> dict[str, Any]:
    """The one error of `unmergeCustomers`."""
    payload = await desk.done(MANAGER, UNMERGE, input={"mergeId": merge_id})
    assert payload["customer"] is None
    (error,) = payload["userErrors"]
    return error  # type: ignore[no-any-return]

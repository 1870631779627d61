"""Merging by the graph, as the tests ask for it."""

from typing import Any

from auth.actor import Actor
from tests.access.desk import Desk
from tests.changes.customers.asking import MANAGER

MERGE = """mutation ($input: MergeCustomersInput!, $key: String) {
  mergeCustomers(input: $input, idempotencyKey: $key) {
    customer { id number displayName version }
    merge { id mergedId mergedNumber customer { id } }
    moves { table effect count }
    fields { field side }
    userErrors { code message field currentVersion }
  }
}"""
UNMERGE = """mutation ($input: UnmergeCustomersInput!, $key: String) {
  unmergeCustomers(input: $input, idempotencyKey: $key) {
    customer { id number } merged { id number displayName } merge { undoneAt }
    userErrors { code message field currentVersion }
  }
}"""


async def merge(desk: Desk, survivor: str, merged: str, who: Actor = MANAGER, **given: Any) -> dict[str, Any]:
    """The payload of a merge, whatever came of it."""
    return await desk.done(who, MERGE, input={"survivorId": survivor, "mergedId": merged, **given})


async def merged_well(desk: Desk, survivor: str, merged: str, who: Actor = MANAGER, **given: Any) -> dict[str, Any]:
    """The payload of a merge that was made."""
    payload = await merge(desk, survivor, merged, who, **given)
    assert payload["userErrors"] == []
    return payload


async def unmerged_well(desk: Desk, merge_id: str, who: Actor = MANAGER) -> dict[str, Any]:
    """The payload of a merge that was taken back."""
    payload = await desk.done(who, UNMERGE, input={"mergeId": merge_id})
    assert payload["userErrors"] == []
    return payload


def busy(desk: Desk, *excluded: str) -> str:
    """The row id of a person on whom much hangs."""
    ((row_id,),) = desk.rows(
        "select u.id::text from customers u where u.kind = 'PERSON' and not u.restricted and not u.id::text = any(%s)"
        " and exists (select from contracts c where c.customer_id = u.id)"
        " order by (select count(*) from claims c where c.customer_id = u.id)"
        " + (select count(*) from events e where e.customer_id = u.id)"
        " + 20 * (select count(*) from household_members m where m.customer_id = u.id and m.left_on is null)"
        " + 20 * (select count(*) from medical_exams m where m.customer_id = u.id)"
        " + 20 * (select count(*) from bank_accounts b where b.customer_id = u.id) desc, u.id limit 1",
        list(excluded),
    )
    return str(row_id)


def two(desk: Desk) -> tuple[str, str]:
    """The row ids of two persons, a survivor and a duplicate, on whom much hangs."""
    first = busy(desk)
    return first, busy(desk, first)

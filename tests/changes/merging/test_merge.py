"""Merging duplicates: everything moves, old ids and numbers lead on, and taking it back restores what was."""

import json
from typing import Any

import pytest

import models
from auth.sealed import open_value
from changes.merging.owned import FOLLOWING, LED, LOOSE, SAME, STAYING, owners, owners_of
from changes.merging.survivorship import APART, COLUMNS, RESTRICTION
from core.database import make_pool
from models.customers import Customer
from models.sealed import SEALED_FIELDS
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import MANAGER, SENIOR, attempt, events, position, run
from tests.changes.digests import everything
from tests.changes.merging.asking import merge, merged_well, two, unmerged_well
from transport.graphql_http import encode


def test_every_column_that_leads_to_a_customer_is_known() -> None:
    """What names a customer, by a foreign key or by its name alone, moves or is left with a reason."""
    moving = {owner.table.name for owner in owners()}
    for table in models.metadata.sorted_tables:
        if owners_of(table):
            assert table.name in moving | STAYING.keys(), table.name
        elif "customer_id" in table.columns:
            assert table.name in FOLLOWING.keys() | LOOSE.keys(), table.name
    assert SAME.keys() | LED.keys() <= moving


def test_every_column_of_customers_survives_by_a_rule() -> None:
    known = {name for names in COLUMNS.values() for name in names} | set(RESTRICTION) | APART.keys()
    columns = {column.name for column in Customer.__table__.columns}  # type: ignore[attr-defined]
    assert columns - known == {"id", "version", "created_at", "updated_at", "kind"}


def hanging(desk: Desk, customer: str) -> dict[str, int]:
    """How many rows hang on a customer, by table and column."""
    found = {}
    for owner in owners():
        ((count,),) = desk.rows(f"select count(*) from {owner.table.name} where {owner.column} = %s::uuid", customer)
        if count:
            found[f"{owner.table.name}.{owner.column}"] = count
    return found


async def test_everything_moves_and_what_moved_is_told(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    before, of_duplicate = hanging(desk, survivor), hanging(desk, duplicate)
    assert {"contracts.customer_id", "events.customer_id", "payments.customer_id"} <= of_duplicate.keys()
    since = position(desk)
    payload = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    assert payload["customer"]["id"] == payload["merge"]["customer"]["id"] == f"cus_{survivor}"
    assert payload["merge"]["mergedId"] == f"cus_{duplicate}"
    assert hanging(desk, duplicate) == {}
    assert desk.rows("select count(*) from customers where id = %s::uuid", duplicate) == [(0,)]
    after = hanging(desk, survivor)
    gone = {move["table"]: move["count"] for move in payload["moves"] if move["effect"] == "REMOVED"}
    for name, count in of_duplicate.items():
        table = name.partition(".")[0]
        if table not in gone and table not in ("events", "customer_merges", "customer_merge_moves"):
            assert after[name] == before.get(name, 0) + count, name
    assert events(desk, survivor, since) == [("CustomerMerged", {"number": payload["merge"]["mergedNumber"]})]
    entry = (await desk.log("MUTATION"))[-1]
    assert entry["operation"] == "MergeCustomers"
    assert {survivor, duplicate} <= set(entry["customer_ids"])
    # The feed follows, its numbers do not change.
    assert desk.rows("select count(*) from event_feed where customer_id = %s::uuid", duplicate) == [(0,)]


LOOK = """query ($id: ID!, $number: String!) {
  byId: customer(id: $id) { id }
  byNumber: customer(number: $number) { id }
  node(id: $id) { id ... on Customer { number } }
  nodes(ids: [$id]) { id }
  search(query: $number) { matchedText object { ... on Customer { id } } }
}"""


async def test_old_ids_and_numbers_lead_to_the_survivor(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    payload = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    number = payload["merge"]["mergedNumber"]
    for who in (MANAGER, AGENT):
        answer = await desk.ask(who, LOOK, id=f"cus_{duplicate}", number=number)
        assert not answer.outcome.errors
        shown = _plain(answer.outcome.data)
        for name in ("byId", "byNumber", "node"):
            assert shown[name]["id"] == f"cus_{survivor}", name
        assert shown["nodes"] == [{"id": f"cus_{survivor}"}]
        assert shown["search"] == [{"matchedText": number, "object": {"id": f"cus_{survivor}"}}]


def _plain(value: Any) -> Any:
    return json.loads(encode(value))


async def test_a_merged_customer_refuses_commands_and_names_the_survivor(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    payload = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    before = everything(desk)
    answer = await attempt(desk, SENIOR, "suspendCustomer", {"customerId": f"cus_{duplicate}"})
    (error,) = _plain(answer.outcome.data)["suspendCustomer"]["userErrors"]
    assert error["code"] == "CUSTOMER_MERGED"
    assert payload["customer"]["number"] in error["message"]
    assert error["field"] == ["input", "customerId"]
    assert everything(desk) == before


def rows_of_all(desk: Desk, *but: str) -> dict[str, Any]:
    """Every row of the tables with business data, by table and key; sealed bytes apart, which are sealed anew."""
    sealed = {(field.table, field.sealed_column) for field in SEALED_FIELDS.values()}
    aside = {"audit_entries", "audit_seals", "event_queue", "sealing_keys", "data_keys", *but}
    found: dict[str, Any] = {}
    for table in models.metadata.sorted_tables:
        if table.name in aside:
            continue
        keys = ", ".join(f"t.{column.name}" for column in table.primary_key.columns)
        for key, row in desk.rows(f"select ({keys})::text, to_jsonb(t) from {table.name} t"):
            for name in [name for place, name in sealed if place == table.name]:
                row[name] = row[name] is not None
            found[f"{table.name} {key}"] = row
    return found


async def opened(desk: Desk) -> dict[str, str]:
    """Every sealed value in the clear."""
    keyring = await desk.services.keys.keyring()
    found = {}
    async with make_pool(desk.url, 1) as pool, pool.connection() as connection:
        for field in SEALED_FIELDS.values():
            for (row_id,) in desk.rows(f"select id from {field.table} where {field.sealed_column} is not null"):
                text = await open_value(connection, keyring, field.table, row_id, field.name)
                found[f"{field.table} {row_id}"] = text
    return found


_NEW = ("customer_merges", "customer_merge_moves", "event_feed", "events", "partner_book")


async def test_taking_it_back_restores_everything(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    before, clear = rows_of_all(desk), await opened(desk)
    choices = [{"field": name, "side": "MERGED"} for name in ("NAME", "BIRTH_DATE", "NATIONAL_ID", "KYC", "RISK")]
    payload = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}", fields=choices)
    assert rows_of_all(desk) != before
    between = await opened(desk)
    assert between[f"customers {survivor}"] == clear[f"customers {duplicate}"]
    assert {key: text for key, text in between.items() if not key.startswith("customers")}.items() <= clear.items()
    await unmerged_well(desk, payload["merge"]["id"])
    after = rows_of_all(desk)
    for row in (before, after):
        of_survivor = row[f"customers {survivor}"]
        del of_survivor["version"], of_survivor["updated_at"]
    assert {key: row for key, row in after.items() if key in before} == before
    assert {key.split()[0] for key in after.keys() - before.keys()} <= set(_NEW)
    assert await opened(desk) == clear
    answer = await desk.ask(AGENT, "query ($id: ID!) { customer(id: $id) { id } }", id=f"cus_{duplicate}")
    assert _plain(answer.outcome.data) == {"customer": {"id": f"cus_{duplicate}"}}
    again = await desk.done(MANAGER, UNMERGE_CODE, input={"mergeId": payload["merge"]["id"]})
    assert [error["code"] for error in again["userErrors"]] == ["ALREADY_UNMERGED"]


UNMERGE_CODE = "mutation ($input: UnmergeCustomersInput!) { unmergeCustomers(input: $input) { userErrors { code } } }"


async def test_a_dry_run_tells_and_changes_nothing(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    before = everything(desk)
    dry = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}", dryRun=True)
    assert dry["merge"] is None
    assert everything(desk) == before
    real = await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    assert (dry["moves"], dry["fields"]) == (real["moves"], real["fields"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mergedId": "itself"}, "SAME_CUSTOMER"),
        ({"mergedId": "organisation"}, "KIND_DIFFERS"),
        ({"expectedVersion": 999}, "CONFLICT"),
        (
            {"fields": [{"field": "NAME", "side": "MERGED"}, {"field": "NAME", "side": "SURVIVOR"}]},
            "BAD_USER_INPUT",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    survivor, duplicate = two(desk)
    ((firm,),) = desk.rows("select id::text from customers where kind = 'ORGANISATION' and not restricted limit 1")
    names = {"itself": survivor, "organisation": firm}
    if "mergedId" in given:
        given = {"mergedId": f"cus_{names[given['mergedId']]}"}
    before = everything(desk)
    payload = await desk.done(
        MANAGER,
        "mutation ($input: MergeCustomersInput!) { mergeCustomers(input: $input) { userErrors { code field } } }",
        input={"survivorId": f"cus_{survivor}", "mergedId": f"cus_{duplicate}", **given},
    )
    assert [error["code"] for error in payload["userErrors"]] == [code]
    assert everything(desk) == before


async def test_who_lacks_the_permission_or_does_not_see_both_changes_nothing(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    before = everything(desk)
    answer = await attempt(
        desk, AGENT, "mergeCustomers", {"survivorId": f"cus_{survivor}", "mergedId": f"cus_{duplicate}"}
    )
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        duplicate,
    )
    before = everything(desk)
    payload = await merge(desk, f"cus_{survivor}", f"cus_{duplicate}", SENIOR)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("NOT_FOUND", ["input", "mergedId"])]
    assert everything(desk) == before
    # Who sees both may, and the survivor is restricted from then on, with all it has.
    await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}")
    assert desk.rows("select restricted from customers where id = %s::uuid", survivor) == [(True,)]
    assert desk.rows("select count(*) from contracts where customer_id = %s::uuid and not restricted", survivor) == [
        (0,)
    ]

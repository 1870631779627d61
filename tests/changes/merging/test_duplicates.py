"""Finding duplicates: by what two customers share, with the reasons, fast, and for those who may know."""

import json
from dataclasses import replace
from typing import Any

from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import MANAGER, SENIOR, run
from tests.changes.merging.asking import two
from transport.graphql_http import encode

ONE = """query ($id: ID!) { customer(id: $id) {
  duplicateCandidates { score reasons candidate { id displayName } } } }"""
MANY = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer {
  id duplicateCandidates { score reasons candidate { id displayName } } } } }"""
ALL = """query ($after: String) { duplicateCandidates(first: 5, after: $after) {
  totalCount pageInfo { endCursor hasNextPage } nodes { score reasons customer { id } candidate { id } } } }"""


def alike(desk: Desk) -> tuple[str, str]:
    """Two persons who share name, day of birth, e-mail address and phone number."""
    first, second = two(desk)
    run(
        desk,
        "update customers c set first_name = o.first_name, last_name = o.last_name || 'e', birth_date = o.birth_date,"
        " display_name = o.display_name || 'e'"
        " from customers o where o.id = %s and c.id = %s",
        first,
        second,
    )
    for table, column in (("emails", "address"), ("phones", "e164")):
        desk.rows(f"delete from {table} where customer_id = any(%s::uuid[]) returning 1", [first, second])
        value = "one.of.two@mail.example" if table == "emails" else "+4976112345678"
        kind = "PERSONAL" if table == "emails" else "MOBILE"
        run(
            desk,
            f"insert into {table} (id, customer_id, kind, {column}, is_primary, created_at)"
            " select gen_random_uuid(), u, %s, %s, true, now() from unnest(%s::uuid[]) u",
            kind,
            value,
            [first, second],
        )
    return first, second


async def _asked(desk: Desk, who: Any, query: str, **variables: Any) -> Any:
    answer = await desk.ask(who, query, **variables)
    assert not answer.outcome.errors, answer.outcome.errors
    return json.loads(encode(answer.outcome.data)), answer


async def _pairs(desk: Desk, who: Any) -> list[tuple[str, str]]:
    """The row ids of all pairs, page by page, each page at the same few statements."""
    found: list[tuple[str, str]] = []
    after = None
    while True:
        shown, answer = await _asked(desk, who, ALL, after=after)
        page = shown["duplicateCandidates"]
        found += [(node["customer"]["id"][4:], node["candidate"]["id"][4:]) for node in page["nodes"]]
        assert answer.statements <= 4
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


async def test_the_likeliest_comes_first_with_the_reasons(desk: Desk) -> None:
    first, second = alike(desk)
    shown, answer = await _asked(desk, SENIOR, ONE, id=f"cus_{first}")
    best = shown["customer"]["duplicateCandidates"][0]
    assert best["candidate"]["id"] == f"cus_{second}"
    assert best["score"] == 1.0
    assert sorted(best["reasons"]) == ["BIRTH_DATE", "EMAIL", "NAME", "PHONE"]
    # The customer, the candidates, and who they are: however many there are.
    assert answer.statements == 3


async def test_statements_do_not_grow_with_customers_and_candidates(desk: Desk) -> None:
    first, _ = alike(desk)
    ids = [
        f"cus_{row}" for (row,) in desk.rows("select id::text from customers where not restricted and kind = 'PERSON'")
    ]
    spread = "update customers c set first_name = o.first_name, last_name = o.last_name, birth_date = o.birth_date"
    run(desk, f"{spread} from customers o where o.id = %s and c.id::text = any(%s)", first, [i[4:] for i in ids[:40]])
    _, small = await _asked(desk, SENIOR, MANY, ids=[ids[50]])
    many, large = await _asked(desk, SENIOR, MANY, ids=ids[:30])
    assert small.statements <= large.statements == 3
    assert all(len(node["duplicateCandidates"]) == 20 for node in many["nodes"])
    assert all(c["candidate"]["id"] != node["id"] for node in many["nodes"] for c in node["duplicateCandidates"])


async def test_contact_points_alone_do_not_make_one_of_a_person_and_an_organisation(desk: Desk) -> None:
    first, second = alike(desk)
    ((firm,),) = desk.rows(
        "select id::text from customers where kind = 'ORGANISATION' and not restricted order by id limit 1"
    )
    for table in ("emails", "phones"):
        run(desk, f"update {table} set customer_id = %s where customer_id = %s", firm, second)
    shown, _ = await _asked(desk, SENIOR, ONE, id=f"cus_{first}")
    assert f"cus_{firm}" not in json.dumps(shown)
    best = next(c for c in shown["customer"]["duplicateCandidates"] if c["candidate"]["id"] == f"cus_{second}")
    assert sorted(best["reasons"]) == ["BIRTH_DATE", "NAME"]
    assert 0.45 <= best["score"] < 0.8


async def test_the_list_of_all_has_each_pair_once(desk: Desk) -> None:
    first, second = sorted(alike(desk))
    found = await _pairs(desk, SENIOR)
    assert (first, second) in found
    # A pair has the same score and reasons as with either of its customers.
    shown, _ = await _asked(desk, SENIOR, ALL)
    best = shown["duplicateCandidates"]["nodes"][0]
    for one, other in ((first, second), (second, first)):
        alone, _ = await _asked(desk, SENIOR, ONE, id=f"cus_{one}")
        same = next(c for c in alone["customer"]["duplicateCandidates"] if c["candidate"]["id"] == f"cus_{other}")
        assert (same["score"], same["reasons"]) == (best["score"], best["reasons"])
    assert len({frozenset(pair) for pair in found}) == len(found)


async def test_restricted_customers_are_not_told_of(desk: Desk) -> None:
    first, second = alike(desk)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        second,
    )
    shown, _ = await _asked(desk, SENIOR, ONE, id=f"cus_{first}")
    assert f"cus_{second}" not in json.dumps(shown)
    assert all({first, second} - set(pair) for pair in await _pairs(desk, SENIOR))
    shown, _ = await _asked(desk, MANAGER, ONE, id=f"cus_{first}")
    assert f"cus_{second}" in json.dumps(shown)
    assert tuple(sorted((first, second))) in await _pairs(desk, MANAGER)


async def test_who_may_not_merge_or_not_know_birth_dates_learns_nothing(desk: Desk) -> None:
    first, _ = alike(desk)
    narrow = replace(SENIOR, permissions=SENIOR.permissions - {"customers:read_birth_date"})
    for who in (AGENT, narrow):
        answer = await desk.ask(who, ONE, id=f"cus_{first}")
        assert answer.codes == ["FORBIDDEN"]
        assert (answer.outcome.data or {})["customer"]["duplicateCandidates"] is None
        answer = await desk.ask(who, ALL)
        assert answer.codes == ["FORBIDDEN"]
        assert (answer.outcome.data or {})["duplicateCandidates"] is None

"""The family's view: household, members, relationships, and what they hold together."""

from decimal import Decimal

import psycopg
import pytest

from tests.graph import Graph

_FAMILY = """query ($number: String!) { household(number: $number) {
  name
  members { role leftOn customer { number household { number } totals { contractCount annualPremium { amount } } } }
  totals { contractCount annualPremium { amount currency } openClaimCount openReserve { amount } }
  contracts(first: 100) { totalCount nodes { number status annualPremium { amount currency } customer { number } } }
  claims(first: 100) { totalCount nodes { number isOpen contract { number } } } } }"""


@pytest.fixture
def household(demo_database: str) -> str:
    """The number of a household whose members hold several contracts and an open claim."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select h.number from households h join household_members m on m.household_id = h.id and m.left_on is null"
            " join contracts c on c.customer_id = m.customer_id left join claims s on s.contract_id = c.id"
            " group by h.number order by count(s.id) desc, count(c.id) desc limit 1"
        ).fetchone()
    assert row
    return str(row[0])


async def test_contracts_premiums_and_claims_of_the_family(graph: Graph, household: str) -> None:
    answer = await graph.ask(_FAMILY, number=household)
    family = answer.data["household"]
    present = {m["customer"]["number"] for m in family["members"] if m["leftOn"] is None}
    assert len(present) > 1
    contracts = family["contracts"]["nodes"]
    assert len(contracts) == family["contracts"]["totalCount"] > 1
    assert {node["customer"]["number"] for node in contracts} <= present
    in_force = [node for node in contracts if node["status"] in ("ACTIVE", "GRACE_PERIOD")]
    assert sum(total["contractCount"] for total in family["totals"]) == len(in_force)
    for total in family["totals"]:
        currency = total["annualPremium"]["currency"]
        mine = [node["annualPremium"] for node in in_force]
        expected = sum(Decimal(premium["amount"]) for premium in mine if premium["currency"] == currency)
        assert Decimal(total["annualPremium"]["amount"]) == expected
    numbers = {node["number"] for node in contracts}
    assert {node["contract"]["number"] for node in family["claims"]["nodes"]} <= numbers
    by_member = [total for m in family["members"] for total in m["customer"]["totals"] if m["leftOn"] is None]
    assert sum(total["contractCount"] for total in by_member) == len(in_force)


async def test_the_way_back(graph: Graph, household: str) -> None:
    family = (await graph.ask(_FAMILY, number=household)).data["household"]
    back = {m["customer"]["household"]["number"] for m in family["members"] if m["leftOn"] is None}
    assert back == {household}


async def test_relationships_from_both_ends(graph: Graph, demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select a.number, b.number from relationships r join customers a on a.id = r.customer_id"
            " join customers b on b.id = r.related_customer_id where r.kind = 'SPOUSE' limit 1"
        ).fetchone()
    assert row
    query = """query ($number: String!) { customer(number: $number) {
        relationships(where: { kind: { eq: SPOUSE } }) { nodes { kind relatedCustomer { number } } }
        inverseRelationships(where: { kind: { eq: SPOUSE } }) { nodes { kind customer { number } } } } }"""
    customer = (await graph.ask(query, number=row[0])).data["customer"]
    assert customer["relationships"]["nodes"] == [{"kind": "SPOUSE", "relatedCustomer": {"number": row[1]}}]
    assert customer["inverseRelationships"]["nodes"] == [{"kind": "SPOUSE", "customer": {"number": row[1]}}]

"""Only selected columns are fetched, and of a customer always the id, which the audit trail needs."""

import pytest

from core.pipeline import Row, Statement
from core.snapshot import Snapshot
from tests.graph import Graph


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements sent, noted as they pass; they are sent all the same."""
    sent: list[str] = []
    send = Snapshot._send

    async def noting(self: Snapshot, batch: list[Statement], *, last: bool) -> list[list[Row]]:
        sent.extend(sql.decode() for sql, _ in batch)
        return await send(self, batch, last=last)

    monkeypatch.setattr(Snapshot, "_send", noting)
    return sent


async def test_columns_of_a_root_list(graph: Graph, statements: list[str]) -> None:
    await graph.ask("{ customers(first: 1) { nodes { number riskBand } } }")
    assert statements == [
        "select t.number, t.risk_band, t.id::text from customers t order by t.sort_name, t.id limit 2"
    ]


async def test_cursors_bring_the_columns_of_the_order(graph: Graph, statements: list[str]) -> None:
    await graph.ask("{ customers(first: 1) { edges { cursor node { number } } } }")
    assert statements == [
        "select t.number, t.id::text, t.sort_name from customers t order by t.sort_name, t.id limit 2"
    ]


async def test_money_brings_only_its_selected_parts(graph: Graph, statements: list[str]) -> None:
    await graph.ask("{ contracts(first: 1) { nodes { premium { amount } } } }")
    assert statements[0].startswith("select t.premium_amount::text from contracts t")


async def test_skipped_fields_are_not_fetched(graph: Graph, statements: list[str]) -> None:
    query = "query ($no: Boolean!) { customers(first: 1) { nodes { number birthDate @include(if: $no) } } }"
    await graph.ask(query, no=False)
    assert "birth_date" not in statements[0]


async def test_fragments_on_the_interface_fetch_what_fits_the_type(graph: Graph, statements: list[str]) -> None:
    answer = await graph.ask("{ customers(first: 1) { nodes { id } } }")
    customer = answer.data["customers"]["nodes"][0]["id"]
    statements.clear()
    query = "query ($id: ID!) { node(id: $id) { __typename ... on Customer { number } ... on Claim { description } } }"
    answer = await graph.ask(query, id=customer)
    assert answer.data["node"]["__typename"] == "Customer"
    (statement,) = statements
    # The id may be of a customer that was merged since.
    assert "from customer_merges m" in statement
    assert "(select t.number, t.id::text from customers t where t.id = k.found limit 1)" in statement

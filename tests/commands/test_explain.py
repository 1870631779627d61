"""`c360 explain` tells what a query will cost, and is right."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from tests.graph import Graph


def _explain(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["explain", *arguments])
    return result.exit_code, result.output


async def test_the_canonical_query(repository: Path, graph: Graph, demo_database: str) -> None:
    import psycopg

    query = repository / "benchmarks/queries/customer_360.graphql"
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select c.number from customers c join payments p on p.customer_id = c.id"
            " join relationships r on r.customer_id = c.id join claims s on s.customer_id = c.id"
            " group by 1 order by count(distinct p.id) desc, 1"
        ).fetchone()
    assert row
    answer = await graph.ask(query.read_text("utf-8"), number=row[0])
    code, output = _explain(str(query), "--variables", json.dumps({"number": row[0]}))
    assert code == 0
    assert output.endswith(f"{answer.statements} statements in {answer.round_trips} round trips, and the commit\n")
    assert "customer.contracts.nodes.payments  (at most 70 rows)" in output


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ nonsense }", "Cannot query field"),
        ("{ __schema { queryType { name } } }", "graphql-core runs this operation, because of __schema"),
        ("{ customers(first: 1000) { totalCount } }", "first is between 0 and 100"),
        ("query A { __typename } query B { __typename }", "one operation is expected"),
        ("query ($first: Int!) { customers(first: $first) { totalCount } }", "$first"),
    ],
)
def test_what_cannot_be_explained_says_why(tmp_path: Path, query: str, message: str) -> None:
    file = tmp_path / "query.graphql"
    file.write_text(query, "utf-8")
    code, output = _explain(str(file))
    assert code == 1
    assert message in output
    assert len(output.splitlines()) == 1

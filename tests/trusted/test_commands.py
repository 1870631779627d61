"""`c360 documents`: what is published, retired, refused, and found broken."""

import json

import psycopg
import pytest

from tests.trusted.conftest import CUSTOMERS, PRODUCTS, Publisher, sha256


def test_the_life_of_a_document(own_publisher: Publisher) -> None:
    run = own_publisher
    file = run.file("names.graphql", CUSTOMERS)
    published = run.good("publish", file)
    assert published == f"{sha256(CUSTOMERS)}  Names: at most 2 statements, 101 rows, 28 points\n"
    assert run.good("publish", file).endswith("28 points; as before\n")
    assert f"{sha256(CUSTOMERS)}  query" in run.good("list")
    assert run.good("check") == "all 1 published operations fit the schema\n"
    assert run.good("retire", sha256(CUSTOMERS)) == f"retired {sha256(CUSTOMERS)}  Names\n"
    assert run.good("list") == ""
    assert "retired" in run.good("list", "--retired")
    assert "no published document" in run.bad("retire", sha256(CUSTOMERS))
    assert run.good("publish", file).endswith("28 points\n")
    assert run.good("check") == "all 1 published operations fit the schema\n"


def test_publishing_and_retiring_leave_audit_entries(own_publisher: Publisher) -> None:
    run = own_publisher
    run.good("publish", run.file("relay.json", json.dumps({"5d41402abc4b2a76b9719d911017c592": PRODUCTS})))
    run.good("retire", "5d41402abc4b2a76b9719d911017c592")
    (publish,), (retire,) = run.audit("documents publish"), run.audit("documents retire")
    assert publish == {
        "sha256": sha256(PRODUCTS),
        "ids": ["5d41402abc4b2a76b9719d911017c592"],
        "name": "Products",
        "statements": 1,
        "rows": 5,
        "points": 3,
    }
    assert retire["sha256"] == sha256(PRODUCTS)


def test_all_or_none_are_published(own_publisher: Publisher) -> None:
    run = own_publisher
    bad = run.file("bad.json", json.dumps({"1": "{ customers { nodes { shoeSize } } }", "2": PRODUCTS, "3": "{"}))
    told = run.bad("publish", run.file("good.graphql", CUSTOMERS), bad)
    assert f"{bad}: 1: Cannot query field 'shoeSize' on type 'Customer'" in told
    assert f"{bad}: 3: Syntax Error" in told
    assert run.good("list") == ""


def test_two_operations_in_one_document_are_refused(own_publisher: Publisher) -> None:
    file = own_publisher.file("two.graphql", f"{PRODUCTS} {CUSTOMERS}")
    assert "holds one operation, this one 2" in own_publisher.bad("publish", file)


def test_an_id_stands_for_one_document(own_publisher: Publisher) -> None:
    run = own_publisher
    run.good("publish", run.file("a.json", json.dumps({"one": PRODUCTS, "uno": PRODUCTS})))
    assert "one stands for another document" in run.bad("publish", run.file("b.json", json.dumps({"one": CUSTOMERS})))
    stolen = run.file("c.json", json.dumps({sha256(PRODUCTS): CUSTOMERS}))
    assert "stands for another document" in run.bad("publish", stolen)
    run.good("retire", "uno")
    run.good("publish", run.file("b.json", json.dumps({"one": CUSTOMERS})))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "[]", "neither Apollo's manifest nor Relay's"),
        ("a.json", "{", "no JSON in UTF-8"),
        ("a.json", '{"format": "x", "version": 1, "operations": []}', "expected apollo-persisted-query-manifest"),
        (
            "a.json",
            '{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}',
            "of version 1, got",
        ),
        (
            "a.json",
            '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "1", "name": "N"}]}',
            "operation 1 (N): the text of the operation is missing",
        ),
        ("a.json", '{"": "{ __typename }"}', "an id has 1 to 200 printable characters"),
        ("a.json", '{"1": 5}', "the text of the operation is missing"),
    ],
)
def test_a_file_of_another_form_is_refused(own_publisher: Publisher, name: str, content: str, message: str) -> None:
    assert message in own_publisher.bad("publish", own_publisher.file(name, content))


def test_check_tells_what_breaks_and_what_costs_more(own_publisher: Publisher) -> None:
    run = own_publisher
    run.publish(CUSTOMERS, PRODUCTS)
    with psycopg.connect(run.url) as connection:
        # Published under an earlier schema: with a field that has gone, and with fields that cost less.
        connection.execute(
            "update trusted_documents set body = replace(body, 'totalCount', 'shoeSize') where name = 'Names'"
        )
        connection.execute("update trusted_documents set row_bound = 4 where name = 'Products'")
    told = run.bad("check").splitlines()
    assert told[0].startswith(f"{sha256(CUSTOMERS)}  Names: Cannot query field 'shoeSize'")
    assert told[1] == (
        f"{sha256(PRODUCTS)}  Products: may cost 1 statements, 5 rows, 3 points now; "
        "published with 1 statements, 4 rows, 3 points"
    )
    assert told[2] == "2 of 2 published operations break"
    run.good("retire", sha256(CUSTOMERS), sha256(PRODUCTS))
    assert run.good("check") == "all 0 published operations fit the schema\n"


def test_check_changes_nothing_in_a_database_of_before(bare_database: str, own_publisher: Publisher) -> None:
    before = Publisher(bare_database, own_publisher._folder)
    assert before.good("check") == "all 0 published operations fit the schema\n"
    with psycopg.connect(bare_database) as connection:
        assert connection.execute("select to_regclass('trusted_documents')").fetchone() == (None,)


def test_files_are_checked_without_a_database(own_publisher: Publisher) -> None:
    nowhere = Publisher("postgresql://127.0.0.1:1/none", own_publisher._folder)
    assert nowhere.good("check", nowhere.file("a.graphql", PRODUCTS)) == "all operations fit the schema\n"
    assert "shoeSize" in nowhere.bad("check", nowhere.file("b.graphql", "{ customers { nodes { shoeSize } } }"))

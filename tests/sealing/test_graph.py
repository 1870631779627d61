"""What the graph shows of sealed values: masks, and nothing else by any way."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import LargeBinary
from strawberry.types.base import get_object_definition

import models
from core.snapshot import Pool, Snapshot
from execution.fields import RowField
from imports.mapping.catalogue import IMPORTABLE
from imports.mapping.catalogue import entity as importable
from loaders import sealed as edges
from loaders.batching import Loaders, Record
from loaders.request import Request
from loaders.statements import rows
from models.sealed import IBAN, NATIONAL_ID, SEALED_FIELDS
from resolvers.root import schema
from schema.registry import entities
from tests.graph import Graph
from tests.keys import keyring_in
from tests.sealing.stored import opened

_HIDDEN = {(f.table, name) for f in SEALED_FIELDS.values() for name in (f.sealed_column, f.index_column)}


async def test_values_come_masked(graph: Graph, demo_database: str) -> None:
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Customer { id nationalId { masked reason } bankAccounts { id iban { __typename reason masked } } }
        ... on MedicalExam { id notes { masked reason } } } }"""
    texts = opened(demo_database, keyring_in(demo_database))
    customers = [row_id for table, _, row_id in texts if table == "customers"][:40]
    exams = [row_id for table, _, row_id in texts if table == "medical_exams"][:10]
    ids = [*(f"cus_{row_id}" for row_id in customers), *(f"mex_{row_id}" for row_id in exams)]
    answer = await graph.ask(query, ids=ids)
    assert answer.outcome.interpreted is None
    nodes = {node["id"]: node for node in answer.data["nodes"]}
    accounts = 0
    for row_id in customers:
        node = nodes[f"cus_{row_id}"]
        text = texts["customers", "national_id", row_id].replace(" ", "").replace(".", "")
        assert node["nationalId"] == {"masked": f"•••• {text[-4:]}", "reason": "SENSITIVE"}
        for account in node["bankAccounts"]:
            iban = next(text for (_, _, place), text in texts.items() if f"bac_{place}" == account["id"])
            expected = {"__typename": "MaskedValue", "reason": "SENSITIVE", "masked": f"•••• {iban[-4:]}"}
            assert account["iban"] == expected
            accounts += 1
    assert accounts > 10
    for row_id in exams:
        assert nodes[f"mex_{row_id}"]["notes"] == {"masked": "••••", "reason": "SENSITIVE"}
    shown = repr(answer.outcome.data)
    assert [text for text in texts.values() if text in shown] == []


async def test_without_a_value_there_is_no_mask(graph: Graph) -> None:
    query = """{ customers(first: 3, where: { kind: { eq: ORGANISATION } }) { nodes { nationalId { reason } } } }"""
    answer = await graph.ask(query)
    assert [node["nationalId"] for node in answer.data["customers"]["nodes"]] == [None] * 3


def test_every_sealed_column_is_known_with_its_companions() -> None:
    for table in models.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_sealed"):
                assert isinstance(column.type, LargeBinary)
                field = SEALED_FIELDS[table.name, column.name.removesuffix("_sealed")]
                assert field.masked_column in table.columns
                assert (field.index_column in table.columns) == field.identifier
    for field in SEALED_FIELDS.values():
        assert field.sealed_column in models.metadata.tables[field.table].columns


def test_no_field_filter_or_order_reads_a_sealed_column_or_an_index() -> None:
    for entity in entities():
        shown = {
            column
            for field in get_object_definition(entity.type, strict=True).fields
            if isinstance(field, RowField)
            for column in field.columns
        }
        shown |= set(entity.where.__columns__.values()) if entity.where else set()
        shown |= {member.value for member in entity.order.__annotations__["field"]} if entity.order else set()
        assert not {(entity.table.name, column) for column in shown} & _HIDDEN
        # Neither by its mask: that would tell the end of the number.
        filters = set(entity.where.__columns__.values()) if entity.where else set()
        assert not any(column.endswith("_masked") for column in filters)
        for column in entity.table.columns:
            assert not (isinstance(column.type, LargeBinary) and column.name in shown)


def test_files_bring_no_sealed_columns() -> None:
    """A mapping cannot fill them: a file has no sealed values, and plain ones do not belong there."""
    for name in IMPORTABLE:
        targets = importable(name).targets
        assert not [t for t in targets if t.endswith(("_sealed", "_index", "_masked"))]


def test_no_key_is_in_the_graph() -> None:
    assert not {"DataKey", "SealingKey"} & set(schema._schema.type_map)
    assert not {"data_keys", "sealing_keys"} & {entity.table.name for entity in entities()}


async def test_edges_find_by_the_exact_value_however_it_is_written(demo_database: str, demo_pool: Pool) -> None:
    keyring = keyring_in(demo_database)
    texts = opened(demo_database, keyring)
    async with Snapshot(demo_pool) as snapshot:
        loaders = Loaders(snapshot)
        by_number = loaders.rows(rows(edges.by_national_id_index, Request(("id",))))
        by_iban = loaders.rows(rows(edges.bank_accounts_by_iban_index, Request(("id", "customer_id"))))
        for (table, _, row_id), text in list(texts.items())[:200]:
            for written in (text, text.lower(), text.replace(" ", "").replace(".", ""), f" {'-'.join(text)} "):
                if table == "customers":
                    found: Record | None = await by_number.load(keyring.index(NATIONAL_ID, written))
                    assert found is not None
                    assert found["id"] == str(row_id)
                elif table == "bank_accounts":
                    accounts: list[Record] = await by_iban.load(keyring.index(IBAN, written))
                    assert [record["id"] for record in accounts] == [str(row_id)]
        assert await by_number.load(keyring.index(NATIONAL_ID, "QQ 00 00 00 A")) is None
        assert await by_iban.load(keyring.index(IBAN, "DE00")) == []


@pytest.mark.parametrize(("table", "column"), [("customers", "national_id_index"), ("bank_accounts", "iban_index")])
def test_the_database_finds_them_by_an_index(demo_database: str, table: str, column: str) -> None:
    with psycopg.connect(demo_database) as connection:
        connection.execute("set enable_seqscan to off")
        plan: list[Any] = connection.execute(
            f"explain select id from {table} where {column} = any($1::text[])".replace("$1", "array['x']").encode()
        ).fetchall()
    assert column in str(plan)
    assert "Index" in str(plan)

"""Sealed values in the database: at rest nothing of them can be read, moved or guessed; erased they are gone."""

import asyncio
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

import models
from auth.sealed import Erased, NothingSealed, data_key, open_value, shred
from core.errors import BadInput
from core.ids import new_id
from core.sealing import Keyring, LocalKeys, SealError, masked, normalised
from models.sealed import IBAN, MEDICAL_NOTES, NATIONAL_ID, SEALED_FIELDS
from tests.keys import OTHER_MASTER_KEY
from tests.sealing.conftest import Connection
from tests.sealing.stored import opened, places


async def _ids(connection: Connection, query: str) -> list[UUID]:
    found = await connection.execute(query.encode())
    return [row[0] for row in await found.fetchall()]


async def test_every_value_opens_in_its_place(connection: Connection, keyring: Keyring, own_demo_database: str) -> None:
    expected = opened(own_demo_database, keyring)
    assert len(expected) > 150
    assert {place[:2] for place in expected} == set(SEALED_FIELDS)
    for (table, field, row_id), text in expected.items():
        assert await open_value(connection, keyring, table, row_id, field) == text


def test_at_rest_nothing_can_be_read(own_demo_database: str, keyring: Keyring) -> None:
    """No sealed text stands anywhere in the database, neither as it is written nor normalised."""
    texts = opened(own_demo_database, keyring)
    secrets = set(texts.values()) | {normalised(text) for text in texts.values()}
    with psycopg.connect(own_demo_database) as connection:
        everything = "\n".join(
            row[0]
            for table in models.metadata.tables
            for row in connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
        )
    assert len(everything) > 1_000_000
    assert [secret for secret in secrets if secret in everything or secret.encode().hex() in everything] == []


def test_masks_and_indexes_are_those_of_the_values(own_demo_database: str, keyring: Keyring) -> None:
    texts = opened(own_demo_database, keyring)
    with psycopg.connect(own_demo_database) as connection:
        for field in (NATIONAL_ID, IBAN):
            query = sql.SQL("select id, {}, {} from {}").format(
                sql.Identifier(field.masked_column), sql.Identifier(field.index_column), sql.Identifier(field.table)
            )
            for row_id, shown, index in connection.execute(query):
                text = texts.get((field.table, field.name, row_id))
                assert (shown, index) == (
                    (masked(normalised(text)), keyring.index(field, text)) if text else (None, None)
                )
        notes = connection.execute("select id, notes_masked from medical_exams").fetchall()
    assert {shown for _, shown in notes} == {"••••", None}
    assert all((("medical_exams", "notes", row_id) in texts) == (shown is not None) for row_id, shown in notes)


async def test_a_value_moved_to_another_row_does_not_open(connection: Connection, keyring: Keyring) -> None:
    one, other = (await _ids(connection, "select id from bank_accounts order by id"))[:2]
    await connection.execute(
        "update bank_accounts a set iban_sealed = b.iban_sealed from bank_accounts b where a.id = %s and b.id = %s",
        [one, other],
    )
    with pytest.raises(SealError, match=r"a sealed value of bank_accounts.iban does not open"):
        await open_value(connection, keyring, "bank_accounts", one, "iban")
    assert await open_value(connection, keyring, "bank_accounts", other, "iban")


async def test_a_row_given_to_another_customer_does_not_open(connection: Connection, keyring: Keyring) -> None:
    one, other = (await _ids(connection, "select id from bank_accounts order by id"))[:2]
    await connection.execute(
        "update bank_accounts set customer_id = (select customer_id from bank_accounts where id = %s) where id = %s",
        [other, one],
    )
    with pytest.raises(SealError):
        await open_value(connection, keyring, "bank_accounts", one, "iban")


async def test_a_value_moved_to_another_column_does_not_open(connection: Connection, keyring: Keyring) -> None:
    await connection.execute(
        "update medical_exams m set notes_sealed = c.national_id_sealed from customers c"
        " where c.id = m.customer_id and c.national_id_sealed is not null"
    )
    exam = (await _ids(connection, "select m.id from medical_exams m join customers c on c.id = m.customer_id"
                                   " where c.national_id_sealed is not null"))[0]  # fmt: skip
    with pytest.raises(SealError):
        await open_value(connection, keyring, "medical_exams", exam, "notes")


async def test_a_key_given_to_another_customer_does_not_open(connection: Connection, keyring: Keyring) -> None:
    one, other = (await _ids(connection, "select customer_id from data_keys order by customer_id"))[:2]
    await connection.execute(
        "update data_keys a set wrapped_key = b.wrapped_key from data_keys b"
        " where a.customer_id = %s and b.customer_id = %s",
        [one, other],
    )
    with pytest.raises(SealError, match="a key wrapped by master key"):
        await data_key(connection, keyring, one)


async def test_another_master_key_opens_nothing(
    connection: Connection, keyring: Keyring, own_demo_database: str
) -> None:
    table, field, row_id = places(own_demo_database)[0]
    stranger = Keyring(LocalKeys(OTHER_MASTER_KEY), bytes(32), bytes(32))
    with pytest.raises(SealError, match="which is not known here"):
        await open_value(connection, stranger, table, row_id, field)


@pytest.mark.parametrize(("table", "field"), [("customers", "birth_date"), ("customers", "iban"), ("x", "'; --")])
async def test_only_sealed_fields_are_opened(connection: Connection, keyring: Keyring, table: str, field: str) -> None:
    with pytest.raises(BadInput, match="this field is not sealed"):
        await open_value(connection, keyring, table, new_id(), field)


async def test_a_missing_row_and_a_missing_value_look_the_same(connection: Connection, keyring: Keyring) -> None:
    (firm, *_) = await _ids(connection, "select id from customers where kind = 'ORGANISATION'")
    for row_id in (firm, new_id()):
        with pytest.raises(NothingSealed, match="there is no such value"):
            await open_value(connection, keyring, "customers", row_id, "national_id")


async def test_a_value_written_later_opens_and_is_found(connection: Connection, keyring: Keyring) -> None:
    (customer, *_) = await _ids(
        connection, "select id from customers where id not in (select customer_id from data_keys)"
    )
    row_id = new_id()
    key = await data_key(connection, keyring, customer)
    columns = keyring.columns(key, IBAN, row_id, "DE89 3704 0044 0532 0130 00")
    await connection.execute(
        "insert into bank_accounts (id, customer_id, holder, iban_sealed, iban_index, iban_masked, bank_country,"
        " is_primary, created_at) values (%s, %s, 'Someone', %s, %s, %s, 'DE', true, now())",
        [row_id, customer, columns["iban_sealed"], columns["iban_index"], columns["iban_masked"]],
    )
    assert await open_value(connection, keyring, "bank_accounts", row_id, "iban") == "DE89 3704 0044 0532 0130 00"
    found = await connection.execute(
        "select id, iban_masked from bank_accounts where iban_index = %s",
        [keyring.index(IBAN, "de89370400440532013000")],
    )
    assert await found.fetchall() == [(row_id, "•••• 3000")]


async def test_two_that_seal_first_at_once_have_one_key(
    connection: Connection, keyring: Keyring, own_demo_database: str
) -> None:
    customers = await _ids(connection, "select id from customers where id not in (select customer_id from data_keys)")
    row_id = new_id()

    async def seal(customer: UUID) -> bytes:
        async with await psycopg.AsyncConnection.connect(own_demo_database, autocommit=True) as own:
            key = await data_key(own, keyring, customer)
            return key.seal(MEDICAL_NOTES, row_id, "Fit.")

    for customer in customers[:5]:
        sealed = await asyncio.gather(*(seal(customer) for _ in range(4)))
        key = await data_key(connection, keyring, customer)
        assert [key.open(MEDICAL_NOTES, row_id, value) for value in sealed] == ["Fit."] * 4


async def test_shredding_makes_all_values_of_a_customer_unreadable_and_no_others(
    connection: Connection, keyring: Keyring, own_demo_database: str
) -> None:
    before = opened(own_demo_database, keyring)
    (customer, *_) = await _ids(
        connection,
        "select c.id from customers c where national_id_sealed is not null"
        " and exists (select from bank_accounts b where b.customer_id = c.id)"
        " and exists (select from medical_exams m where m.customer_id = c.id and notes_sealed is not null)",
    )
    national_id = before["customers", "national_id", customer]
    mine = [("customers", "national_id", customer)]
    for table, field in (("bank_accounts", "iban"), ("medical_exams", "notes")):
        rows = await connection.execute(
            sql.SQL("select id from {} where customer_id = %s").format(sql.Identifier(table)), [customer]
        )
        mine += [(table, field, row[0]) for row in await rows.fetchall() if (table, field, row[0]) in before]
    assert len(mine) >= 3

    assert await shred(connection, customer) is True

    for table, field, row_id in mine:
        with pytest.raises(Erased):
            await open_value(connection, keyring, table, row_id, field)
    assert opened(own_demo_database, keyring) == {p: text for p, text in before.items() if p not in mine}
    row = await connection.execute(
        "select national_id_masked, national_id_index, (select count(*) from customers where national_id_index = %s)"
        " from customers where id = %s",
        [keyring.index(NATIONAL_ID, national_id), customer],
    )
    assert await row.fetchone() == ("••••", None, 0)
    accounts = await connection.execute(
        "select distinct iban_masked, iban_index from bank_accounts where customer_id = %s", [customer]
    )
    assert await accounts.fetchall() == [("••••", None)]
    assert await shred(connection, customer) is False


async def test_after_shredding_not_even_a_new_key_opens_what_is_left(connection: Connection, keyring: Keyring) -> None:
    (customer, *_) = await _ids(connection, "select id from customers where national_id_sealed is not null")
    await shred(connection, customer)
    await data_key(connection, keyring, customer)
    with pytest.raises(SealError):
        await open_value(connection, keyring, "customers", customer, "national_id")


async def test_shredding_is_part_of_the_callers_transaction(connection: Connection, keyring: Keyring) -> None:
    (customer, *_) = await _ids(connection, "select id from customers where national_id_sealed is not null")
    text = await open_value(connection, keyring, "customers", customer, "national_id")
    async with connection.transaction(force_rollback=True):
        assert await shred(connection, customer) is True
        with pytest.raises(Erased):
            await open_value(connection, keyring, "customers", customer, "national_id")
    assert await open_value(connection, keyring, "customers", customer, "national_id") == text

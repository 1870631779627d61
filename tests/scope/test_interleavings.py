"""However two transactions that decide who sees a customer run into each other, the book is right afterwards."""

from itertools import combinations, product
from random import Random
from typing import Any

import psycopg
import pytest

import models
from models.scope_ddl import _owners
from tests.scope.interleaving import interleave

# What may be said and done about one customer; {c} is the customer, {p} and {q} are partners, {k} is a contract.
CHANGES: dict[str, list[str]] = {
    "consent is withdrawn": [
        "insert into consents (id, customer_id, purpose, status, channel, recorded_at, partner_id)"
        " values (gen_random_uuid(), '{c}', 'PARTNER_SHARING', 'WITHDRAWN', 'PHONE', clock_timestamp(), null)"
    ],
    "consent is withdrawn for one partner": [
        "insert into consents (id, customer_id, purpose, status, channel, recorded_at, partner_id)"
        " values (gen_random_uuid(), '{c}', 'PARTNER_SHARING', 'WITHDRAWN', 'PHONE', clock_timestamp(), '{p}')"
    ],
    "consent is granted": [
        "insert into consents (id, customer_id, purpose, status, channel, recorded_at, partner_id)"
        " values (gen_random_uuid(), '{c}', 'PARTNER_SHARING', 'GRANTED', 'PHONE', clock_timestamp(), null)"
    ],
    "consents are erased": ["delete from consents where customer_id = '{c}'"],
    "a contract is sold": ["update contracts set partner_id = '{q}' where id = '{k}'"],
    "a contract is sold no longer": ["update contracts set partner_id = null where customer_id = '{c}'"],
    "contracts are sold anew": [
        "update contracts set partner_id = null where id = '{k}'",
        "update contracts set partner_id = '{p}' where customer_id = '{c}'",
    ],
    "a contract goes to another customer": ["update contracts set customer_id = '{d}' where id = '{k}'"],
    "the customer is restricted": [
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'test' where id = '{c}'"
    ],
    "the customer is no longer restricted": [
        "update customers set restricted = false, restricted_at = null, restriction_reason = null where id = '{c}'"
    ],
    "an order is brought": ["update orders set partner_id = '{p}' where customer_id = '{c}'"],
    "an address is added": [
        "insert into addresses (id, customer_id, kind, street, postal_code, city, country, is_primary, valid_from,"
        " created_at) select gen_random_uuid(), '{c}', kind, street, postal_code, city, country, false, valid_from,"
        " now() from addresses limit 1"
    ],
    "a claim is filed": [
        "insert into claims select (n.claim).* from (select jsonb_populate_record(null::claims, to_jsonb(s) ||"
        " jsonb_build_object('id', gen_random_uuid(), 'number', 'S-' || (random() * 1e9)::bigint,"
        " 'customer_id', '{c}', 'contract_id', '{k}')) as claim from claims s limit 1) n"
    ],
}
_PAIRS = [*combinations(CHANGES, 2), *((name, name) for name in CHANGES)]


def _ids(url: str) -> dict[str, str]:
    """A customer with a contract sold by a partner and an order, another customer, and two partners."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select k.customer_id::text, k.id::text, k.partner_id::text from contracts k"
            " where k.partner_id is not null and exists (select from partner_book b where b.object_id = k.customer_id)"
            " and exists (select from orders o where o.customer_id = k.customer_id) order by k.id limit 1"
        ).fetchone()
        assert row
        other = connection.execute(
            "select (select id::text from customers where id <> %s order by id limit 1),"
            " (select id::text from partners where id <> %s order by id limit 1)",
            (row[0], row[2]),
        ).fetchone()
        assert other
    return {"c": row[0], "k": row[1], "p": row[2], "d": other[0], "q": other[1]}


def wrong(url: str) -> list[Any]:
    """Where the book is not what the facts say, and flags are not those of the customers."""
    found: list[Any] = []
    with psycopg.connect(url) as connection:
        book = "select object_id, partner_id, kind, customer_id from partner_book"
        for query in (
            f"{book} except select object_id, partner_id, kind, customer_id from partner_book_facts",
            f"select object_id, partner_id, kind, customer_id from partner_book_facts except {book}",
        ):
            found += connection.execute(query.encode()).fetchall()
        for table in models.metadata.sorted_tables:
            if "restricted" not in table.columns or table.name == "customers":
                continue
            owners = ", ".join(f"t.{owner}" for owner in _owners(table))
            query = (
                f"select '{table.name}', t.id from {table.name} t where t.restricted <>"
                f" exists (select from customers c where c.restricted and c.id in ({owners}))"
            )
            found += connection.execute(query.encode()).fetchall()
    return found


def _orders(first: int, second: int) -> list[list[int]]:
    """Every way to mix so many statements and the commits of both."""
    steps = first + second + 2
    return [[0 if step in zeros else 1 for step in range(steps)] for zeros in combinations(range(steps), first + 1)]


@pytest.mark.parametrize("seed", range(4))
async def test_every_interleaving_ends_with_the_book_as_the_facts_say(own_demo_database: str, seed: int) -> None:
    """Pairs of changes of the same customer, every pair once over all seeds, in a random order of their statements.

    Each run begins where the last one ended, so that the states before them differ too.
    """
    ids, random = _ids(own_demo_database), Random(seed)
    assert wrong(own_demo_database) == []
    pairs = _PAIRS[seed::4]
    random.shuffle(pairs)
    ended = 0
    for one, other in pairs:
        first, second = ([text.format(**ids) for text in CHANGES[name]] for name in (one, other))
        order = random.choice(_orders(len(first), len(second)))
        failures = await interleave(own_demo_database, first, second, order)
        ended += sum(failure is not None for failure in failures)
        assert not all(failures), (one, other, order)
        assert wrong(own_demo_database) == [], (one, other, order)
    # Transactions of one change each wait for one another; only those that lock several rows may meet in a deadlock.
    assert ended <= len(pairs) // 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("consent is withdrawn", "a contract is sold"),
        ("consent is withdrawn", "a claim is filed"),
        ("the customer is restricted", "a contract is sold"),
        ("the customer is restricted", "an address is added"),
        ("consent is granted", "the customer is restricted"),
    ],
)
async def test_every_order_of_what_is_most_likely(own_demo_database: str, one: str, other: str) -> None:
    """All of them, from the same state."""
    ids = _ids(own_demo_database)
    first, second = ([text.format(**ids) for text in CHANGES[name]] for name in (one, other))
    back = [
        CHANGES["the customer is no longer restricted"][0],
        CHANGES["consents are erased"][0],
        "update contracts set partner_id = '{p}' where id = '{k}'",
    ]
    for order in _orders(len(first), len(second)):
        assert not any(await interleave(own_demo_database, first, second, order)), order
        assert wrong(own_demo_database) == [], order
        with psycopg.connect(own_demo_database) as connection:
            for text in back:
                connection.execute(text.format(**ids).encode())


async def test_other_levels_of_isolation_are_refused(own_demo_database: str) -> None:
    """They would not see what was committed while they waited."""
    ids = _ids(own_demo_database)
    for level, name in product(("repeatable read", "serializable"), ("consent is withdrawn", "a contract is sold")):
        with psycopg.connect(own_demo_database) as connection:
            connection.execute(f"set transaction isolation level {level}".encode())
            with pytest.raises(psycopg.errors.InvalidTransactionState):
                connection.execute(CHANGES[name][0].format(**ids).encode())

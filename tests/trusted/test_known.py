"""What a worker knows of the published documents: all names, texts up to a bound, and no look for what is unknown."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from core.database import make_pool
from core.snapshot import Pool
from execution.trusted.known import DocumentsUnavailable, KnownDocuments
from tests.trusted.conftest import CUSTOMERS, PRODUCTS, Publisher, sha256


@pytest.fixture
async def pool(empty_database: str) -> AsyncIterator[Pool]:
    async with make_pool(empty_database, 2) as pool:
        yield pool


def _fill(url: str, count: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            insert into trusted_documents
                (sha256, ids, body, name, kind, statements, row_bound, points, published_at, revision)
            select encode(sha256(convert_to('{ a' || n || ' }', 'UTF8')), 'hex'), array['own-' || n],
                   '{ a' || n || ' }', null, 'QUERY', 1, 1, 1, now(), n from generate_series(1, %s) n
            """,
            [count],
        )


async def test_known_texts_and_unknown_names_need_no_database(empty_database: str, pool: Pool) -> None:
    _fill(empty_database, 3)
    known = KnownDocuments(pool)
    await known.renew()
    first, second = known.find("own-1"), known.find("own-2")
    assert first is not None
    assert second is not None
    assert await known.body(first) == "{ a1 }"
    await pool.close()
    assert await known.body(first) == "{ a1 }"
    assert known.find("own-4") is None
    assert known.find(sha256("{ a3 }")) is not None
    with pytest.raises(DocumentsUnavailable):
        await known.body(second)


async def test_texts_are_kept_up_to_a_bound(empty_database: str, pool: Pool) -> None:
    _fill(empty_database, 50)
    known = KnownDocuments(pool, kept=30)
    await known.renew()
    for _ in range(2):
        for number in range(1, 51):
            document = known.find(f"own-{number}")
            assert document is not None
            assert await known.body(document) == f"{{ a{number} }}"
            assert known._characters == sum(map(len, known._bodies.values())) <= 30


async def test_only_what_has_changed_is_looked_at(empty_database: str, pool: Pool) -> None:
    _fill(empty_database, 3)
    known = KnownDocuments(pool)
    await known.renew()
    before = known.find("own-1")
    with psycopg.connect(empty_database) as connection:
        connection.execute("update trusted_documents set retired_at = now(), revision = 4 where ids = '{own-2}'")
        connection.execute("update trusted_documents set ids = '{own-33}', revision = 5 where ids = '{own-3}'")
    await known.renew()
    assert known.find("own-1") is before
    assert [known.find(name) for name in ("own-2", sha256("{ a2 }"), "own-3")] == [None, None, None]
    renamed = known.find("own-33")
    assert renamed is not None
    assert renamed is known.find(sha256("{ a3 }"))


async def test_an_id_may_pass_on_to_another_document(own_publisher: Publisher, pool: Pool) -> None:
    known = KnownDocuments(pool)
    for text in (PRODUCTS, CUSTOMERS):
        file = own_publisher.file("a.json", '{"one": "%s"}' % text)  # noqa: UP031
        await _in_thread(own_publisher, "publish", file)
        await known.renew()
        found = known.find("one")
        assert found is not None
        assert found.sha256 == sha256(text)
        await _in_thread(own_publisher, "retire", "one")


async def _in_thread(publisher: Publisher, *arguments: str) -> None:
    await asyncio.to_thread(publisher.good, *arguments)

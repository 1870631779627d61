"""Code that forgets the scope: PostgreSQL gives a partner its own rows all the same."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from auth.actor import Actor
from core.database import make_pool
from core.scope import PARTNER, STAFF
from core.snapshot import Pool, Snapshot
from loaders.base import Children, Edge, One, Page, source
from loaders.batching import EVERYTHING, CountLoader, EdgeLoader
from loaders.request import Condition, Request
from loaders.statements import counts, rows
from models.claims import Claim
from models.complaints import Complaint
from models.contracts import Contract
from models.customers import Customer
from models.grants import GRANTS
from models.history import Event
from schema.registry import entities
from tests.scope.expected import World


class _ForgetsItsBook(Page):
    """A list that does not begin with a partner's book."""

    book = None


EVERY_CUSTOMER = _ForgetsItsBook(source(Customer), None, None, order=("sort_name",))
EVERY_CLAIM = _ForgetsItsBook(source(Claim), None, None, order=("-reported_at",))
# An edge that ties rows to their key by a condition that is always true.
ANY_CONTRACT = Page(source(Contract), None, "true", order=("-started_on",))
ANY_EVENT = Page(source(Event), None, "t.id is not null or k.key is null", order=("-occurred_at",))
ALL_CONTRACTS_OF = Children(source(Contract), "customer_id", None)
CUSTOMER = One(source(Customer), "id", None)
COMPLAINTS = _ForgetsItsBook(source(Complaint), None, None)


@pytest.fixture
async def pool(scoped_database: str) -> AsyncIterator[Pool]:
    async with make_pool(scoped_database, 1, PARTNER) as pool:
        yield pool


async def _loaded(snapshot: Snapshot, edge: Edge, keys: list[str], request: Request) -> set[str]:
    """The ids an edge brings, by a loader that knows of no book: it is made for somebody without one."""
    loader = EdgeLoader(snapshot, rows(edge, request))
    # What EdgeLoader does for partners is what is forgotten here.
    loader.query = rows(edge, request)
    found = await snapshot.fetch(*loader.statement(keys))
    return {row[-1] for row in found}


async def test_an_edge_without_the_condition_of_the_book(pool: Pool, world: World, everybody: dict[str, Actor]) -> None:
    for name in ("partner_a", "partner_b"):
        partner = everybody[name].partner_id
        assert partner
        seen = world.seen_by_partner(partner)
        everyone = sorted(world.ids("customers"))
        request = Request(("id",))
        async with Snapshot(pool, partner) as snapshot:
            assert await _loaded(snapshot, EVERY_CUSTOMER, [EVERYTHING], request) == seen["customers"]
            assert await _loaded(snapshot, EVERY_CLAIM, [EVERYTHING], request) == seen["claims"]
            assert await _loaded(snapshot, ANY_CONTRACT, everyone[:1], request) == seen["contracts"]
            assert await _loaded(snapshot, ANY_EVENT, everyone[:1], request) == seen["events"]
            assert await _loaded(snapshot, ALL_CONTRACTS_OF, everyone, request) == seen["contracts"]
            assert await _loaded(snapshot, CUSTOMER, everyone, request) == seen["customers"]
            count = CountLoader(snapshot, counts(EVERY_CUSTOMER, ()))
            count.query = counts(EVERY_CUSTOMER, ())
            ((total,),) = await snapshot.fetch(*count.statement([EVERYTHING]))
            assert total == len(seen["customers"])


async def test_a_loader_that_asks_for_what_is_not_granted(pool: Pool, everybody: dict[str, Actor]) -> None:
    """Tables, columns, and columns in conditions and orders."""
    partner = everybody["partner_a"].partner_id
    for edge, request in (
        (COMPLAINTS, Request(("id",))),
        (EVERY_CUSTOMER, Request(("birth_date", "id"))),
        (EVERY_CUSTOMER, Request(("id",), where=(Condition("risk_score", "gt", 50),))),
        (EVERY_CUSTOMER, Request(("id",), order=("-income_amount",))),
        (EVERY_CLAIM, Request(("reserve_amount", "id"))),
    ):
        async with Snapshot(pool, partner) as snapshot:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await _loaded(snapshot, edge, [EVERYTHING], request)


async def test_a_snapshot_without_a_partner_shows_nothing(pool: Pool) -> None:
    async with Snapshot(pool) as snapshot:
        assert await snapshot.fetch(b"select id::text from customers", []) == []


async def test_raw_statements_give_what_the_graph_would(pool: Pool, world: World, everybody: dict[str, Actor]) -> None:
    """Whatever a resolver may send by itself, for every table that a partner may read."""
    partner = everybody["partner_a"].partner_id
    assert partner
    seen = world.seen_by_partner(partner)
    async with Snapshot(pool, partner) as snapshot:
        for entity in entities():
            table = entity.table.name
            if table in GRANTS[PARTNER.name] and "restricted" in entity.table.columns:
                found = await snapshot.fetch(f"select id::text from {table} -- no scope".encode(), [])
                assert {row[0] for row in found} == seen[table], table


async def test_the_ordinary_staff_gets_no_restricted_customer_by_a_raw_statement(
    scoped_database: str, world: World
) -> None:
    hidden = world.restricted()
    assert len(hidden) >= 3
    async with make_pool(scoped_database, 1, STAFF) as pool, Snapshot(pool) as snapshot:
        for entity in entities():
            table = entity.table.name
            if table not in GRANTS[STAFF.name]:
                continue
            found = await snapshot.fetch(f"select id::text from {table}".encode(), [])
            assert {row[0] for row in found} == world.seen_by_staff(table), table
    async with make_pool(scoped_database, 1, STAFF) as pool, Snapshot(pool) as snapshot:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await snapshot.fetch(b"select id from public.customers", [])

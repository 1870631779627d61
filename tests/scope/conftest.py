"""A demo world with every case that decides who sees whom."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from auth.actor import Actor
from auth.scope import role_of
from core.database import make_pool
from core.scope import ROLES
from execution.operations import Runner
from execution.services import open_services
from tests.databases import new_database
from tests.graph import Graph
from tests.scope.alone import keep_only
from tests.scope.expected import World
from tests.scope.two_worlds import TwoWorlds
from tests.scope.who import NAMES, actors, seen_by
from tests.scope.worker import Worker
from tests.signing_in import bearer, service_settings, sign_in_demo_users

# Customers with contracts of partners are found in the world; what they say and who is restricted is added to it.
_CASES = """
create temp table cases as
    select row_number() over (order by customer_id) as n, customer_id, min(partner_id::text)::uuid as partner_id
    from contracts c where partner_id is not null
      and not exists (select from consents s where s.customer_id = c.customer_id and s.purpose = 'PARTNER_SHARING')
      and not exists (select from customers u where u.id = c.customer_id and u.restricted)
    group by customer_id;
-- 1 withdrew for the partner; 2 for all; 3 for all, and granted it to the partner again; 4 granted and then withdrew;
-- 5 withdrew and then granted; 6 withdrew something else; 7 is restricted; 8 withdrew for another partner.
insert into consents (id, customer_id, purpose, status, channel, recorded_at, partner_id)
    select gen_random_uuid(), customer_id, said.purpose, said.status, 'PHONE', said.at, said.partner
    from cases, lateral (values
        (1, 'PARTNER_SHARING', 'WITHDRAWN', timestamptz '2026-01-01', partner_id),
        (2, 'PARTNER_SHARING', 'WITHDRAWN', '2026-01-01', null),
        (3, 'PARTNER_SHARING', 'WITHDRAWN', '2026-01-01', null),
        (3, 'PARTNER_SHARING', 'GRANTED', '2026-01-02', partner_id),
        (4, 'PARTNER_SHARING', 'GRANTED', '2026-01-01', partner_id),
        (4, 'PARTNER_SHARING', 'WITHDRAWN', '2026-01-02', partner_id),
        (5, 'PARTNER_SHARING', 'GRANTED', '2026-01-02', partner_id),
        (5, 'PARTNER_SHARING', 'WITHDRAWN', '2026-01-01', partner_id),
        (6, 'MARKETING', 'WITHDRAWN', '2026-01-01', null),
        (8, 'PARTNER_SHARING', 'WITHDRAWN', '2026-01-01',
         (select id from partners p where p.id <> cases.partner_id order by id limit 1))
    ) said(n, purpose, status, at, partner) where said.n = cases.n;
update customers set restricted = true, restricted_at = now() where id = (select customer_id from cases where n = 7);
-- Also restricted: somebody with relatives who are not, and all members of a household.
update customers set restricted = true, restricted_at = now() where id in (
        select related_customer_id from events e join relationships r on r.id = e.subject_id
        where e.customer_id = r.customer_id
        and not exists (select from cases c where c.customer_id in (r.customer_id, r.related_customer_id))
        order by r.id limit 1)
    or id in (select customer_id from household_members where household_id = (
        select household_id from household_members m group by 1
        having bool_and(not exists (select from cases c where c.customer_id = m.customer_id)) order by 1 limit 1));
-- 9 has contracts of two partners; 10 brought an order to a partner that sold nothing to it.
update contracts set partner_id = (select id from partners p where p.id <> contracts.partner_id order by id limit 1)
    where id = (select max(id::text)::uuid from contracts where partner_id is not null and customer_id =
        (select customer_id from contracts c join cases using (customer_id) where n > 8
         group by 1 having count(*) filter (where c.partner_id is not null) > 1 order by min(n) limit 1));
update orders set partner_id = (select id from partners p where not exists (
        select from contracts c where c.customer_id = orders.customer_id and c.partner_id = p.id) order by id limit 1)
    where id = (select max(o.id::text)::uuid from orders o join cases using (customer_id) where n = 10);
"""


@pytest.fixture(scope="session")
def scoped_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of that world; no test changes it."""
    with new_database(postgres, demo_template) as url:
        with psycopg.connect(url) as connection:
            connection.execute(_CASES)
        yield url


@pytest.fixture(scope="session")
def world(scoped_database: str) -> World:
    """All of its rows."""
    return World.of(scoped_database)


@pytest.fixture(scope="session")
def everybody(world: World) -> dict[str, Actor]:
    """Who asks, by name."""
    return actors(world)


@pytest.fixture(params=NAMES)
def who(request: pytest.FixtureRequest, everybody: dict[str, Actor]) -> Actor:
    """Each of them."""
    return everybody[request.param]


@pytest.fixture(scope="session")
def alone(postgres: str, scoped_database: str, world: World) -> Iterator[Callable[[Actor], str]]:
    """For an actor, the URL of a database in which nothing is left but what the actor may see."""
    with contextlib.ExitStack() as stack:
        made: dict[tuple[str, str | None], str] = {}

        def database(actor: Actor) -> str:
            role = role_of(actor)
            key = role.name, actor.partner_id
            if key not in made:
                name = str(conninfo_to_dict(scoped_database)["dbname"])
                made[key] = stack.enter_context(new_database(postgres, name))
                keep_only(made[key], seen_by(world, actor), role)
            return made[key]

        yield database


@pytest.fixture
async def worlds(
    who: Actor, alone: Callable[[Actor], str], scoped_database: str, world: World, runner: Runner
) -> AsyncIterator[TwoWorlds]:
    """The same graph for an actor over all rows, and over those alone that the actor may see."""
    url = alone(who)
    async with make_pool(scoped_database, 1, role_of(who)) as scoped, make_pool(url, 1) as own:
        yield TwoWorlds(Graph(runner, scoped, who), Graph(runner, own, TwoWorlds.unscoped(who)), world)


@pytest.fixture
async def worker(own_demo_database: str, tmp_path: Path, runner: Runner) -> AsyncIterator[Worker]:
    """A worker over a demo world of its own."""
    settings = service_settings(own_demo_database, tmp_path, rate_limit_factor=0)
    tokens = await sign_in_demo_users(settings)
    readers = {role.name: make_pool(own_demo_database, 1, role) for role in ROLES}
    async with make_pool(own_demo_database, 3) as pool, open_services(settings, pool, readers) as services:
        authenticator = services.authentication.authenticator
        actors = {role: await authenticator.actor(bearer(token)["authorization"]) for role, token in tokens.items()}
        yield Worker(runner, services, own_demo_database, actors)

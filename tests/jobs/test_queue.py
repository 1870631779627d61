"""The job queue: its tables are the library's, jobs of killed workers are taken over, timers do what they say."""

from datetime import timedelta
from importlib import metadata
from typing import Any

import psycopg
import pytest
from croniter import croniter  # type: ignore[import-untyped]
from procrastinate.schema import SchemaManager

from changes import idempotency
from changes.webhooks import TestWebhook
from core.ids import new_id
from execution.services import Services
from jobs.queue import lock_of
from jobs.timers import TIMERS, Timer
from models.base import utc_now
from tests.jobs.partner import Portal, working
from tests.jobs.receiver import Receiver, eventually

_MADE = """
select 'column' as kind, c.relname || '.' || a.attname as name,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) as definition
from pg_attribute a join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'jobs'::regnamespace and a.attnum > 0 and not a.attisdropped
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'jobs'::regnamespace
union all
select 'function', p.proname, pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'jobs'::regnamespace
union all
select 'trigger', t.tgname, pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = 'jobs'::regnamespace and not t.tgisinternal
order by 1, 2, 3"""


def _made(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_MADE).fetchall()


def test_the_tables_are_those_of_the_locked_library(bare_database: str, empty_database: str) -> None:
    with psycopg.connect(bare_database) as connection:
        connection.execute("create schema jobs")
        connection.execute("set search_path = jobs")
        connection.execute(SchemaManager.get_schema().encode())
    assert _made(empty_database) == _made(bare_database), (
        f"procrastinate {metadata.version('procrastinate')} has other tables than the migrations make: "
        "add a migration with its own from procrastinate/sql/migrations"
    )


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.name)
def test_a_timer_is_described_and_has_its_times(timer: Timer) -> None:
    assert timer.description.endswith(".")
    assert croniter.is_valid(timer.cron)
    assert len([one for one in TIMERS if one.name == timer.name]) == 1


def _timer(name: str) -> Timer:
    return next(timer for timer in TIMERS if timer.name == name)


async def test_old_idempotency_keys_are_forgotten(partner: Portal) -> None:
    services: Services = partner.services
    now = utc_now()
    async with services.pool.connection() as connection:
        for key, age in (("old", 31), ("new", 29)):
            command = TestWebhook(webhook_id=new_id())
            assert await idempotency.claim(connection, "usr_x", key, command, now - timedelta(days=age)) is None
    assert await _timer("forget-idempotency-keys").does(services) == 1
    assert partner.desk.rows("select key from idempotency_keys") == [("new",)]


async def test_old_deliveries_are_forgotten_and_waiting_ones_never(partner: Portal, receiver: Receiver) -> None:
    contract, other = partner.contracts(2)
    await partner.register(receiver.url)
    receiver.decide = lambda got: 200 if got.customer == contract.customer else 503
    async with working(partner, attempts=30, longest_pause=timedelta(hours=1), first_pause=timedelta(hours=1)):
        await partner.happen([contract, contract, other])
        await eventually(
            lambda: len(partner.desk.rows("select 1 from webhook_deliveries where status = 'DELIVERED'")) == 2, "noted"
        )
        await receiver.until(3)
    partner.set(
        "update webhook_deliveries set settled_at = settled_at - interval '31 days' where feed_number = ("
        "select min(feed_number) from webhook_deliveries)"
    )
    partner.set("update webhook_deliveries set created_at = created_at - interval '90 days'")
    assert await _timer("forget-webhook-deliveries").does(partner.services) == 1
    assert partner.desk.rows("select status from webhook_deliveries order by status") == [("DELIVERED",), ("WAITING",)]


_LEFT_BEHIND = """
with dead as (
    insert into procrastinate_workers (last_heartbeat) values (now() - interval '10 minutes') returning id)
insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, worker_id)
select 'none', 'webhooks.deliver', %s, jsonb_build_object('endpoint_id', %s::text), 'doing', id from dead"""
_NEXT = """
insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)
values ('none', 'webhooks.deliver', %s, jsonb_build_object('endpoint_id', %s::text), now() + interval '1 hour')"""


async def test_what_the_calendar_says_is_done_once(partner: Portal) -> None:
    partner.set("update contracts set started_on = current_date where status = 'PENDING'")
    partner.set("update payments set due_on = current_date - 90 where status in ('DUE', 'SCHEDULED')")
    services = partner.services
    timer = _timer("do-what-is-due")
    pending = partner.desk.rows("select id from contracts where status = 'PENDING' order by id")
    late = "select id from payments where status in ('DUE', 'SCHEDULED') and due_on < current_date - 60 order by id"
    overdue = partner.desk.rows(late)
    assert pending
    assert overdue
    assert await timer.does(services) > 0
    begun = partner.desk.rows("select status from contracts where id = any(%s)", [row[0] for row in pending])
    assert "PENDING" not in {row[0] for row in begun}
    told = "select count(*) from events where type = 'PaymentOverdue' and subject_id = any(%s) and actor = 'system'"
    ((count,),) = partner.desk.rows(told, [row[0] for row in overdue])
    assert count > 0
    # Nothing happens a second time, whoever looks again on the same day.
    everything = "select count(*) from events"
    before = partner.desk.rows(everything)
    await timer.does(services)
    assert partner.desk.rows(everything) == before


async def test_jobs_of_a_killed_worker_are_taken_over(partner: Portal) -> None:
    alone, followed = new_id(), new_id()
    async with working(partner) as worker:
        with psycopg.connect(partner.desk.url, autocommit=True, options="-c search_path=jobs") as connection:
            for endpoint in (alone, followed):
                connection.execute(_LEFT_BEHIND, [lock_of(endpoint), str(endpoint)])
            # Another one waits already for the same: two would be one too many.
            connection.execute(_NEXT, [lock_of(followed), str(followed)])
        # The timer may be at it too.
        await worker.queue.take_over(partner.services)
        left = "select queueing_lock, status::text from jobs.procrastinate_jobs"
        await eventually(lambda: partner.desk.rows(left) == [(lock_of(followed), "todo")], "done by this one")

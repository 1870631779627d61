"""Reading the feed for an endpoint: what follows its place becomes deliveries, in one transaction with the new place.

So a process may be killed at any moment: the place moves with the deliveries or not at all, and none is left out.
"""

from typing import Any
from uuid import UUID

from core.ids import new_id
from core.snapshot import Pool
from events.log import STRETCH
from jobs.rules import Rules
from models.history import SubjectKind
from models.scope import PARTNER_EVENTS
from schema.history import readable_kinds

# Deliveries made at once.
BATCH = 500

_PLACE = """
select w.partner_id, w.event_types, w.scopes, w.feed_number,
       (select coalesce(max(number), 0) from event_feed),
       (select count(*) from (select from webhook_deliveries d
                              where d.endpoint_id = w.id and d.status = 'WAITING' limit %(most)s) waiting)
from webhook_endpoints w join partners p on p.id = w.partner_id
where w.id = %(endpoint)s and w.status = 'ACTIVE' and p.status = 'ACTIVE' for no key update of w"""

# It narrows what is looked at, as an Interest does; what the partner may see is decided when it is sent.
_FOLLOWING = """
select f.number, f.event_id, coalesce(e.customer_id, e.id)
from event_feed f join events e on e.id = f.event_id
where f.number > %(after)s and f.number <= %(until)s and e.type = any(%(types)s) and e.subject_kind = any(%(kinds)s)
  and exists (select from partner_book b where b.object_id = e.subject_id and b.partner_id = %(partner)s
                                           and b.kind = e.subject_kind)
order by f.number limit %(limit)s"""

# What was delivered before is delivered again: the place was put back on purpose (replayWebhook).
_PUT_IN_LINE = """
insert into webhook_deliveries (id, endpoint_id, partner_id, message, event_id, feed_number, order_key, status,
                                attempts, next_attempt_at, created_at)
select d.id, %(endpoint)s, %(partner)s, 'EVENT', d.event_id, d.number, d.order_key, 'WAITING', 0, now(), now()
from unnest(%(ids)s::uuid[], %(events)s::uuid[], %(numbers)s::bigint[], %(keys)s::uuid[])
    as d (id, event_id, number, order_key)
on conflict (endpoint_id, event_id) do update set
    status = 'WAITING', attempts = 0, next_attempt_at = now(), lease = null, leased_until = null, settled_at = null,
    feed_number = excluded.feed_number"""
_MOVE = "update webhook_endpoints set feed_number = %s where id = %s"

_KINDS = [kind.value for kind in SubjectKind]


async def read_feed(pool: Pool, endpoint_id: UUID, rules: Rules) -> bool:
    """Make deliveries of a stretch of the feed; returns whether more follows at once.

    Nothing is read for an endpoint that is not active, or has as many deliveries waiting as may wait. Raises
    psycopg.Error, PoolTimeout.
    """
    async with pool.connection() as connection, connection.transaction():
        found = await connection.execute(_PLACE, {"endpoint": endpoint_id, "most": rules.waiting})
        row = await found.fetchone()
        if row is None:
            return False
        partner_id, types, scopes, after, head, waiting = row
        if after >= head or waiting >= rules.waiting:
            return False
        kinds = readable_kinds(frozenset(scopes))
        until = min(head, after + STRETCH)
        limit = min(BATCH, rules.waiting - waiting)
        parameters: dict[str, Any] = {
            "after": after,
            "until": until,
            "types": types or list(PARTNER_EVENTS),
            "kinds": _KINDS if kinds is None else sorted(kinds),
            "partner": partner_id,
            "limit": limit,
        }
        rows = await (await connection.execute(_FOLLOWING, parameters)).fetchall()
        if rows:
            await connection.execute(
                _PUT_IN_LINE,
                {
                    "endpoint": endpoint_id,
                    "partner": partner_id,
                    "ids": [new_id() for _ in rows],
                    "numbers": [row[0] for row in rows],
                    "events": [row[1] for row in rows],
                    "keys": [row[2] for row in rows],
                },
            )
        place = rows[-1][0] if len(rows) == limit else until
        await connection.execute(_MOVE, [place, endpoint_id])
        return bool(place < head)

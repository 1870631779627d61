"""Whether anything changed: a digest of every table that holds business data or events."""

from typing import Any

import models
from tests.access.desk import Desk

# What tells of refused commands, too.
_ASIDE = {"audit_entries", "audit_seals", "event_feed", "event_queue", "sealing_keys"}


def everything(desk: Desk) -> list[tuple[Any, ...]]:
    """A digest of each table: equal if, and only if, nothing was changed."""
    tables = [table.name for table in models.metadata.sorted_tables if table.name not in _ASIDE]
    digests = " union all ".join(
        f"select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t" for table in tables
    )
    return desk.rows(digests)

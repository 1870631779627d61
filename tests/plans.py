"""How PostgreSQL goes about a statement of the service: by the plan that serves all values, as the service runs it."""

import json
from typing import Any

import psycopg
from psycopg import sql


def generic_plan(
    connection: psycopg.Connection[Any], statement: bytes, values: list[Any], options: str = ""
) -> dict[str, Any]:
    """The root of the plan that EXPLAIN tells of a statement with `$1`, `$2`, …; `options` as in `analyze, buffers`."""
    connection.execute("set plan_cache_mode to force_generic_plan")
    connection.execute(b"prepare explained as " + statement)
    try:
        marks = sql.SQL(", ").join(sql.Literal(value) for value in values)
        given = sql.SQL("({})").format(marks) if values else sql.SQL("")
        asked = sql.SQL(f"{options}, format json" if options else "format json")
        row = connection.execute(sql.SQL("explain ({}) execute explained{}").format(asked, given)).fetchone()
    finally:
        connection.execute("deallocate explained")
    assert row
    # The JSON comes as text where the driver is not told of its type.
    found = row[0] if isinstance(row[0], list) else json.loads(row[0])
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """All nodes of a plan: their type, and the table and the index they read."""
    found = [(plan["Node Type"], plan.get("Relation Name"), plan.get("Index Name"))]
    for child in plan.get("Plans", ()):
        found += nodes(child)
    return found


def read_whole(plan: dict[str, Any]) -> set[str]:
    """Tables that are read from one end to the other."""
    return {str(table) for kind, table, _ in nodes(plan) if kind == "Seq Scan"}

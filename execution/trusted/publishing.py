"""Publishing, retiring and checking trusted documents: what `c360 documents` does in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import GraphQLSchema
from psycopg import AsyncConnection
from psycopg.rows import class_row

from auth.audit import administered, append
from core.errors import BadInput
from execution.trusted.budgets import Budget, Examined, Unfit, examined
from execution.trusted.manifests import Candidate

Connection = AsyncConnection[Any]

# Any fixed number nothing else uses. Changes come one after the other: so revisions grow in the order of commits.
_LOCK = 0x63333630646F6373
_SHORTEST_PREFIX = 8

_STORE = """
insert into trusted_documents as d
    (sha256, ids, body, name, kind, statements, row_bound, points, published_at, revision)
values (%(sha256)s, %(ids)s, %(body)s, %(name)s, %(kind)s, %(statements)s, %(rows)s, %(points)s, now(),
        (select coalesce(max(revision), 0) + 1 from trusted_documents))
on conflict (sha256) do update set ids = excluded.ids, statements = excluded.statements,
    row_bound = excluded.row_bound, points = excluded.points, published_at = excluded.published_at,
    retired_at = null, revision = excluded.revision
"""
_RETIRE = """
update trusted_documents set retired_at = now(),
    revision = (select max(revision) + 1 from trusted_documents)
where sha256 = %s
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A document as it is stored."""

    sha256: str
    ids: list[str]
    body: str = field(repr=False)
    name: str | None
    kind: str
    statements: int
    row_bound: int
    points: int
    published_at: datetime
    retired_at: datetime | None

    @property
    def budget(self) -> Budget:
        """What it may cost, as of its publication."""
        return Budget(self.statements, self.row_bound, self.points)


@dataclass(frozen=True, slots=True)
class Broken:
    """A published document that would no longer run under a schema, and why: each reason a line."""

    document: Published
    reasons: tuple[str, ...]


_ALL = """
select sha256, ids, body, name, kind, statements, row_bound, points, published_at, retired_at
from trusted_documents order by name, sha256
"""


async def published(connection: Connection) -> list[Published]:
    """All documents, the retired ones too, by name."""
    async with connection.cursor(row_factory=class_row(Published)) as cursor:
        await cursor.execute(_ALL)
        return await cursor.fetchall()


def fitting(schema: GraphQLSchema, candidates: Iterable[Candidate]) -> list[tuple[Examined, tuple[str, ...]]]:
    """Each distinct document with the ids its manifests give it. Raises Unfit naming all that do not fit the schema."""
    found: dict[str, tuple[Examined, dict[str, None]]] = {}
    reasons: list[str] = []
    for candidate in candidates:
        try:
            document = examined(schema, candidate.body)
        except Unfit as unfit:
            reasons += [f"{candidate.place}: {reason}" for reason in unfit.reasons]
            continue
        _, ids = found.setdefault(document.sha256, (document, {}))
        if candidate.own_id is not None and candidate.own_id != document.sha256:
            ids[candidate.own_id] = None
    if reasons:
        raise Unfit(*reasons)
    return [(document, tuple(ids)) for document, ids in found.values()]


async def publish(
    connection: Connection, documents: Sequence[tuple[Examined, Iterable[str]]]
) -> list[tuple[Examined, Published | None]]:
    """Store documents, all in one transaction; with each what was stored of it before.

    What is there already gets its budget anew, and keeps the ids it had. Raises BadInput when an id stands for another
    document that is not retired.
    """
    async with connection.transaction():
        await _lock(connection)
        before = {document.sha256: document for document in await published(connection)}
        taken = {name: d.sha256 for d in before.values() if d.retired_at is None for name in (d.sha256, *d.ids)}
        stored = []
        for document, ids in documents:
            old = before.get(document.sha256)
            kept = [*old.ids, *ids] if old is not None and old.retired_at is None else list(ids)
            for name in (document.sha256, *kept):
                if taken.setdefault(name, document.sha256) != document.sha256:
                    raise BadInput(f"the id {name} stands for another document; retire that first")
            await _store(connection, document, list(dict.fromkeys(kept)))
            stored.append((document, old))
    return stored


async def _store(connection: Connection, document: Examined, ids: list[str]) -> None:
    budget = document.budget
    numbers = {"statements": budget.statements, "rows": budget.rows, "points": budget.points}
    facts = {"sha256": document.sha256, "ids": ids, "name": document.name, **numbers}
    await connection.execute(_STORE, {**facts, "body": document.body, "kind": document.kind.value})
    await append(connection, administered("documents publish", facts))


async def retire(connection: Connection, names: Iterable[str]) -> list[Published]:
    """Refuse documents from now on, by hash, the beginning of one, or an id of their own; within seconds everywhere.

    Raises BadInput when a name stands for no document that is published, or for several.
    """
    retired = []
    async with connection.transaction():
        await _lock(connection)
        active = [document for document in await published(connection) if document.retired_at is None]
        for document in {d.sha256: d for d in (_named(active, name) for name in names)}.values():
            await connection.execute(_RETIRE, [document.sha256])
            facts = {"sha256": document.sha256, "ids": document.ids, "name": document.name}
            await append(connection, administered("documents retire", facts))
            retired.append(document)
    return retired


def _named(active: Iterable[Published], name: str) -> Published:
    prefix = name.lower() if len(name) >= _SHORTEST_PREFIX else None
    found = [d for d in active if name in d.ids or (prefix is not None and d.sha256.startswith(prefix))]
    if len(found) != 1:
        what = "several published documents" if found else "no published document"
        raise BadInput(f"{name} stands for {what}; give a hash, its first eight digits or more, or an id")
    return found[0]


async def _lock(connection: Connection) -> None:
    await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def broken(schema: GraphQLSchema, documents: Iterable[Published]) -> list[Broken]:
    """The documents that do not fit the schema any more, or would cost more than when they were published."""
    found = []
    for document in documents:
        if document.retired_at is not None:
            continue
        try:
            now = examined(schema, document.body).budget
        except Unfit as unfit:
            found.append(Broken(document, unfit.reasons))
            continue
        if not document.budget.covers(now):
            found.append(Broken(document, (f"may cost {now} now; published with {document.budget}",)))
    return found

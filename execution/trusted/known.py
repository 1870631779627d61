"""What a worker knows of the published documents, so that a request needs no look into the database.

It knows every id there is, and looks every two seconds for what has changed since: by their revision, one statement on
an index. So an id that is unknown is unknown without asking, whatever is asked for. Texts are fetched when they are
first wanted, and kept up to a bound.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from core.errors import RequestError
from core.snapshot import Pool
from execution.trusted.budgets import Budget, sha256

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 2.0
# Characters of all texts that are kept.
KEPT = 10_000_000

_CHANGED = """
select revision, sha256, ids, retired_at is null, statements, row_bound, points
from trusted_documents where revision > %s order by revision
"""
_BODY = "select body from trusted_documents where sha256 = %s and retired_at is null"


class DocumentsUnavailable(RequestError):
    """The text of a document cannot be read at the moment."""

    def __init__(self) -> None:
        super().__init__("SERVICE_UNAVAILABLE", "the database is not available at the moment")


@dataclass(frozen=True, slots=True)
class Trusted:
    """A published document by the names clients have for it, and its frozen budget."""

    sha256: str
    ids: tuple[str, ...]
    budget: Budget


class KnownDocuments:
    """The documents that are published, as of the last look."""

    def __init__(self, pool: Pool, kept: int = KEPT) -> None:
        self._pool = pool
        self._kept = kept
        self._revision = 0
        # By hash and by every other id.
        self._known: dict[str, Trusted] = {}
        self._bodies: OrderedDict[str, str] = OrderedDict()
        self._characters = 0
        self._exceeded: set[str] = set()

    def find(self, name: str) -> Trusted | None:
        """The document with this hash or id; None if there is none."""
        return self._known.get(name)

    async def body(self, document: Trusted) -> str | None:
        """The text of a document; None if it was retired just now. Raises DocumentsUnavailable."""
        found = self._bodies.get(document.sha256)
        if found is not None:
            self._bodies.move_to_end(document.sha256)
            return found
        try:
            async with self._pool.connection() as connection:
                row = await (await connection.execute(_BODY, [document.sha256])).fetchone()
        except (psycopg.Error, PoolTimeout) as error:
            log.error("a trusted document could not be read: %s", type(error).__name__)
            raise DocumentsUnavailable from None
        if row is None:
            return None
        if sha256(row[0]) != document.sha256:
            log.error("the text of trusted document %s was changed in the database", document.sha256)
            return None
        self._keep(document.sha256, row[0])
        return str(row[0])

    def exceeded(self, document: Trusted) -> None:
        """Say once in the log that a document costs more than when it was published."""
        if document.sha256 not in self._exceeded:
            self._exceeded.add(document.sha256)
            log.warning(
                "trusted document %s costs more than when it was published, and is refused: c360 documents check",
                document.sha256,
            )

    async def renew(self) -> None:
        """Look for what has changed. Raises psycopg.Error, PoolTimeout."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_CHANGED, [self._revision])).fetchall()
        for revision, digest, ids, active, statements, row_bound, points in rows:
            self._forget(digest)
            if active:
                document = Trusted(digest, tuple(ids), Budget(statements, row_bound, points))
                self._known.update(dict.fromkeys((digest, *ids), document))
            self._revision = revision

    def _forget(self, digest: str) -> None:
        old = self._known.get(digest)
        if old is not None and old.sha256 == digest:
            for name in (digest, *old.ids):
                if self._known.get(name) is old:
                    del self._known[name]
        self._characters -= len(self._bodies.pop(digest, ""))
        self._exceeded.discard(digest)

    def _keep(self, digest: str, body: str) -> None:
        if digest in self._bodies or len(body) > self._kept:
            return
        self._bodies[digest] = body
        self._characters += len(body)
        while self._characters > self._kept:
            _, dropped = self._bodies.popitem(last=False)
            self._characters -= len(dropped)


@asynccontextmanager
async def known_documents(pool: Pool) -> AsyncIterator[KnownDocuments]:
    """The documents of a worker, looked at again and again. Raises psycopg.Error when the first look fails."""
    known = KnownDocuments(pool)
    await known.renew()
    looking = asyncio.create_task(_look_again(known))
    try:
        yield known
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking


async def _look_again(known: KnownDocuments) -> None:
    failing = False
    while True:
        await asyncio.sleep(INTERVAL_SECONDS)
        try:
            await known.renew()
            failing = False
        except (psycopg.Error, PoolTimeout) as error:
            if not failing:
                log.warning("trusted documents could not be read: %s", type(error).__name__)
            failing = True

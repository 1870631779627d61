"""The audit log: who did, saw or was refused what (docs/adr/0016-audit.md).

async with running(settings) as audit:
    audit.record(profiles_opened(actor, customer_ids, operation=…, document_hash=…))   # written within a second

async with connection.transaction():
    …
    await append(connection, changed(actor, "changeAddress", …))                       # stands or falls with it
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import psycopg

from auth.audit.connection import AuditConnection
from auth.audit.entries import (
    Details,
    Entry,
    administered,
    changed,
    digest,
    profiles_opened,
    refused,
    revealed,
    sign_in_refused,
    signed_in,
    signed_out,
)
from auth.audit.insertion import append
from auth.audit.sealing import Sealer
from auth.audit.writer import AuditUnavailable, AuditWriter
from core.settings import Settings

log = logging.getLogger(__name__)

SEAL_SECONDS = 1.0
# Looking through the whole log, as after a restore, may take long.
_SEALING_PATIENCE_SECONDS = 3600.0


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[AuditWriter]:
    """The audit log of a process that serves: its writer; and what is committed gets sealed, by whichever process.

    At the end everything recorded is written, and sealed as far as it can be. Raises ValueError without database_url.
    """
    if settings.database_url is None:
        raise ValueError("the audit log needs a database_url")
    connection = AuditConnection(settings.database_url, _SEALING_PATIENCE_SECONDS)
    sealer = Sealer()
    sealing = asyncio.create_task(_seal(sealer, connection))
    writer = AuditWriter(
        settings.database_url,
        capacity=settings.audit_buffer,
        when_full=settings.audit_when_full,
        spill=settings.home_folder / "audit",
    )
    try:
        async with writer:
            yield writer
    finally:
        sealing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sealing
        with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
            async with connection.use() as database, asyncio.timeout(2):
                await sealer.seal_if_free(database)
        await connection.close()


async def _seal(sealer: Sealer, connection: AuditConnection) -> None:
    failing = False
    while True:
        await asyncio.sleep(SEAL_SECONDS)
        try:
            async with connection.use() as database:
                await sealer.seal_if_free(database)
            failing = False
        except (psycopg.Error, OSError, TimeoutError) as error:
            if not failing:
                log.warning("the audit log is not being sealed: %s", type(error).__name__)
            failing = True


__all__ = [
    "AuditUnavailable",
    "AuditWriter",
    "Details",
    "Entry",
    "administered",
    "append",
    "changed",
    "digest",
    "profiles_opened",
    "refused",
    "revealed",
    "running",
    "sign_in_refused",
    "signed_in",
    "signed_out",
]

"""`c360 audit`: the end of the chain over the audit log, and whether all of it is as it was sealed."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

import click
import psycopg

from auth.audit.chain import Head
from auth.audit.connection import connect
from auth.audit.sealing import Sealer, current_head
from auth.audit.verification import Verification
from core.errors import StartError

T = TypeVar("T")

# A log that was rewritten differs everywhere; so many lines tell that too.
MOST_LINES = 100


def head(url: str) -> str:
    """Seal what can be, and give the end of the chain. Raises StartError without an audit log, and psycopg.Error."""
    return str(_run(_head(url)))


async def _head(url: str) -> Head:
    async with await connect(url) as connection:
        await Sealer().seal(connection)
        return await current_head(connection)


def verify(url: str, expected: Iterable[str]) -> bool:
    """Seal what can be, walk the whole chain, print what does not fit, and tell whether everything did.

    Raises StartError when one of `expected` is no head or there is no audit log, and psycopg.Error.
    """
    try:
        heads = [Head.parse(text) for text in expected]
    except ValueError as error:
        raise StartError(f"--expect: {error}") from None
    return _run(_verify(url, heads))


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except psycopg.errors.UndefinedTable:
        raise StartError("the database has no audit log yet; run c360 migrate first") from None


async def _verify(url: str, expected: list[Head]) -> bool:
    async with await connect(url) as connection:
        sealer = Sealer()
        await sealer.seal(connection)
        verification, lines = Verification(sealer.horizon, expected), 0
        async for line in verification.run(connection):
            lines += 1
            if lines <= MOST_LINES:
                click.echo(line)
    if lines > MOST_LINES:
        click.echo(f"… and {lines - MOST_LINES:,} more")
    pending = f", {verification.pending:,} more wait for running transactions" if verification.pending else ""
    sealed = f"{verification.head.number:,} sealed entries{pending}"
    if lines:
        click.echo(f"the audit log is not whole: {lines:,} findings in {sealed}")
    else:
        click.echo(f"the audit log is whole: {sealed}")
        click.echo(f"head {verification.head}")
    return not lines

"""`c360 documents`: the operations that clients ask for by hash or id (docs/operations.md#trusted-documents)."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from execution.trusted.publishing import Connection, Published

# What is imported within the commands is slow to import, and other commands do not need it.

_Result = TypeVar("_Result")
_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def documents() -> None:
    """Trusted documents: publish, list, retire, check."""


@documents.command()
@click.argument("files", nargs=-1, required=True, type=_FILES, metavar="FILE...")
def publish(files: tuple[Path, ...]) -> None:
    """Publish the operations of files: GraphQL, Apollo's manifest or Relay's persisted queries (both .json).

    All or none. Each operation keeps the most it may cost now; published again, it gets that anew.
    """
    from execution.trusted.budgets import Unfit
    from execution.trusted.manifests import read
    from execution.trusted.publishing import fitting
    from execution.trusted.publishing import publish as store
    from resolvers.root import schema

    try:
        found = fitting(schema._schema, [candidate for file in files for candidate in read(file)])
    except Unfit as unfit:
        _refuse(unfit.reasons, "nothing was published")
    for document, old in _run(lambda connection: store(connection, found)):
        before = ""
        if old is not None and old.retired_at is None:
            before = "; as before" if old.budget == document.budget else f"; before {old.budget}"
        click.echo(f"{document.sha256}  {document.name or '(no name)'}: at most {document.budget}{before}")


@documents.command("list")
@click.option("--retired", is_flag=True, help="Show those that were retired, too.")
def list_documents(retired: bool) -> None:
    """Show the published operations with what they may cost."""
    from execution.trusted.publishing import published

    for document in _run(published):
        if document.retired_at is None:
            state = f"since {document.published_at:%Y-%m-%d}"
        elif retired:
            state = f"retired {document.retired_at:%Y-%m-%d}"
        else:
            continue
        points = f"{document.points:,} points"
        click.echo(f"{document.sha256}  {document.kind.lower():12} {state:18} {points:>14}  {document.name or ''}")
        if document.ids:
            click.echo(f"{'':64}  {' '.join(document.ids)}")


@documents.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
def retire(names: tuple[str, ...]) -> None:
    """Refuse operations from now on, by hash, its first eight digits or more, or the id of their manifest."""
    from execution.trusted.publishing import retire as take_back

    for document in _run(lambda connection: take_back(connection, names)):
        click.echo(f"retired {document.sha256}  {document.name or ''}".rstrip())


@documents.command()
@click.argument("files", nargs=-1, type=_FILES, metavar="[FILE]...")
def check(files: tuple[Path, ...]) -> None:
    """Say which published operations break under the schema of this version, or cost more; if any, the status is 1.

    Run it with the new version before that is deployed: it changes nothing. With files, it looks at their operations
    instead, without a database.
    """
    from execution.trusted.budgets import Unfit
    from execution.trusted.manifests import read
    from execution.trusted.publishing import broken, fitting
    from resolvers.root import schema

    if files:
        try:
            fitting(schema._schema, [candidate for file in files for candidate in read(file)])
        except Unfit as unfit:
            _refuse(unfit.reasons, "these do not fit the schema")
        click.echo("all operations fit the schema")
        return
    active = [document for document in _run(_stored, migrate=False) if document.retired_at is None]
    found = broken(schema._schema, active)
    for one in found:
        for reason in one.reasons:
            click.echo(f"{one.document.sha256}  {one.document.name or '(no name)'}: {reason}")
    if found:
        click.echo(f"{len(found)} of {len(active)} published operations break")
        sys.exit(1)
    click.echo(f"all {len(active)} published operations fit the schema")


async def _stored(connection: "Connection") -> "list[Published]":
    """The published documents; none in a database from before there were any."""
    import psycopg

    from execution.trusted.publishing import published

    try:
        return await published(connection)
    except psycopg.errors.UndefinedTable:
        return []


def _refuse(reasons: tuple[str, ...], conclusion: str) -> NoReturn:
    for reason in reasons:
        click.echo(reason, err=True)
    raise click.ClickException(conclusion)


def _run(action: "Callable[[Connection], Awaitable[_Result]]", *, migrate: bool = True) -> _Result:
    """Do something with the settings' database, brought to the newest schema first unless it is only looked at."""
    from core.errors import RequestError
    from core.server import database
    from core.settings import load
    from migrations import upgrade

    async def connected(url: str) -> _Result:
        import psycopg

        async with await psycopg.AsyncConnection.connect(url) as connection:
            return await action(connection)

    with database(load()) as url:
        if migrate:
            upgrade(url)
        try:
            return asyncio.run(connected(url))
        except RequestError as error:
            raise click.ClickException(str(error)) from None

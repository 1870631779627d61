"""The `c360` command."""

# ruff: noqa: E402
import gc

# Imports and the schema make many objects and no garbage: looking for some takes a fifth of the time to start.
gc.disable()

import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click

from commands.api_keys import api_key
from commands.documents import documents
from commands.signing_keys import new_signing, rotate_signing
from commands.users import user
from core.errors import StartError
from core.settings import Settings, load


class _OneLine(click.Group):
    """Shows errors that concern the user as one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        from core.server import REFUSALS, first_line

        try:
            return super().invoke(ctx)
        except StartError as error:
            raise click.ClickException(str(error)) from None
        except REFUSALS as error:
            raise click.ClickException(f"the database refuses: {first_line(error)}") from None


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="customer360")
@click.pass_context
def main(context: click.Context) -> None:
    """customer360: a GraphQL customer-360 service for insurers.

    Settings come from the environment: C360_HOST, C360_PORT, C360_HOME, C360_WORKERS, DATABASE_URL; see
    docs/operations.md.
    """
    if context.invoked_subcommand != "serve":
        gc.enable()


@main.command()
def serve() -> None:
    """Start the service, on its own PostgreSQL unless DATABASE_URL is set; an empty database gets a demo world."""
    settings = load()
    from commands.serve import run

    run(settings)


@main.command()
def worker() -> None:
    """Do background work only: webhooks and timers, besides what `c360 serve` does of it, or in its place."""
    from commands.background import run

    run(load())


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from migrations import upgrade

    with _database(load()) as url:
        click.echo("the database is at the newest schema" if not upgrade(url) else "migrated to the newest schema")


@main.command()
@click.option("--customers", type=click.IntRange(min=1), required=True, help="How many customers to make.")
@click.option("--seed", type=int, default=360, show_default=True, help="The same seed makes the same world.")
def demo(customers: int, seed: int) -> None:
    """Add a believable world of customers to the database."""
    from core.sealing import open_keyring, require_master_key
    from imports import demo as generator
    from imports.progress import progress_bar
    from migrations import upgrade

    settings = load()
    require_master_key(settings)
    with _database(settings) as url:
        upgrade(url)
        keyring = open_keyring(settings, url)
        with progress_bar("customers") as advance:
            summary = generator.generate(url, customers, seed, keyring=keyring, progress=advance)
    for table, rows in summary.rows.items():
        click.echo(f"{table:28} {rows:>12,}")
    total = sum(summary.rows.values())
    click.echo(f"{'in all':28} {total:>12,} rows in {summary.seconds:.1f} s ({total / summary.seconds:,.0f} rows/s)")


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where to write rows that are refused."
)
def import_file(file: Path, mapping: Path, dry_run: bool, rejects: Path | None) -> None:
    """Load a CSV file by a mapping (docs/mapping-format.md)."""
    from imports import files
    from imports.progress import progress_bar, show_summary
    from migrations import upgrade

    with _database(load()) as url:
        upgrade(url)
        with progress_bar("bytes read") as advance:
            summary = files.run(url, file, mapping, dry_run=dry_run, rejects=rejects, progress=advance)
    show_summary(summary, rejects=rejects is not None)


@main.command()
@click.option("--check", is_flag=True, help="Fail if schema/schema.graphql is not what the code makes.")
def schema(check: bool) -> None:
    """Write the SDL to schema/schema.graphql."""
    from resolvers.sdl import SDL_FILE, sdl

    _generated(SDL_FILE, sdl(), "schema", check=check)


@main.command()
@click.option("--check", is_flag=True, help="Fail if docs/entities.md is not what the code makes.")
def entities(check: bool) -> None:
    """Write the entity reference to docs/entities.md."""
    from commands.entity_reference import FILE, text

    _generated(FILE, text(), "entities", check=check)


@main.command()
@click.option("--check", is_flag=True, help="Fail if docs/workflows.md is not what the code makes.")
def workflows(check: bool) -> None:
    """Draw the workflows to docs/workflows.md."""
    from commands.workflow_reference import FILE, text

    _generated(FILE, text(), "workflows", check=check)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--variables", default="", help="Variables as a JSON object; else FILE.variables.json, if it is there.")
def explain(file: Path, variables: str) -> None:
    """Show how a query would be run: its levels, statements, columns and bounds."""
    import json

    from commands.explain import explained

    try:
        values = json.loads(variables or "{}")
    except ValueError as error:
        raise click.ClickException(f"--variables: {error}") from None
    click.echo(explained(file, values), nl=False)


@main.group()
def keys() -> None:
    """Make and exchange the keys of the service."""


keys.add_command(new_signing)
keys.add_command(rotate_signing)
main.add_command(user)
main.add_command(api_key)
main.add_command(documents)


@keys.command()
def generate() -> None:
    """Print a new master key, as C360_MASTER_KEY and C360_MASTER_KEY_FILE take it."""
    from core.sealing import new_master_key

    click.echo(new_master_key())


@keys.command("rotate-master")
@click.option("--batch", type=click.IntRange(min=1), default=500, show_default=True, help="Keys in a transaction.")
def rotate_master(batch: int) -> None:
    """Wrap all data keys anew by the current master key; may be killed and run again, and the service may run."""
    from commands.keys import rotate

    rotate(load(), batch)


@main.group()
def audit() -> None:
    """Look after the audit log."""


@audit.command("head")
def audit_head() -> None:
    """Print the end of the chain over the audit log, to be noted where nobody can change it."""
    from commands.audit import head

    with _database(load()) as url:
        click.echo(head(url))


@audit.command("verify")
@click.option("--expect", metavar="HEAD", multiple=True, help="A head that was noted before; may be repeated.")
def audit_verify(expect: tuple[str, ...]) -> None:
    """Say what in the audit log was changed, removed, inserted or moved; if anything was, the exit status is 1."""
    from commands.audit import verify

    with _database(load()) as url:
        whole = verify(url, expect)
    if not whole:
        sys.exit(1)


def _generated(file: Path, made: str, command: str, *, check: bool) -> None:
    """Write a generated file, or with `check` fail if it is not what the code makes."""
    if not check:
        file.write_text(made, "utf-8")
        click.echo(f"wrote {file}")
    elif not file.exists() or file.read_text("utf-8") != made:
        raise click.ClickException(f"{file} is not what the code makes; run: c360 {command}")


def _database(settings: Settings) -> AbstractContextManager[str]:
    from core.server import database

    return database(settings)


if __name__ == "__main__":
    sys.exit(main())

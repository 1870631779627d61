"""`c360 keys new-signing` and `rotate-signing`: the keys that sign access tokens."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import StartError
from core.settings import load

if TYPE_CHECKING:
    from datetime import datetime

    from auth.access import Access

_BY_FILE = (
    "the signing key comes from C360_SIGNING_KEY_FILE. Make a new one with `c360 keys new-signing FILE`, and see "
    "docs/operations.md on how to exchange them"
)


@click.command("new-signing")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new_signing(file: Path) -> None:
    """Write a new private key for signing (Ed25519, PEM) to FILE, readable by its owner only."""
    from auth.keys import generate as new_key
    from auth.keys import to_pem

    key = new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as out:
        out.write(to_pem(key))
    click.echo(f"wrote {file}, key id {key.verification.kid}")


@click.command("rotate-signing")
def rotate_signing() -> None:
    """Let a new key sign from half a minute on; tokens of the old one are good until they expire."""
    from auth import stored_keys
    from auth.actor import SYSTEM
    from commands.access import run

    settings = load()
    if settings.signing_key_file is not None or settings.env == "production":
        raise StartError(_BY_FILE)

    async def action(access: "Access") -> "tuple[str, datetime, datetime]":
        await stored_keys.load(access)
        return await stored_keys.rotate(access, SYSTEM)

    kid, activates_at, retires_at = run(action)
    click.echo(
        f"key {kid} signs from {activates_at:%H:%M:%S}Z; the keys before it are refused from {retires_at:%H:%M:%S}Z"
    )

"""`c360 api-key`: credentials of partners' programs."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from auth.access import Access
    from auth.api_keys import ApiKeyRow, NewApiKey

_DAYS = click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True, help="How long it works.")


@click.group("api-key")
def api_key() -> None:
    """API keys of partners: create, list, rotate, revoke."""


@api_key.command()
@click.argument("name")
@click.option("--partner", required=True, help="Number of the partner (P-0000001).")
@click.option("--scope", "scopes", multiple=True, help="A permission of the partner role; all of them if not given.")
@_DAYS
def create(name: str, partner: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a key and show it, once. NAME says what it is for."""
    from auth import api_keys
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> "NewApiKey":
        return await api_keys.create(access, SYSTEM, name, partner, scopes or None, life=timedelta(days=days))

    _show(run(action))


@api_key.command("list")
def list_keys() -> None:
    """Show all keys by their prefixes."""
    from auth import api_keys
    from commands.access import run
    from models.base import utc_now

    now = utc_now()
    for key in run(api_keys.all_keys):
        if key.revoked_at is not None:
            state = "revoked"
        elif now >= key.expires_at:
            state = "expired"
        else:
            state = f"until {key.expires_at:%Y-%m-%d}"
        used = f"last used {key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else "never used"
        click.echo(f"c360_{key.prefix}  {key.partner_number:10} {state:17} {used:30} {key.name}")
        click.echo(f"{'':14} {' '.join(key.scopes)}")


@api_key.command()
@click.argument("prefix")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, 90),
    default=7,
    show_default=True,
    help="How long the old key works on; 0 revokes it at once.",
)
@_DAYS
def rotate(prefix: str, overlap_days: int, days: int) -> None:
    """Make a key that takes over from another, and show it, once."""
    from auth import api_keys
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> "NewApiKey":
        key = await api_keys.find(access, prefix)
        overlap, life = timedelta(days=overlap_days), timedelta(days=days)
        return await api_keys.rotate(access, SYSTEM, key.id, overlap=overlap, life=life)

    _show(run(action))


@api_key.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Refuse a key from now on."""
    from auth import api_keys
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> "ApiKeyRow":
        return await api_keys.revoke(access, SYSTEM, (await api_keys.find(access, prefix)).id)

    click.echo(f"revoked c360_{run(action).prefix}")


def _show(made: "NewApiKey") -> None:
    click.echo(f"API key: {made.text}")
    click.echo(f"It works until {made.key.expires_at:%Y-%m-%d}, in the header X-API-Key. It is not shown again.")

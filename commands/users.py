"""`c360 user`: who may sign in."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from auth.access import Access
    from auth.accounts import Account

# What is imported within the commands is slow to import, and other commands do not need it.

_ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="administrator, manager, senior-agent, agent, underwriter or partner; may be given more than once.",
)
_PARTNER = click.option("--partner", help="Number of the partner (P-0000001), for the partner role.")


@click.group()
def user() -> None:
    """Users: add, disable, enable, reset, roles, list."""


@user.command()
@click.argument("login")
@_ROLE
@_PARTNER
@click.option("--agent", help="Number of the agent (A-0000001) that the user is.")
@click.option("--generate", is_flag=True, help="Make up a one-time password and print it (the default).")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def add(
    login: str, roles: tuple[str, ...], partner: str | None, agent: str | None, generate: bool, password_stdin: bool
) -> None:
    """Add a user."""
    from auth import users
    from auth.actor import SYSTEM
    from commands.access import parsed_roles, run

    if generate and password_stdin:
        raise click.UsageError("choose one of --generate and --password-stdin")
    wanted = parsed_roles(roles)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def action(access: "Access") -> users.HandedOver:
        return await users.add(
            access, SYSTEM, login, wanted, password=password, partner_number=partner, agent_number=agent
        )

    made = run(action)
    click.echo(f"added {made.user.login} ({', '.join(made.user.roles)})")
    _show(made.one_time_password)


@user.command()
@click.argument("login")
def disable(login: str) -> None:
    """Keep a user out; what they hold is refused within seconds."""
    from auth import users
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> "Account":
        return await users.disable(access, SYSTEM, (await users.find(access, login)).id)

    click.echo(f"disabled {run(action).login}")


@user.command()
@click.argument("login")
def enable(login: str) -> None:
    """Let a user in again, and end a lock-out."""
    from auth import users
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> "Account":
        return await users.enable(access, SYSTEM, (await users.find(access, login)).id)

    click.echo(f"enabled {run(action).login}")


@user.command()
@click.argument("login")
@click.option("--second-factor", is_flag=True, help="Take the second factor away too, for who has lost the phone.")
def reset(login: str, second_factor: bool) -> None:
    """Give a user a one-time password; their sessions end."""
    from auth import users
    from auth.actor import SYSTEM
    from commands.access import run

    async def action(access: "Access") -> users.HandedOver:
        user_id = (await users.find(access, login)).id
        return await users.reset(access, SYSTEM, user_id, remove_second_factor=second_factor)

    made = run(action)
    click.echo(f"reset {made.user.login}")
    _show(made.one_time_password)


@user.command()
@click.argument("login")
@_ROLE
@_PARTNER
def roles(login: str, roles: tuple[str, ...], partner: str | None) -> None:
    """Give a user other roles, in place of those they have."""
    from auth import users
    from auth.actor import SYSTEM
    from commands.access import parsed_roles, run

    wanted = parsed_roles(roles)

    async def action(access: "Access") -> "Account":
        user_id = (await users.find(access, login)).id
        return await users.set_roles(access, SYSTEM, user_id, wanted, partner_number=partner)

    changed = run(action)
    click.echo(f"{changed.login} is now {', '.join(changed.roles)}")


@user.command("list")
def list_users() -> None:
    """Show all users."""
    from auth import users
    from commands.access import run

    everybody = run(users.all_users)
    for account in everybody:
        partner = f" of {account.partner_number}" if account.partner_number else ""
        factor = ", second factor" if account.has_second_factor else ""
        last = f"last in {account.last_login_at:%Y-%m-%d %H:%M}Z" if account.last_login_at else "never in"
        click.echo(f"{account.login:32} {account.status:9} {', '.join(account.roles)}{partner}{factor}, {last}")
    if not any("ADMINISTRATOR" in account.roles and account.may_sign_in for account in everybody):
        click.echo(users.FIRST_ADMINISTRATOR, err=True)


def _show(one_time_password: str | None) -> None:
    if one_time_password is not None:
        click.echo(f"one-time password: {one_time_password}")
        click.echo("It works for seven days, and has to be changed at the first sign-in. It is not shown again.")

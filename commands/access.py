"""Running what a command does about access: the database, the shared object, and errors as one line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from auth.access import Access
from auth.service import make_access
from core.database import make_pool
from core.errors import RequestError
from core.server import database
from core.settings import Settings, load
from migrations import upgrade
from models.roles import Role

_Result = TypeVar("_Result")


def run(action: Callable[[Access], Awaitable[_Result]]) -> _Result:
    """Do something with the access data of the migrated database in the settings.

    Raises ClickException for what is refused, StartError when the database cannot be used.
    """
    settings = load()
    with database(settings) as url:
        upgrade(url)
        try:
            return asyncio.run(with_access(settings, url, action))
        except RequestError as error:
            raise click.ClickException(str(error)) from None


async def with_access(settings: Settings, url: str, action: Callable[[Access], Awaitable[_Result]]) -> _Result:
    """Do something with the access data of a migrated database. Raises RequestError, StartError."""
    async with make_pool(url, 1) as pool:
        return await action(make_access(settings, pool))


def parsed_roles(names: tuple[str, ...]) -> list[Role]:
    """The roles with these names, as typed: `senior-agent`. Raises BadParameter."""
    known = {role.value.lower().replace("_", "-"): role for role in Role}
    try:
        return [known[name.lower().replace("_", "-")] for name in names]
    except KeyError as error:
        raise click.BadParameter(
            f"{error.args[0]} is no role; there are {', '.join(known)}", param_hint="--role"
        ) from None

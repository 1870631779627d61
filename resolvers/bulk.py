"""Doing many things in one request."""

from typing import Any

import strawberry
from strawberry import UNSET, Info

from changes import perform
from changes.commands import Command
from core.errors import BadInput, RequestError
from execution.context import OperationContext
from execution.permissions import SIGNED_IN, Refused
from schema.bulk import MOST, BulkPayload, BulkResult, bulk_commands, item_type, objects_of
from schema.commands import command_of
from schema.mutations import context_of, described, user_error


def mutation() -> type:
    """The type with the mutation `bulk`, which takes all commands that there are by now."""
    commands = bulk_commands()
    item = item_type(commands)

    async def bulk(info: Info, items: Any) -> Any:
        context = context_of(info)
        if len(items) > MOST:
            error = BadInput(f"at most {MOST} commands, got {len(items)}", argument="items")
            refused: Any = BulkPayload
            return refused(user_errors=[user_error(error)])
        chosen = [_chosen(one.command, commands) for one in items]
        lacking = frozenset(command.permission for command, _ in chosen if not context.actor.may(command.permission))
        if lacking:
            raise Refused(context.actor, lacking, "Mutation.bulk")
        results = [
            await _one(context, command, given, one.idempotency_key)
            for (command, given), one in zip(chosen, items, strict=True)
        ]
        return BulkPayload(results=results)

    bulk.__annotations__ = {"info": Info, "items": list[item], "return": BulkPayload}  # type: ignore[valid-type]
    field: Any = strawberry.mutation(
        resolver=bulk,
        description=f"Do up to {MOST} things, one after the other, each in a transaction of its own: what is refused "
        "keeps nothing else from being done. With a command for which you lack the permission nothing is begun. Give "
        "each item an idempotency key: after a time-out the same request goes on where it ended.",
    )
    field.permission = SIGNED_IN
    # What it costs (execution/cost.py) depends on how many there are.
    field.sized_by = "items"
    described(field, {"items": f"What to do, at most {MOST} commands."})
    return strawberry.type(type("Mutation", (), {"__annotations__": {}, "bulk": field, "__doc__": "Many commands."}))


def _chosen(choice: Any, commands: dict[str, type[Command]]) -> tuple[type[Command], Any]:
    """The command that is given, and its input; that it is just one, GraphQL sees to."""
    for name, command in commands.items():
        given = getattr(choice, name)
        if given is not UNSET:
            return command, given
    raise AssertionError("one of the commands is given")


async def _one(context: OperationContext, command: type[Command], given: Any, key: str | None) -> BulkResult:
    try:
        made = await perform(context.services.door, context.actor, command_of(command, given), key=key)
    except RequestError as error:
        return BulkResult(objects=[], user_errors=[user_error(error)])
    return BulkResult(objects=objects_of(command, made), user_errors=[])

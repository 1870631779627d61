"""Many commands in one request: an input that is one of all commands, and what came of each."""

from typing import Any, Union

import strawberry
from strawberry import UNSET

from changes.commands import COMMANDS, Command, description_of
from core.ids import public_id
from core.names import camel_case
from execution.cost import MOST_ITEMS
from execution.permissions import INHERITED
from schema.commands import ANSWERS, IDEMPOTENCY_KEY, input_of
from schema.fields import EdgeField
from schema.mutations import UserError, payload
from schema.registry import entity_of

MOST = MOST_ITEMS


@strawberry.type(description="An object that a command made or changed.")
class MadeObject:
    """What a payload leads to, by its id alone."""

    __permission__ = INHERITED

    name: str = strawberry.field(description="What it is to the command: the name of the field in its own payload.")
    id: strawberry.ID = strawberry.field(description="Its id; `nodes` shows many at once.")


@strawberry.type(description="What came of one command.")
class BulkResult:
    """Of one item of `bulk`."""

    __permission__ = INHERITED

    objects: list[MadeObject] = strawberry.field(description="What it made or changed; none where it was refused.")
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done, with paths within its own input; empty when it was."
    )


@payload("What came of many commands.")
class BulkPayload:
    """The results, or why none was begun."""

    results: list[BulkResult] | None = strawberry.field(
        default=None, description="One for each command, in their order; none where nothing was begun."
    )


def bulk_commands() -> dict[str, type[Command]]:
    """The commands that bulk takes, by the names of their mutations.

    Those are left out whose payload tells more than which objects they are about, such as a secret that is shown once.
    """
    return {camel_case(name): command for name, command in sorted(COMMANDS.items()) if _tells_ids_only(command)}


def _tells_ids_only(command: type[Command]) -> bool:
    if command not in ANSWERS:
        return False
    fields = ANSWERS[command].__strawberry_definition__.fields  # type: ignore[attr-defined]
    return all(isinstance(field, EdgeField) or field.python_name == "user_errors" for field in fields)


def objects_of(command: type[Command], made: Any) -> list[MadeObject]:
    """The ids in what a command answered, with the names that its payload gives them."""
    fields = ANSWERS[command].__strawberry_definition__.fields  # type: ignore[attr-defined]
    found = []
    for field in fields:
        if isinstance(field, EdgeField) and field.local and made.get(field.local) is not None:
            prefix = entity_of(field.edge.source.name).prefix
            found.append(
                MadeObject(
                    name=camel_case(field.python_name), id=strawberry.ID(public_id(prefix, str(made[field.local])))
                )
            )
    return found


def item_type(commands: dict[str, type[Command]]) -> Any:
    """The input type of an item: a key, and one of all commands."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__doc__": "One of all commands.", "__module__": __name__}
    for name, command in commands.items():
        namespace["__annotations__"][name] = Union[input_of(command), None]  # noqa: UP007
        summary = description_of(command).partition("\n\n")[0]
        namespace[name] = strawberry.field(description=summary, default=UNSET, name=name)
    choice = strawberry.input(
        type("BulkCommand", (), namespace), one_of=True, description="A command: just one of these is given."
    )
    item = {
        "__annotations__": {"command": choice, "idempotency_key": Union[str, None]},  # noqa: UP007
        "__doc__": "One item of `bulk`.",
        "__module__": __name__,
        "command": strawberry.field(description="What to do."),
        "idempotency_key": strawberry.field(description=IDEMPOTENCY_KEY, default=None),
    }
    return strawberry.input(type("BulkItem", (), item), description="A command of a bulk, with a key of its own.")

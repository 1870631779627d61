"""Commands as the graph shows them: an input type and a mutation of each, and what the mutation answers.

@strawberry.type
class Mutation:
    close_claim = does(claims.CloseClaim, ClaimPayload)
"""

from collections.abc import Mapping
from dataclasses import MISSING
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import strawberry
from strawberry import UNSET, Info

from changes import perform
from changes.commands import Command, Part, Unchanged, description_of
from core.errors import BadInput, RequestError
from core.ids import row_id
from core.names import camel_case
from loaders.base import Edge
from schema.fields import EdgeField
from schema.mutations import UserError, context_of, described, user_error
from schema.registry import entity_of

IDEMPOTENCY_KEY = (
    "A key of your choice for this request: sent again with the same input, nothing is done again and the first result "
    "is returned. Kept for thirty days."
)


class Result:
    """What came of a command: the ids of the objects it made or changed, on which the payload's edges work."""

    def __init__(self, made: Mapping[str, Any], user_errors: list[UserError] | None = None) -> None:
        self._made = made
        self.user_errors = user_errors or []

    def __getitem__(self, name: str) -> Any:
        return self._made.get(name)


def result_of(edge: Edge, name: str, description: str) -> Any:
    """The field of a payload that leads to the object a command made or changed; none where it was refused."""
    return EdgeField(edge, name, description)


ANSWERS: dict[type[Command], type] = {}
"""The payload type of each command that has a mutation."""


def does(command: type[Command], answer: type) -> Any:
    """The mutation that performs a command and answers with a payload type; all else is taken from the command."""
    ANSWERS[command] = answer

    async def resolver(info: Info, input: Any, idempotency_key: str | None = None) -> Any:
        context = context_of(info)
        try:
            made = await perform(context.services.door, context.actor, command_of(command, input), key=idempotency_key)
        except RequestError as error:
            return Result({}, [user_error(error)])
        # What is read from here on is what was committed.
        await context.refresh()
        return Result(made)

    resolver.__annotations__ = {
        "info": Info,
        "input": input_of(command),
        "idempotency_key": str | None,
        "return": answer,
    }
    field: Any = strawberry.mutation(resolver=resolver, description=description_of(command))
    field.permission = command.permission
    return described(field, {"input": "What to do.", "idempotency_key": IDEMPOTENCY_KEY})


_INPUTS: dict[type[Part], type] = {}


def input_of(kind: type[Part]) -> type:
    """The GraphQL input type of a command, or of a part of one; made once."""
    if kind not in _INPUTS:
        _INPUTS[kind] = _input(kind)
    return _INPUTS[kind]


def _input(kind: type[Part]) -> type:
    namespace: dict[str, Any] = {"__annotations__": {}, "__doc__": kind.__doc__, "__module__": kind.__module__}
    hints = get_type_hints(kind)
    # What a command is about comes first, the version expected of it last.
    for one in sorted(kind.inputs(), key=lambda one: one.name == "expected_version"):
        required = one.default is MISSING
        shown = _shown(hints[one.name])
        namespace["__annotations__"][one.name] = shown if required else Union[shown, None]  # noqa: UP007
        namespace[one.name] = strawberry.field(
            description=one.metadata["description"], **({} if required else {"default": UNSET})
        )
    made: type = strawberry.input(
        type(f"{kind.__name__}Input", (), namespace),
        description=f"What `{camel_case(kind.__name__)}` takes."
        if issubclass(kind, Command)
        else (kind.__doc__ or "").strip(),
    )
    return made


def command_of(kind: type[Part], given: Any, path: str = "input") -> Any:
    """The command, or part of one, that a GraphQL input stands for. Raises BadInput that names the argument."""
    hints = get_type_hints(kind)
    values = {}
    for one in kind.inputs():
        value = getattr(given, one.name)
        nullable = NoneType in _members(hints[one.name])
        # Null for what cannot be null is as good as nothing.
        if value is UNSET or (value is None and not nullable):
            continue
        values[one.name] = _value(value, hints[one.name], one.metadata["of"], f"{path}.{camel_case(one.name)}")
    return kind(**values)


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _core(hint: Any) -> Any:
    """The type without null and without the mark of what was not given."""
    (core,) = [member for member in _members(hint) if member not in (NoneType, Unchanged)]
    return core


def _shown(hint: Any) -> Any:
    core = _core(hint)
    if get_origin(core) is tuple:
        shown: Any = list[_shown(get_args(core)[0])]  # type: ignore[misc]
    elif core is UUID:
        shown = strawberry.ID
    elif isinstance(core, type) and issubclass(core, Part):
        shown = input_of(core)
    else:
        shown = core
    return Union[shown, None] if NoneType in _members(hint) else shown  # noqa: UP007


def _value(value: Any, hint: Any, of: Any, path: str) -> Any:
    if value is None:
        return None
    core = _core(hint)
    if get_origin(core) is tuple:
        inner = get_args(core)[0]
        return tuple(_value(member, inner, of, f"{path}.{index}") for index, member in enumerate(value))
    if core is UUID:
        entity = entity_of(of.__tablename__)
        try:
            return UUID(row_id(value, entity.prefix, entity.kind))
        except BadInput as error:
            raise BadInput(str(error), argument=path) from None
    if isinstance(core, type) and issubclass(core, Part):
        return command_of(core, value, path)
    return value

"""Mutations: payloads with what came of them, and `userErrors` for what the user can mend.

@strawberry.type
class Mutation:
    @mutation(SIGNED_IN)
    async def logout(info: Info) -> LogoutPayload:
        \"\"\"End the session.\"\"\"
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry import Info

from core.errors import RequestError
from execution.context import OperationContext
from execution.permissions import INHERITED, Permission, Refused

C = TypeVar("C", bound=type)


@strawberry.type(description="Why a mutation did nothing, in terms the user can act on.")
class UserError:
    """An entry of `userErrors`."""

    __permission__ = INHERITED

    code: str = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong, for people.")
    field: list[str] | None = strawberry.field(
        default=None, description="The argument it is about, as a path; none if it is about the whole."
    )
    current_version: int | None = strawberry.field(
        default=None, description="With CONFLICT: the version that the object has by now."
    )


def user_error(error: RequestError) -> UserError:
    """The error as an entry of `userErrors`."""
    argument = error.details.get("argument")
    path = argument.split(".") if isinstance(argument, str) else None
    version = error.details.get("currentVersion")
    return UserError(code=error.code, message=str(error), field=path, current_version=version)


def _no_errors() -> list[UserError]:
    return []


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def payload(description: str) -> Callable[[C], C]:
    """Make a payload of a class whose fields are all optional: `userErrors` is added."""

    def decorate(cls: C) -> C:
        cls.__annotations__["user_errors"] = list[UserError]
        cls.user_errors = strawberry.field(  # type: ignore[attr-defined]
            default_factory=_no_errors, description="Why nothing was done; empty when it was."
        )
        cls.__permission__ = INHERITED  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description)

    return decorate


def mutation(
    permission: Permission, arguments: Mapping[str, str] = MappingProxyType({})
) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A mutation that needs `permission`; its docstring is the description, and `arguments` describes its arguments.

    What the resolver raises as RequestError becomes an entry of `userErrors`; missing permissions stay errors.
    """

    def decorate(resolver: Callable[..., Awaitable[Any]]) -> Any:
        made = inspect.signature(resolver).return_annotation

        @functools.wraps(resolver)
        async def answering(*arguments: Any, **named: Any) -> Any:
            try:
                return await resolver(*arguments, **named)
            except Refused:
                raise
            except RequestError as error:
                return made(user_errors=[user_error(error)])

        field: Any = strawberry.mutation(resolver=answering, description=inspect.getdoc(resolver))
        field.permission = permission
        return described(field, arguments)

    return decorate


def described(field: Any, arguments: Mapping[str, str]) -> Any:
    """The field, with descriptions of its arguments by their Python names."""
    for argument in field.arguments:
        argument.description = arguments.get(argument.python_name)
    return field


def context_of(info: Info[Any, Any]) -> OperationContext:
    """The operation's context."""
    context: OperationContext = info.context
    return context

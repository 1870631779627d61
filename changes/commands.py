"""Commands: what can be done, each a small frozen class with the input it takes and what carries it out.

    class CloseClaim(ObjectCommand):
        \"\"\"Close a claim: nothing more is to be done.\"\"\"

        permission = "claims:investigate"

        claim_id: UUID = given("The claim.", of=Claim)
        reason: str | None = given("Why, in a line.", default=None)

        async def perform(self, work: Work) -> Made:
            claim = await work.fetch(Claim, self.claim_id, self.expected_version)
            …
            return {"claim": claim.id}

The graph makes a mutation and an input type of each (schema/commands.py), `bulk` takes all of them, and commands and
the worker perform the same classes. Nothing here knows GraphQL.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from sqlmodel import SQLModel

from core.errors import BadInput
from core.names import camel_case
from models.base import UUID
from models.notation import plain_text

if TYPE_CHECKING:
    from changes.work import Work

# What a command made or changed, by the name of the payload's field: row ids; besides them plain JSON.
Made = Mapping[str, Any]

LONGEST_TEXT = 2_000
LONGEST_LIST = 100
LARGEST_AMOUNT = Decimal(10) ** 12
EARLIEST, LATEST = date(1850, 1, 1), date(2200, 1, 1)


class Unchanged(Enum):
    """Stands for a field that was not given, where null would mean to clear it."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


def given(
    description: str,
    *,
    default: Any = MISSING,
    of: type[SQLModel] | None = None,
    longest: int = LONGEST_TEXT,
    least: Decimal | int | None = None,
    most: Decimal | int | None = None,
) -> Any:
    """An input of a command. `of` is the table an id leads to; `longest` limits a text or a list, `least` and `most` a
    number. Texts are stripped, and not empty.
    """
    metadata = {"description": description, "of": of, "longest": longest, "least": least, "most": most}
    return field(default=default, metadata=metadata)


def optional(description: str, **options: Any) -> Any:
    """An input that stays as it is where it is not given: `x: str | None | Unchanged = optional(…)`."""
    return given(description, default=UNCHANGED, **options)


@dataclass_transform(field_specifiers=(given, optional), kw_only_default=True, frozen_default=True)
class Part:
    """Input that belongs together, such as the lines of an address. A command is one too."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    def inputs(cls) -> tuple[Field[Any], ...]:
        """What it takes."""
        return dataclasses.fields(cls)  # type: ignore[arg-type]

    def checked(self, path: str = "input") -> Any:
        """The same with its texts stripped and composed (NFC). Raises BadInput that names the argument."""
        values = {
            one.name: _checked(getattr(self, one.name), one, f"{path}.{camel_case(one.name)}") for one in self.inputs()
        }
        return dataclasses.replace(self, **values)  # type: ignore[type-var]

    def given_values(self, *left_out: str) -> dict[str, Any]:
        """The fields that were given, by name: what an update sets."""
        return {
            one.name: getattr(self, one.name)
            for one in self.inputs()
            if one.name not in left_out and getattr(self, one.name) is not UNCHANGED
        }


COMMANDS: dict[str, "type[Command]"] = {}
"""Every command, by its name (the class's)."""


class Command(Part):
    """Something that can be done. `permission` is what one needs for it; `attempts` how often it is tried when it
    meets another change.
    """

    permission: ClassVar[str]
    attempts: ClassVar[int] = 4
    abstract: ClassVar[bool] = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "permission" in vars(cls):
            if cls.__name__ in COMMANDS:
                raise ValueError(f"there are two commands {cls.__name__}")
            COMMANDS[cls.__name__] = cls

    async def perform(self, work: "Work") -> Made:
        """Do it, in one transaction with its events and audit entry. Raises RequestError, and then nothing is done."""
        raise NotImplementedError


def description_of(command: type[Command]) -> str:
    """What a command does, in words: the class's docstring. A function, since a command may have an input called so."""
    return inspect.cleandoc(command.__doc__ or "")


class ObjectCommand(Command):
    """A command that changes an object with a version."""

    expected_version: int | None = given(
        "The version of the object as it was read: if it has another by now, nothing is done (CONFLICT).", default=None
    )


def valid(rule: Callable[[str], str], value: str, path: str) -> str:
    """A text in the one notation that a rule of models/ gives it. Raises BadInput with the rule's reason."""
    try:
        return rule(value)
    except ValueError as error:
        raise BadInput(str(error), argument=path) from None


def _checked(value: Any, of: Field[Any], path: str) -> Any:
    limits = of.metadata
    match value:
        case str() if not isinstance(value, Enum):
            return _text(value, limits["longest"], path)
        case Part():
            return value.checked(path)
        case list() | tuple():
            if len(value) > min(limits["longest"], LONGEST_LIST):
                raise BadInput(f"at most {min(limits['longest'], LONGEST_LIST)} entries", argument=path)
            return tuple(_checked(member, of, f"{path}.{index}") for index, member in enumerate(value))
        case bool() | Enum() | UUID() | None:
            return value
        case int() | Decimal():
            return _number(value, limits["least"], limits["most"], path)
        case datetime():
            _in_range(value.date(), path)
        case date():
            _in_range(value, path)
    return value


def _text(value: str, longest: int, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInput("this is not valid Unicode", argument=path) from None
    text = value.strip()
    if not text:
        raise BadInput("this is empty", argument=path)
    text = valid(plain_text, text, path)
    if len(text) > longest:
        raise BadInput(f"at most {longest} characters", argument=path)
    return text


def _number(value: Decimal | int, least: Any, most: Any, path: str) -> Decimal | int:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or (exponent < -2 and value != round(value, 2)):
            raise BadInput("at most two digits after the point", argument=path)
        if abs(value) >= LARGEST_AMOUNT:
            raise BadInput("this number is too large", argument=path)
        value = round(value, 2)
    if least is not None and value < least:
        raise BadInput(f"at least {least}", argument=path)
    if most is not None and value > most:
        raise BadInput(f"at most {most}", argument=path)
    return value


def _in_range(value: date, path: str) -> None:
    if not EARLIEST <= value < LATEST:
        raise BadInput(f"a date between {EARLIEST} and {LATEST}", argument=path)

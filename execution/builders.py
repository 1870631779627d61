"""Builders: generated functions that turn rows into the dictionaries of the answer, one expression a field.

`[{"number": r[1], "status": r[2]} for r in rows]` runs several times as fast as a loop over field objects. Values
pass through untouched where PostgreSQL's types and constraints already guarantee what GraphQL demands; dates and
times are left to the JSON encoder. The source is made of response keys (quoted by repr), integer positions and names
of our own; nothing in it comes from outside unquoted.
"""

from collections.abc import Callable
from typing import Any

from core.pipeline import Row
from execution.plan import Object, Surprise

_GREATEST_INT = 2_147_483_647


def _required(value: Any) -> Any:
    if value is None:
        raise Surprise("null in a non-null field")
    return value


def _narrow(value: Any) -> Any:
    if value is not None and not -_GREATEST_INT - 1 <= value <= _GREATEST_INT:
        raise Surprise("an integer beyond 32 bits")
    return value


class Builder:
    """Collects the items of one selection set, in order, and generates its function."""

    def __init__(self) -> None:
        self._items: list[str] = []
        self._names: dict[str, Any] = {"required": _required, "narrow": _narrow}

    def _bind(self, value: Any) -> str:
        name = f"c{len(self._names)}"
        self._names[name] = value
        return name

    def _add(self, key: str, expression: str) -> None:
        self._items.append(f"{key!r}: {expression}")

    def constant(self, key: str, value: str | None) -> None:
        """A known value, or None to be filled in later."""
        self._add(key, repr(value))

    def cell(self, key: str, position: int, *, prefix: str, required: bool, wide: bool) -> None:
        """A column's value. `required` checks for null, `wide` that an integer fits into 32 bits."""
        expression = f"{prefix!r} + r[{position}]" if prefix else f"r[{position}]"
        if wide:
            expression = f"narrow({expression})"
        self._add(key, f"required({expression})" if required else expression)

    def computed(self, key: str, read: Callable[[Any], Any], positions: dict[str, int], *, required: bool) -> None:
        """What `read` makes of some columns."""
        values = ", ".join(f"{name!r}: r[{position}]" for name, position in positions.items())
        expression = f"{self._bind(read)}({{{values}}})"
        self._add(key, f"required({expression})" if required else expression)

    def value(
        self, key: str, first: int, parts: list[tuple[str, int | str]], *, required: bool, nullable: bool
    ) -> None:
        """An object of several columns; null when the column `first` is."""
        items = ", ".join(
            f"{part!r}: {repr(source) if isinstance(source, str) else f'r[{source}]'}" for part, source in parts
        )
        expression = f"{{{items}}}"
        if nullable:
            expression = f"(None if r[{first}] is None else {expression})"
        self._add(key, f"required({expression})" if required else expression)

    def function(self) -> Callable[[list[Row]], list[Object]]:
        """The function that builds the objects of a list of rows."""
        source = f"def build(rows):\n    return [{{{', '.join(self._items)}}} for r in rows]\n"
        exec(compile(source, "<builder>", "exec"), self._names)  # noqa: S102
        function: Callable[[list[Row]], list[Object]] = self._names["build"]
        return function

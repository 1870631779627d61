"""Builders: generated functions that turn rows into the dictionaries of the answer, one expression a field.

`[{"number": r[1], "status": r[2]} for r in rows]` runs several times as fast as a loop over field objects. Values
pass through untouched where PostgreSQL's types and constraints already guarantee what GraphQL demands; dates and
times are left to the JSON encoder. The source is made of response keys (quoted by repr), integer positions and names
of our own; nothing in it comes from outside unquoted.
"""

from collections.abc import Callable
from typing import Any

from core import cursors
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

    def shared(self, key: str, value: Any) -> None:
        """A known value that all objects share."""
        self._add(key, self._bind(value))

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
        self, key: str, first: int, parts: list[tuple[str, int | str | bool]], *, required: bool, nullable: bool
    ) -> None:
        """An object of columns, by their positions, and of constants; null when the column `first` is."""
        items = ", ".join(
            f"{part!r}: {repr(source) if isinstance(source, str | bool) else f'r[{source}]'}" for part, source in parts
        )
        expression = f"{{{items}}}"
        if nullable:
            expression = f"(None if r[{first}] is None else {expression})"
        self._add(key, f"required({expression})" if required else expression)

    def function(self) -> Callable[[list[Row]], list[Object]]:
        """The function that builds the objects of a list of rows."""
        source = f"def build(rows):\n    return [{{{', '.join(self._items)}}} for r in rows]\n"
        # The source is made of names of our own schema and of quoted keys; no other word of a request gets into it.
        exec(compile(source, "<builder>", "exec"), self._names)  # noqa: S102  # nosec B102
        function: Callable[[list[Row]], list[Object]] = self._names["build"]
        return function


# A page of one parent: its rows, whether there are more, where its objects begin and end among those of all parents,
# and how many rows the list has.
Page = tuple[list[Row], bool, int, int, int | None]
BuildConnections = Callable[[list[Page], list[list[Object]], bool, bool], list[Object]]


def _counted(count: int | None) -> int:
    if count is None or count > _GREATEST_INT:
        raise Surprise("count")
    return count


class ConnectionBuilder:
    """Collects the parts of a connection, in order; generates the function that makes the connections of a level."""

    def __init__(self, order: tuple[str, ...]) -> None:
        self._order = order
        self._items: list[str] = []
        self._nodes = 0
        self._cursor_positions: list[int] | None = None

    def constant(self, key: str, value: str) -> None:
        """A known value: `__typename`."""
        self._items.append(f"{key!r}: {value!r}")

    def nodes(self, key: str) -> None:
        """The objects of the page; they come as the next of the built lists."""
        self._items.append(f"{key!r}: n{self._nodes}[a:b]")
        self._nodes += 1

    def total_count(self, key: str) -> None:
        """The number of rows over all pages."""
        self._items.append(f"{key!r}: counted(count)")

    def edges(self, key: str, parts: list[tuple[str, str, str]]) -> None:
        """The rows with their cursors: parts are (response key, field, value of a `__typename`)."""
        items, sources = [], ["rows"]
        for part, name, value in parts:
            if name == "node":
                sources.append(f"n{self._nodes}[a:b]")
                items.append(f"{part!r}: o{self._nodes}")
                self._nodes += 1
            elif name == "cursor":
                items.append(f"{part!r}: cursor(r)")
            else:
                items.append(f"{part!r}: {value!r}")
        names = ", ".join(["r", *(f"o{source[1:].partition('[')[0]}" for source in sources[1:])])
        self._items.append(f"{key!r}: [{{{', '.join(items)}}} for {names}, in zip({', '.join(sources)}, strict=True)]")

    def page_info(self, key: str, parts: list[tuple[str, str, str]]) -> None:
        """Relay's PageInfo, with parts as for `edges`."""
        expressions = {
            "hasNextPage": "(behind if backward else more)",
            "hasPreviousPage": "(more if backward else behind)",
            "startCursor": "(cursor(rows[0]) if rows else None)",
            "endCursor": "(cursor(rows[-1]) if rows else None)",
        }
        items = (f"{part!r}: {expressions.get(name, repr(value))}" for part, name, value in parts)
        self._items.append(f"{key!r}: {{{', '.join(items)}}}")

    def cursor_columns(self, positions: list[int]) -> None:
        """Where in a row the values stand that make its cursor."""
        self._cursor_positions = positions

    def function(self) -> BuildConnections:
        """The function that makes the connections."""
        signature, positions = ",".join(self._order), self._cursor_positions or []

        def cursor(row: Row) -> str:
            return cursors.encode(signature, tuple(row[position] for position in positions))

        names: dict[str, Any] = {"counted": _counted, "cursor": cursor}
        lists = "".join(f"n{number}, " for number in range(self._nodes))
        source = (
            "def build(pages, built, backward, behind):\n"
            + (f"    {lists}= built\n" if lists else "")
            + f"    return [{{{', '.join(self._items)}}} for rows, more, a, b, count in pages]\n"
        )
        # The source is made of names of our own schema and of quoted keys; no other word of a request gets into it.
        exec(compile(source, "<builder>", "exec"), names)  # noqa: S102  # nosec B102
        function: BuildConnections = names["build"]
        return function

"""Templates: text with columns in braces, as in "{First} {Middle?} {Last}" or "{Customer}/{#}"."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Cells = Sequence[str]
Render = Callable[[Cells, int], str]

COUNTER = "#"
_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A column's place in a template; an optional one may be empty."""

    column: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: plain texts and placeholders in turn."""

    parts: tuple[str | Placeholder, ...]

    def columns(self) -> Iterator[str]:
        """The columns it names."""
        for part in self.parts:
            if isinstance(part, Placeholder) and part.column != COUNTER:
                yield part.column

    @property
    def counts(self) -> bool:
        """Whether it holds `{#}`, the number of a repeated record."""
        return any(isinstance(part, Placeholder) and part.column == COUNTER for part in self.parts)

    def renderer(self, positions: Mapping[str, int]) -> Render:
        """A function from a row's cells and the repetition's number to the text.

        The text is empty when a column in it is empty, so that half a key or half a name never passes for a whole
        one. `{Column?}` is left out instead, with the white space it would leave behind.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Placeholder) and not self.counts:
            position = positions[self.parts[0].column]
            return lambda cells, number: cells[position]
        steps = [
            part if isinstance(part, str) else (positions.get(part.column, -1), part.optional) for part in self.parts
        ]

        def render(cells: Cells, number: int) -> str:
            texts = []
            gaps = False
            for step in steps:
                if isinstance(step, str):
                    texts.append(step)
                    continue
                position, optional = step
                text = str(number) if position < 0 else cells[position]
                if not text:
                    if not optional:
                        return ""
                    gaps = True
                texts.append(text)
            joined = "".join(texts)
            return " ".join(joined.split()) if gaps else joined

        return render


@lru_cache(maxsize=1000)
def parse(text: str) -> Template:
    """Parse a template.

    Raises ValueError when a brace is open or a placeholder empty.
    """
    parts: list[str | Placeholder] = []
    literal = ""
    end = 0
    for match in _TOKEN.finditer(text):
        literal += text[end : match.start()]
        end = match.end()
        token = match.group()
        if token in ("{{", "}}"):
            literal += token[0]
            continue
        name = token[1:-1].strip() if len(token) > 1 else ""
        optional = name.endswith("?")
        name = name.removesuffix("?").strip()
        if not name:
            raise ValueError(f"template {text!r}: expected a column's name in braces (write {{{{ for a brace)")
        if literal:
            parts.append(literal)
            literal = ""
        parts.append(Placeholder(name, optional))
    literal += text[end:]
    if literal:
        parts.append(literal)
    return Template(tuple(parts))

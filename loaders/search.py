"""The search box: one statement over names, e-mail, phone, numbers and identifiers, each by an index of its own.

What the text looks like decides where it is sought. tests/database/test_search.py shows the plans.
"""

import asyncio
import re
from dataclasses import dataclass

from aiodataloader import DataLoader

from core.snapshot import Snapshot

# The letter that begins a number, and the table whose numbers begin with it.
_NUMBERED = {
    "C": "customers",
    "K": "contracts",
    "O": "orders",
    "S": "claims",
    "B": "complaints",
    "H": "households",
}

MIN_PHONE_DIGITS = 6

# Each part yields rows (table, id, score, matched field, matched text). $1 is the text, $2 how many rows at most.
_NAME = """
    (select 'customers', c.id,
            word_similarity(c360_fold($1::text), c.search_name)
            * (0.9 + 0.1 * similarity(c360_fold($1::text), c.search_name)),
            'NAME', c.display_name
     from customers c
     where c360_fold($1::text) <% c.search_name
     order by 3 desc, c.sort_name, c.id limit $2::int)"""

_EMAIL = """
    (select 'customers', e.customer_id, case when lower(e.address) = lower($1::text) then 1.0 else 0.8 end,
            'EMAIL', e.address
     from emails e
     where lower(e.address) like {pattern}::text
     order by 3 desc, 2 limit $2::int)"""

# A number is known by its last digits, whatever stands before them: +49, 0049, 0 or nothing.
_PHONE = """
    (select 'customers', p.customer_id, case when p.e164 = '+' || {digits}::text then 1.0 else 0.85 end,
            'PHONE', p.e164
     from phones p
     where reverse(p.e164) ~>=~ {reversed}::text and reverse(p.e164) ~<~ {beyond}::text
     order by 3 desc, 2 limit $2::int)"""

_NUMBER = """
    (select '{table}', n.id, {score}, 'NUMBER', n.number from {table} n where n.number = {number}::text)"""

_IDENTIFIER = """
    (select 'customers', i.customer_id, 0.95, 'IDENTIFIER', i.value
     from customer_identifiers i where i.value = $1::text limit $2::int)"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row a search found: its table and UUID, how well it matches (0 to 1), and what matched."""

    table: str
    row_id: str
    score: float
    matched_field: str
    matched_text: str


class _Parts:
    """The parts of a search under construction, and the values bound in them."""

    def __init__(self, text: str, first: int) -> None:
        self.text = text
        self.values: list[object] = [text, first]
        self.sql = [_IDENTIFIER]

    def bind(self, value: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def names(self) -> None:
        if "@" not in self.text and re.search(r"[^\W\d_]{2}", self.text):
            self.sql.append(_NAME)

    def emails(self) -> None:
        if "@" in self.text or re.fullmatch(r"[\w.+-]{3,}", self.text):
            start = re.sub(r"([\\%_])", r"\\\1", self.text.lower())
            self.sql.append(_EMAIL.format(pattern=self.bind(start + ("%" if "@" in self.text else "@%"))))

    def phones(self) -> None:
        digits = re.sub(r"\D", "", self.text).lstrip("0")
        if len(digits) >= MIN_PHONE_DIGITS and re.fullmatch(r"[\d\s()+/.\-–]+", self.text):
            end = digits[::-1]
            part = _PHONE.format(digits=self.bind(digits), reversed=self.bind(end), beyond=self.bind(end + ":"))
            self.sql.append(part)

    def numbers(self) -> None:
        match = re.fullmatch(r"([A-Za-z])?-?(\d{1,12})", self.text.replace(" ", ""))
        if match is None:
            return
        letter, figures = match.groups()
        for prefix, table in _NUMBERED.items():
            if letter is None or letter.upper() == prefix:
                number = self.bind(f"{prefix}-{figures.lstrip('0').rjust(7, '0')}")
                self.sql.append(_NUMBER.format(table=table, score="1.0" if letter else "0.9", number=number))


def statement(text: str, first: int) -> tuple[bytes, list[object]]:
    """The search for `text` as SQL with its parameters, yielding up to `first` rows, best first."""
    parts = _Parts(" ".join(text.split()), first)
    parts.names()
    parts.emails()
    parts.phones()
    parts.numbers()
    sql = (
        "select place, id::text, score::float8, field, matched from ("
        + " union all ".join(parts.sql)
        + ") hits(place, id, score, field, matched) order by score desc, place, id, field limit $2::int"
    )
    return sql.encode(), parts.values


class SearchLoader(DataLoader[str, list[Hit]]):
    """The best `first` hits for a text, each object once, best first; none for a blank text."""

    def __init__(self, snapshot: Snapshot, first: int) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.first = first

    async def batch_load_fn(self, keys: list[str]) -> list[list[Hit]]:
        """One statement a text, all in one round trip."""
        return list(await asyncio.gather(*(self._search(text) for text in keys)))

    async def _search(self, text: str) -> list[Hit]:
        if not text.strip():
            return []
        # An object may be hit in several ways; the best counts. Asking for twice as many leaves enough of them.
        sql, values = statement(text, self.first * 2)
        hits: dict[tuple[str, str], Hit] = {}
        for table, row_id, score, field, matched in await self.snapshot.fetch(sql, values):
            hits.setdefault((table, row_id), Hit(table, row_id, round(min(score, 1.0), 4), field, matched))
        return list(hits.values())[: self.first]

"""The search box: one statement over names, e-mail, phone, numbers and identifiers, each by an index of its own.

What the text looks like decides where it is sought. tests/database/test_search.py shows the plans.
"""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

from aiodataloader import DataLoader

from core.pipeline import Row
from core.snapshot import Snapshot
from loaders.base import Column, Source
from loaders.book import CUSTOMERS

# The letter that begins a number, and the table whose numbers begin with it.
NUMBERED = {
    "C": "customers",
    "K": "contracts",
    "O": "orders",
    "S": "claims",
    "B": "complaints",
    "H": "households",
}

MIN_PHONE_DIGITS = 6

# A subquery, for which PostgreSQL folds the text once and not for each row.
_FOLDED = "(select c360_fold($1::text))"

# Each part yields rows (table, id, score, matched field, matched text). $1 is the text.
_NAME = f"""
    (select 'customers', c.id,
            word_similarity({_FOLDED}, c.search_name) * (0.9 + 0.1 * similarity({_FOLDED}, c.search_name)),
            'NAME', c.display_name
     from customers c
     where {_FOLDED} <% c.search_name{{book}}
     order by 3 desc, c.sort_name, c.id limit {{first:d}})"""

_EMAIL = """
    (select 'customers', e.customer_id, case when lower(e.address) = lower($1::text) then 1.0 else 0.8 end,
            'EMAIL', e.address
     from emails e
     where lower(e.address) like {pattern}::text{book}
     order by 3 desc, 2 limit {first:d})"""

# A number is known by its last digits, whatever stands before them: +49, 0049, 0 or nothing.
_PHONE = """
    (select 'customers', p.customer_id, case when p.e164 = '+' || {digits}::text then 1.0 else 0.85 end,
            'PHONE', p.e164
     from phones p
     where reverse(p.e164) ~>=~ {reversed}::text and reverse(p.e164) ~<~ {beyond}::text{book}
     order by 3 desc, 2 limit {first:d})"""

_NUMBER = """
    (select '{table}', n.id, {score}, 'NUMBER', n.number from {table} n where n.number = {number}::text)"""

# The number of a customer that was merged leads to the survivor.
_FORMER = """
    (select 'customers', m.customer_id, {score}, 'NUMBER', m.merged_number from customer_merges m
     where m.merged_number = {number}::text and m.undone_at is null)"""

_IDENTIFIER = """
    (select 'customers', i.customer_id, 0.95, 'IDENTIFIER', i.value
     from customer_identifiers i where i.value = $1::text limit {first:d})"""


_NOWHERE = "select null, null::uuid, null, null, null where $1::text is null"

# A hit as a row: its table and UUID, how well it matches (0 to 1), and what matched.
HITS = Source(
    "hits",
    "",
    {
        name: Column(name, kind, nullable=False)
        for name, kind in (
            ("place", "text"),
            ("row_id", "text"),
            ("score", "float8"),
            ("matched_field", "text"),
            ("matched_text", "text"),
        )
    },
)


class _Parts:
    """The parts of a search under construction, and the values bound in them."""

    def __init__(self, text: str, first: int, *, of_book: bool) -> None:
        self.text = text
        self.values: list[Any] = [text]
        self.first = first
        self.of_book = of_book
        self.sql: list[str] = []

    def bind(self, value: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def book(self, customer: str) -> str:
        # Row-level security keeps what is compared here away from the indexes; a partner's search looks through its
        # book instead.
        return f" and {customer} in {CUSTOMERS}" if self.of_book else ""

    def identifiers(self) -> None:
        self.sql.append(_IDENTIFIER.format(first=self.first))

    def names(self) -> None:
        if "@" not in self.text and re.search(r"[^\W\d_]{2}", self.text):
            self.sql.append(_NAME.format(first=self.first, book=self.book("c.id")))

    def emails(self) -> None:
        if "@" in self.text or re.fullmatch(r"[\w.+-]{3,}", self.text):
            start = re.sub(r"([\\%_])", r"\\\1", self.text.lower())
            pattern = self.bind(start + ("%" if "@" in self.text else "@%"))
            self.sql.append(_EMAIL.format(first=self.first, pattern=pattern, book=self.book("e.customer_id")))

    def phones(self) -> None:
        digits = re.sub(r"\D", "", self.text).lstrip("0")
        if len(digits) >= MIN_PHONE_DIGITS and re.fullmatch(r"[\d\s()+/.\-–]+", self.text):
            end = digits[::-1]
            part = _PHONE.format(
                first=self.first,
                digits=self.bind(digits),
                reversed=self.bind(end),
                beyond=self.bind(end + ":"),
                book=self.book("p.customer_id"),
            )
            self.sql.append(part)

    def numbers(self, tables: frozenset[str]) -> None:
        match = re.fullmatch(r"([A-Za-z])?-?(\d{1,12})", self.text.replace(" ", ""))
        if match is None:
            return
        letter, figures = match.groups()
        for prefix, table in NUMBERED.items():
            if table in tables and (letter is None or letter.upper() == prefix):
                number = self.bind(f"{prefix}-{figures.lstrip('0').rjust(7, '0')}")
                score = "1.0" if letter else "0.9"
                self.sql.append(_NUMBER.format(table=table, score=score, number=number))
                if table == "customers":
                    self.sql.append(_FORMER.format(score=score, number=number))


def statement(text: str, first: int, tables: frozenset[str], *, of_book: bool = False) -> tuple[bytes, list[Any]]:
    """The search for `text` in `tables` as SQL with its parameters, yielding up to `first` rows, best first.

    With `of_book` as a partner asks for it.
    """
    parts = _Parts(" ".join(text.split()), first, of_book=of_book)
    if "customers" in tables:
        parts.identifiers()
        parts.names()
        parts.emails()
        parts.phones()
    parts.numbers(tables)
    sql = (
        "select place, id::text, score::float8, field, matched from ("
        + (" union all ".join(parts.sql) or _NOWHERE)
        + ") hits(place, id, score, field, matched) order by score desc, place, id, field"
        f" limit {first:d}"
    )
    return sql.encode(), parts.values


class SearchLoader(DataLoader[str, list[Row]]):
    """The best `first` hits for a text as rows of HITS, each object once, best first; for both drivers."""

    def __init__(self, snapshot: Snapshot, first: int, tables: frozenset[str]) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.first = first
        self.tables = tables
        self.lists: dict[str, list[Row]] = {}

    def missing(self, keys: Iterable[str | None]) -> list[str]:
        """Those of `keys` that are not searched for yet, each once; a blank text needs no search."""
        texts = [key for key in dict.fromkeys(keys) if key is not None]
        self.lists.update((text, []) for text in texts if not text.strip())
        return [text for text in texts if text not in self.lists]

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The search for the one text in `keys`."""
        (text,) = keys
        # An object may be hit in several ways; the best counts. Asking for twice as many leaves enough of them.
        return statement(text, self.first * 2, self.tables, of_book=self.snapshot.partner_id is not None)

    def store(self, keys: list[str], rows: list[Row]) -> None:
        """Take in what the search for the one text in `keys` brought."""
        hits: dict[tuple[str, str], Row] = {}
        for table, row_id, score, field, matched in rows:
            hits.setdefault((table, row_id), (table, row_id, round(min(score, 1.0), 4), field, matched))
        self.lists[keys[0]] = list(hits.values())[: self.first]

    async def batch_load_fn(self, keys: list[str]) -> list[list[Row]]:
        """One statement a text, all in one round trip."""
        await asyncio.gather(*(self._search(text) for text in self.missing(keys)))
        return [self.lists[key] for key in keys]

    async def _search(self, text: str) -> None:
        self.store([text], await self.snapshot.fetch(*self.statement([text])))

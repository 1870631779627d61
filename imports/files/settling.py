"""Settling: which stored row each record of a CSV row stands for, and whether that is new, changed or unchanged.

Rows are settled in the order of the file and only what stands above counts, so the outcome does not depend on where
one batch ends and the next begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.ids import new_id
from imports.files.known import Key, Known
from imports.files.records import ConvertedRow, Made, Plan, Reference
from imports.files.table import Reason
from imports.mapping.constants import shown

State = Literal["new", "changed", "unchanged", "repeated"]


@dataclass(slots=True)
class Batch:
    """What is known of a batch's keys and codes: the imported rows, the lines of this file, the rows with a code."""

    known: dict[Key, Known]
    seen: dict[Key, int]
    codes: Mapping[tuple[str, str], Mapping[str, str]]

    def learn(self, known: Mapping[Key, Known], lines: Mapping[Key, int]) -> None:
        """Take in what was written since."""
        self.known.update(known)
        self.seen.update(lines)


# Not frozen: made for every record of every row, and a frozen dataclass takes thrice as long to make.
@dataclass(slots=True)
class Settled:
    """A record with its row's id, its customer's id ("" for none) and its values, references resolved."""

    made: Made
    state: State
    line: int
    row_id: str
    customer_id: str
    values: Sequence[str]
    correlation_id: str


@dataclass(slots=True)
class Settler:
    """Settles the rows of one batch, one after the other. `new` and `lines` gather what the accepted rows bring."""

    plan: Plan
    batch: Batch
    new: dict[Key, Known] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    _changed: dict[Key, str] = field(default_factory=dict)

    def settle(self, converted: ConvertedRow) -> tuple[list[Settled], list[Reason]]:
        """The row's records, settled, or the reasons why the row is refused."""
        row = converted.row
        reasons = list(row.reasons)
        settled: dict[Key, Settled] = {}
        by_record: list[Settled | None] = [None] * len(self.plan.records)
        correlation_id = str(new_id())
        repeats: list[int] = []
        for made in converted.made:
            values = self._resolved(made, by_record, settled, reasons)
            key = (made.record.table, made.key)
            one = self._one(made, values, row.line, correlation_id, reasons)
            if one.state == "repeated":
                repeats.append(self._line_of(key))
            if key in settled and made.key:
                text = f"makes two rows of {made.record.table} with the key {shown(made.key)}"
                reasons.append(Reason("", text))
            settled[key] = one
            by_record[made.record.index] = one
        if not reasons and settled and len(repeats) == len(settled):
            reasons.append(Reason("", f"repeats line {repeats[0]}"))
        if reasons:
            return [], reasons
        for key, one in settled.items():
            if one.state == "repeated":
                continue
            self.lines[key] = row.line
            self._changed[key] = one.made.digest
            if one.state == "new":
                self.new[key] = Known(one.row_id, one.customer_id, one.made.digest)
        return list(settled.values()), []

    def _one(self, made: Made, values: Sequence[str], line: int, correlation_id: str, reasons: list[Reason]) -> Settled:
        key = (made.record.table, made.key)
        known = self.new.get(key) or self.batch.known.get(key)
        row_id = known.row_id if known is not None else str(new_id())
        position = made.record.customer
        customer_id = values[position] if position is not None else row_id if made.record.is_customer else ""
        state: State = "new"
        if known is not None:
            earlier = self._line_of(key)
            same = self._changed.get(key, known.digest) == made.digest
            if earlier:
                state = "repeated"
                if not same:
                    text = f"gives other values for {made.record.name} {shown(made.key)} than line {earlier}"
                    reasons.append(Reason(made.record.key_columns, text))
            else:
                state = "unchanged" if same else "changed"
            if state == "changed" and known.customer_id != customer_id and not reasons:
                text = f"{made.record.name} {shown(made.key)} belongs to another customer here"
                reasons.append(Reason(made.record.key_columns, text))
        return Settled(made, state, line, row_id, customer_id, values, correlation_id)

    def _line_of(self, key: Key) -> int:
        return self.lines.get(key) or self.batch.seen.get(key) or 0

    def _resolved(
        self,
        made: Made,
        by_record: Sequence[Settled | None],
        settled: Mapping[Key, Settled],
        reasons: list[Reason],
    ) -> Sequence[str]:
        """The record's values with the ids of the rows its references name."""
        if not made.record.references:
            return made.values
        values = list(made.values)
        for reference in made.record.references:
            text = values[reference.position]
            if not text:
                continue
            found = self._row_id(reference, text, by_record, settled)
            if not found:
                reasons.append(Reason(reference.column, _missing(reference, text)))
            values[reference.position] = found
        return values

    def _row_id(
        self,
        reference: Reference,
        text: str,
        by_record: Sequence[Settled | None],
        settled: Mapping[Key, Settled],
    ) -> str:
        if reference.record is not None:
            one = by_record[reference.record]
            return one.row_id if one is not None else ""
        if reference.imported is not None:
            key = (reference.imported, text)
            known = settled.get(key) or self.new.get(key) or self.batch.known.get(key)
            return known.row_id if known is not None else ""
        assert reference.lookup is not None
        return self.batch.codes.get(reference.lookup, {}).get(text, "")


def own_keys(rows: Sequence[ConvertedRow]) -> Iterator[Key]:
    """The keys of all records of the rows."""
    for converted in rows:
        for made in converted.made:
            if made.key:
                yield made.record.table, made.key


def _missing(reference: Reference, text: str) -> str:
    if reference.lookup is not None:
        table, column = reference.lookup
        return f"there is no row of {table} whose {column} is {shown(text)}"
    return f"no row of {reference.imported} was imported under the key {shown(text)}"

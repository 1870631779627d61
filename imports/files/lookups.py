"""Looking up what a batch needs to know, on a connection of its own, while the batch before it is being written."""

from collections.abc import Sequence

from imports.files.known import Connection, Key, add_seen, create_seen, known_rows, rows_by_code, seen_lines
from imports.files.records import ConvertedRow
from imports.files.settling import Batch, own_keys


class Lookups:
    """Answers for the batches of one import, in the order of the file.

    `rows` is the connection that sees the imported rows, `keys` the one that keeps the keys of this run. What the
    batch in progress brings is not in an answer yet: `note` remembers it, and the batch has to `learn` it.
    """

    def __init__(self, rows: Connection, keys: Connection, source: str) -> None:
        self._rows = rows
        self._keys = keys
        self._source = source
        create_seen(keys)

    def batch(self, rows: Sequence[ConvertedRow]) -> Batch:
        """What the database knows of the rows' keys and codes, in one query for each kind."""
        keys = dict.fromkeys(own_keys(rows))
        wanted: dict[Key, None] = {}
        codes: dict[tuple[str, str], dict[str, None]] = {}
        for converted in rows:
            for made in converted.made:
                for reference in made.record.references:
                    text = made.values[reference.position]
                    if text and reference.imported is not None:
                        wanted[reference.imported, text] = None
                    elif text and reference.lookup is not None:
                        codes.setdefault(reference.lookup, {})[text] = None
        known = known_rows(self._rows, self._source, [*keys, *wanted])
        return Batch(
            known=known,
            # What was accepted from this file is known by now; of other keys there is nothing to look for.
            seen=seen_lines(self._keys, [key for key in keys if key in known]),
            codes={path: rows_by_code(self._rows, *path, list(texts)) for path, texts in codes.items()},
        )

    def note(self, lines: dict[Key, int]) -> None:
        """Remember the lines of the keys a batch brought."""
        add_seen(self._keys, lines)

"""A small mapping and files of a few people, for the tests of single rows."""

import csv
from pathlib import Path

from imports.files import ImportSummary, run
from tests.imports.states import rows

PEOPLE = """
source = "people"
[file]
empty = ["-"]
[[records]]
name = "customer"
table = "customers"
key = "{No}"
[records.fields]
kind = { value = "PERSON" }
display_name = { template = "{First} {Last}" }
first_name = { column = "First" }
last_name = { column = "Last" }
sort_name = { column = "Last" }
birth_date = { column = "Born" }
income_amount = { column = "Income" }
risk_score = { column = "Risk" }
currency = { value = "EUR" }
language = { value = "en" }
status = { column = "Status", map = { active = "ACTIVE", gone = "INACTIVE" }, default = "PROSPECT" }
kyc_status = { value = "NOT_STARTED", once = true }
segment = { value = "MASS" }
customer_since = { value = 2020-01-01 }
[records.attributes]
note = { column = "Note" }
[[records]]
name = "email"
table = "emails"
key = "{No}"
when = [{ column = "Mail", filled = true }]
[records.fields]
customer_id = { record = "customer" }
kind = { value = "PERSONAL" }
address = { column = "Mail" }
"""
HEADER = "No,First,Last,Born,Income,Risk,Status,Note,Mail"
ADA = "1,Ada,King,1815-12-10,100.50,7,active,,ada@example.org"
BOB = "2,Bob,Roe,-,,,gone,tall,"
EVE = "3,Eve,Poe,1990-01-31,5,100,,,eve@example.org"


class People:
    """A mapping and a file of people in a test's folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.mapping = folder / "people.toml"
        self.file = folder / "people.csv"
        self.rejects = folder / "rejects.csv"
        self.mapping.write_text(PEOPLE)

    def run(self, *lines: str | bytes, header: str = HEADER, dry_run: bool = False) -> ImportSummary:
        parts = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
        self.file.write_bytes(b"".join(part + b"\n" for part in parts))
        return run(self.url, self.file, self.mapping, rejects=self.rejects, dry_run=dry_run)

    def refused(self) -> list[tuple[int, str, str]]:
        with self.rejects.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return [
                (int(row["reject_line"]), row["reject_column"], row["reject_reason"]) for row in csv.DictReader(file)
            ]

    def names(self) -> list[str]:
        return [name for (name,) in rows(self.url, "select display_name from customers order by 1")]

    def events(self) -> list[tuple[str, str]]:
        return rows(self.url, "select type, summary from events order by position")

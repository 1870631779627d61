"""Mapping files: what is wrong with one is said in one line, before any file is opened."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import StartError
from imports.files.entities import HISTORIES, fact_of
from imports.files.values import decimal_of, shifted
from imports.mapping import read
from imports.mapping.catalogue import IMPORTABLE, entity
from imports.mapping.structure import FileFormat
from imports.mapping.templates import parse
from models.event_types import EVENT_TYPES

SHIPPED = sorted(Path(__file__).parents[2].joinpath("imports", "mappings").glob("*.toml"))

HEAD = 'source = "test"\n'
TEAM = '[[records]]\nname = "team"\ntable = "teams"\nkey = "{Code}"\n'
FIELDS = """[records.fields]
code = { column = "Code" }
name = { column = "Name" }
kind = { value = "SALES" }
"""
GOOD = HEAD + TEAM + FIELDS
CONTRACT = (
    TEAM
    + FIELDS
    + """
[[records]]
name = "agent"
table = "agents"
key = "{Code}"
[records.fields]
first_name = { column = "First" }
last_name = { column = "Last" }
email = { column = "Mail" }
job_title = { value = "Adviser" }
team_id = { record = "team" }
status = { value = "ACTIVE" }
employment = { value = "EMPLOYEE" }
hired_on = { column = "Hired" }
"""
)


def _error(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(StartError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_a_good_mapping_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(GOOD)
    assert read(path).columns() == ["Code", "Name"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
def test_the_mappings_we_ship_are_good(path: Path) -> None:
    read(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("source = ", "not valid TOML"),
        (TEAM + FIELDS, "source: is missing"),
        (HEAD, "records: is missing"),
        (HEAD + "sorce = 1\n" + TEAM + FIELDS, "sorce: unknown key; expected one of source, description, file"),
        (HEAD + '[file]\ndelimiter = ";;"\n' + TEAM + FIELDS, "file.delimiter: expected one character"),
        (HEAD + '[file]\nencoding = "utf-9"\n' + TEAM + FIELDS, "file.encoding: expected the name of an encoding"),
        (HEAD + '[file]\ntime_zone = "Berlin"\n' + TEAM + FIELDS, "file.time_zone: expected a time zone"),
        (HEAD + '[file]\ndecimal = ","\nthousands = ","\n' + TEAM + FIELDS, "file: decimal and thousands must be"),
        (
            GOOD.replace('"teams"', '"team"'),
            "records \"team\", table: unknown table 'team'; expected one of customers,",
        ),
        (GOOD.replace('"teams"', '"events"'), "records \"team\", table: unknown table 'events'"),
        (
            GOOD + 'nam = { value = "x" }\n',
            'records "team", fields.nam: teams has no such field; expected one of code,',
        ),
        (GOOD + 'id = { value = "x" }\n', 'records "team", fields.id: teams has no such field'),
        (GOOD.replace('name = { column = "Name" }\n', ""), 'records "team", fields.name: is required in teams'),
        (GOOD.replace("SALES", "SALE"), "fields.kind.value: expected one of SERVICE, SALES, CLAIMS, UNDERWRITING"),
        (GOOD.replace('"SALES"', "3"), 'records "team", fields.kind.value: expected one of SERVICE'),
        (GOOD.replace('value = "SALES"', 'colum = "Kind"'), 'records "team", fields.kind.colum: unknown key; expected'),
        (GOOD.replace('{ value = "SALES" }', "{ }"), "fields.kind: expected exactly one of value, column, template"),
        (GOOD.replace('value = "SALES"', 'column = "Kind", map = "kinds"'), "fields.kind.map: there is no maps.kinds"),
        (
            GOOD.replace('value = "SALES"', 'column = "Kind", map = { a = "B" }'),
            "fields.kind.map (map.a): expected one",
        ),
        (GOOD.replace("{Code}", "{Code"), 'records "team", key: template'),
        (GOOD.replace("{Code}", "{Code}{#}"), 'records "team": {#} is the number of a repeated record'),
        (GOOD.replace("[records.fields]", 'repeat = { column = "N" }\n[records.fields]'), "needs {#} in its key"),
        (GOOD.replace('column = "Name"', 'column = "Name", times = 2'), "fields.name.times: is for a number"),
        (GOOD.replace('column = "Name"', 'column = "Name", format = "%Y"'), "fields.name.format: is for a date"),
        (GOOD.replace('column = "Name"', 'column = "Name", type = "text"'), "fields.name.type: only an attribute"),
        (
            GOOD.replace('column = "Name"', 'column = "Name", lookup = "teams.code"'),
            "fields.name.lookup: expected a va",
        ),
        (GOOD + '[records.attributes]\nx = { column = "X" }\n', 'records "team", attributes: teams has no attributes'),
        (GOOD + TEAM + FIELDS, 'records "team": another record has the same name'),
        (GOOD + TEAM.replace('"team"', '"other"') + FIELDS, 'records "team" makes rows of teams with this key too'),
        (HEAD + CONTRACT.replace('record = "team"', 'record = "tem"'), "fields.team_id.record: expected a record that"),
        (HEAD + CONTRACT.replace('record = "team"', 'column = "T"'), "fields.team_id: names a row of teams; expected"),
        (
            HEAD + CONTRACT.replace('record = "team"', 'column = "T", imported = "agents"'),
            "fields.team_id: names a row of teams; expected imported or lookup of that table, got 'agents'",
        ),
        (
            HEAD + CONTRACT.replace('record = "team"', 'column = "T", lookup = "teams.name"'),
            "fields.team_id.lookup: expected a unique column of teams (code), got 'name'",
        ),
        (HEAD + CONTRACT.replace('"Hired" }', '"Hired", not_before = "team.name" }'), "expected a date or a time, and"),
        (HEAD + CONTRACT.replace('"Hired" }', '"Hired", not_before = "x.y" }'), "hired_on.not_before: expected record"),
        (HEAD + CONTRACT.replace('column = "Hired"', "value = 7"), "fields.hired_on.value: expected a date such as"),
        (HEAD + "[[references.customers]]\n" + TEAM + FIELDS, "references.customers: expected a table whose rows are"),
        (
            HEAD + '[[references.teams]]\ncode = "a"\n' + TEAM + FIELDS,
            "references.teams[1]: name is required (and 1 more",
        ),
        (
            GOOD.replace("[records.fields]", 'when = [{ column = "A" }]\n[records.fields]'),
            'records "team", when[1]: expected exactly one of filled',
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in _error(tmp_path, text)


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read: No such file"):
        read(tmp_path / "none.toml")


def test_templates() -> None:
    positions = {"First": 0, "Middle": 1, "Last": 2}
    full = parse("{First} {Middle?} {Last}").renderer(positions)
    assert full(["Ada", "M", "King"], 1) == "Ada M King"
    assert full(["Ada", "", "King"], 1) == "Ada King"
    assert full(["", "M", "King"], 1) == ""
    assert parse("{{{Last}}}/{#}").renderer(positions)(["", "", "x"], 7) == "{x}/7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.234,50", "1234.50"), ("-7", "-7"), ("1234,5", "1234.5"), ("1.234.567", "1234567")],
)
def test_numbers_with_a_decimal_comma(text: str, expected: str) -> None:
    assert decimal_of(text, FileFormat(decimal=",", thousands=".")) == Decimal(expected)


@pytest.mark.parametrize("text", ["1.5", "12.34,5", "1,2,3", "1_000", "inf", "nan", "1e99", "1e-999999", "١", "five"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a number such as 1\.234,50"):
        decimal_of(text, FileFormat(decimal=",", thousands="."))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2011-03-31", -1, "2011-02-28"), ("2012-03-31", -1, "2012-02-29"), ("2011-01-15", -99, "2002-10-15")],
)
def test_counting_months(day: str, months: int, expected: str) -> None:
    assert shifted(datetime.fromisoformat(day), months=months).date().isoformat() == expected
    with pytest.raises(ValueError, match="leaves the calendar"):
        shifted(datetime.fromisoformat(day), months=-999_999)


def test_every_importable_table_declares_its_events() -> None:
    for table in IMPORTABLE:
        history = HISTORIES[table]
        columns = {*entity(table).targets, "id"}
        assert history.subject is None or history.subject.column in columns
        for made in history.made:
            assert {fact_of(column) for column in made.facts} <= set(EVENT_TYPES[made.type].facts)
            assert {*made.at, *made.facts, *(name for name, _ in (*made.when, *made.unless))} <= columns
            assert set(parse(made.summary).columns()) <= columns
        for changed in history.changed:
            assert changed.type in EVENT_TYPES
            assert {*changed.columns, *parse(changed.summary).columns()} <= columns

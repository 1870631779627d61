"""Importing files: what becomes of good rows, bad rows, changed rows and interrupted runs."""

import dataclasses
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from core.errors import StartError
from imports.files import ImportSummary, run, running
from imports.files.summary import Counts
from tests.imports.people import ADA, BOB, EVE, HEADER, PEOPLE, People
from tests.imports.states import contents, fingerprints, rows

DATA = Path(__file__).parents[1] / "data"
KUNDEN, KUNDEN_MAPPING = DATA / "nordlicht_kunden.csv", DATA / "nordlicht_kunden.toml"
VERTRAEGE, VERTRAEGE_MAPPING = DATA / "nordlicht_vertraege.csv", DATA / "nordlicht_vertraege.toml"
EXCERPT = DATA / "ibm_auto_insurance_excerpt.csv"
IBM = Path(__file__).parents[2] / "imports" / "mappings" / "ibm_auto_insurance.toml"


def _nordlicht(url: str) -> tuple[ImportSummary, ImportSummary]:
    return run(url, KUNDEN, KUNDEN_MAPPING), run(url, VERTRAEGE, VERTRAEGE_MAPPING)


def test_another_insurer_in_two_files(empty_database: str) -> None:
    customers, contracts = _nordlicht(empty_database)

    assert (customers.rows, customers.rejected) == (4, 0)
    assert customers.entities["customers"] == Counts(inserted=4)
    assert customers.entities["phones"] == Counts(inserted=3)
    assert (contracts.rows, contracts.rejected) == (4, 0)
    assert contracts.entities["products"] == Counts(inserted=2)
    assert rows(
        empty_database,
        """select number, display_name, sort_name, kind, gender, birth_date::text, income_amount, attributes
        from customers order by sort_name""",
    ) == [
        ("C-0000003", "Bäckerei Groß GmbH", "Bäckerei Groß GmbH", "ORGANISATION", None, None, None,
         {"marketing": True}),
        ("C-0000001", "Dr. Jürgen-Änne Müller", "Müller Jürgen-Änne", "PERSON", "FEMALE", "1971-05-03",
         Decimal("54300.50"), {"marketing": True}),
        ("C-0000004", "Paul", "Paul", "PERSON", "MALE", "1960-02-29", Decimal("1000.00"), {"marketing": False}),
        ("C-0000002", "Ömer Straße", "Straße Ömer", "PERSON", "MALE", "1988-12-31", None,
         {"note": "ruft; gern an", "marketing": False}),
    ]  # fmt: skip
    assert rows(empty_database, "select e164 from phones order by 1") == [
        ("+49221" "1234567",), ("+49341998877",), ("+49421555123",),
    ]  # fmt: skip
    assert rows(
        empty_database,
        """select c.display_name, p.code, k.status, k.started_on::text, k.annual_premium_amount,
            k.attributes->>'policyNumber'
        from contracts k join customers c on c.id = k.customer_id join products p on p.id = k.product_id order by 6""",
    ) == [
        ("Dr. Jürgen-Änne Müller", "KFZ-VOLL", "ACTIVE", "2016-03-01", Decimal("598.80"), "V-1"),
        ("Dr. Jürgen-Änne Müller", "HAUS-1", "EXPIRED", "2017-01-01", Decimal("120.00"), "V-2"),
        ("Ömer Straße", "KFZ-VOLL", "ACTIVE", "2019-09-01", Decimal("457.20"), "V-3"),
        ("Bäckerei Groß GmbH", "HAUS-1", "ACTIVE", "2010-01-01", Decimal("1020.00"), "V-4"),
    ]
    # Half past nine in Berlin, in summer.
    assert rows(empty_database, "select (reported_at at time zone 'UTC')::text from claims order by 1 desc") == [
        ("2018-07-15 07:30:00",), ("2012-02-03 16:00:00",),
    ]  # fmt: skip
    assert rows(
        empty_database,
        """select type, (occurred_at at time zone 'UTC')::date::text, summary from events
        where subject_kind in ('CONTRACT', 'CLAIM')
            and customer_id = (select id from customers where number = 'C-0000001')
        order by occurred_at""",
    ) == [
        ("ContractIssued", "2016-03-01", "Contract issued: extended cover, premium 49.90 EUR monthly"),
        ("ContractIssued", "2017-01-01", "Contract issued: basic cover, premium 120.00 EUR annual"),
        ("ContractExpired", "2017-12-31", "Contract reached the end of its term"),
        ("ClaimSubmitted", "2018-07-15", "Claim of 1250.00 EUR reported, cause: other"),
    ]  # fmt: skip


def test_a_second_run_changes_nothing(empty_database: str) -> None:
    _nordlicht(empty_database)
    before = fingerprints(empty_database)
    again = _nordlicht(empty_database)
    assert fingerprints(empty_database) == before
    for summary in again:
        assert all(counts.inserted == counts.updated == 0 for counts in summary.entities.values())


def test_a_changed_value_changes_its_row_only(people: People) -> None:
    people.run(ADA, BOB, EVE)
    before = rows(people.url, "select id, version, updated_at from customers where last_name <> 'King' order by id")
    summary = people.run(ADA.replace("100.50", "200").replace("active", "gone"), BOB, EVE)

    assert summary.entities["customers"] == Counts(updated=1, unchanged=2)
    assert summary.entities["emails"] == Counts(unchanged=2)
    assert rows(
        people.url,
        "select income_amount, status, version, updated_at > created_at from customers where last_name = 'King'",
    ) == [(Decimal("200.00"), "INACTIVE", 2, True)]
    assert before == rows(
        people.url, "select id, version, updated_at from customers where last_name <> 'King' order by id"
    )
    assert people.events()[3:] == [
        ("CustomerStatusChanged", "Status changed to inactive"),
        ("CustomerInformationUpdated", "Customer details changed"),
    ]
    assert rows(people.url, "select payload from events where type = 'CustomerInformationUpdated'") == [
        ({"changed": ["income"]},)
    ]


def test_a_changed_contact_point_is_an_event_of_its_own(people: People) -> None:
    people.run(ADA, BOB)
    people.run(ADA.replace("ada@", "countess@"), BOB + "bob@example.org")
    assert people.events()[2:] == [
        ("ContactInformationChanged", "E-mail address added"),
        ("ContactInformationChanged", "E-mail address changed"),
    ]
    assert rows(people.url, "select address from emails order by 1") == [
        ("bob@example.org",),
        ("countess@example.org",),
    ]
    assert rows(people.url, "select distinct version from customers") == [(1,)]


def test_what_the_service_decides_and_others_added_is_kept(people: People) -> None:
    people.run(BOB)
    with psycopg.connect(people.url) as connection:
        connection.execute("update customers set kyc_status = 'VERIFIED', attributes = attributes || '{\"other\": 1}'")
    people.run(BOB.replace("tall", "").replace("Bob", "Rob"))
    assert rows(people.url, "select display_name, kyc_status, attributes from customers") == [
        ("Rob Roe", "VERIFIED", {"other": 1})
    ]


def test_a_bad_row_is_refused_with_all_its_reasons(people: People) -> None:
    summary = people.run(ADA, "2,,Roe,31.1.1990,1e99,101,away,,", EVE)
    assert (summary.rows, summary.rejected) == (3, 1)
    assert people.names() == ["Ada King", "Eve Poe"]
    [(line, column, reason)] = people.refused()
    assert (line, column) == (3, "First; Born; Income; Risk; Status")
    assert reason.split("; ")[1:] == [
        "Born: expected a date like %Y-%m-%d, got '31.1.1990'",
        "Income: expected a number such as 1234.50, got '1e99'",
        "Risk: expected a number from 0 to 100, got '101'",
        "Status: unknown value 'away'",
        "the map has 'active', 'gone'",
    ]
    assert reason.startswith("First: is empty, but required; Born:")


def test_a_corrected_rejects_file_can_be_imported(people: People) -> None:
    people.run(ADA, BOB.replace("gone", "lost"))
    corrected = people.rejects.read_text().replace(",lost,", ",gone,")
    people.run(*corrected.splitlines()[1:], header=corrected.splitlines()[0])
    assert people.names() == ["Ada King", "Bob Roe"]
    assert people.refused() == []


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("9,Only,Three", "", "has 3 columns, the header has 9"),
        (BOB + ",,", "", "has 11 columns, the header has 9"),
        (BOB.encode().replace(b"tall", b"gr\xfc\xdf"), "Note", "Note: is not valid utf-8 text"),
        (BOB.replace("tall", "a\0b"), "Note", "Note: holds a NUL byte"),
        (BOB.replace("tall", '"a"b'), "", "line 3 cannot be read as CSV: ',' expected after '\"'"),
        (BOB.replace("2,", ",", 1), "No", "No: is empty, and it is the key of customer"),
        (ADA, "", "repeats line 2"),
        (ADA.replace("Ada", "Eda"), "No", "No: gives other values for customer '1' than line 2"),
    ],
)
def test_a_broken_row_does_not_stop_the_others(people: People, line: str | bytes, column: str, reason: str) -> None:
    summary = people.run(ADA, line, EVE)
    assert (summary.rows, summary.rejected) == (3, 1)
    assert people.refused() == [(3, column, reason)]
    assert people.names() == ["Ada King", "Eve Poe"]
    raw = people.rejects.read_bytes().splitlines()[1:]
    if b"\xfc" in (line if isinstance(line, bytes) else b""):
        assert b"gr\xfc\xdf" in raw[0]


def test_an_open_quote_loses_no_text(people: People) -> None:
    summary = people.run(ADA, BOB.replace("tall", '"tall'), EVE)
    assert (summary.rows, summary.rejected) == (2, 1)
    assert "lines 3 to 4 cannot be read as CSV" in people.refused()[0][2]
    assert EVE in people.rejects.read_text()


def test_special_characters_arrive_as_they_are(people: People) -> None:
    note = 'back\\slash\ttab\nline "quoted" \\N ü'
    people.run(BOB.replace("tall", '"' + note.replace('"', '""') + '"').replace("Bob", "B\\ob"))
    assert rows(people.url, "select first_name, attributes->>'note' from customers") == [("B\\ob", note)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; expected a header line"),
        (b"\n\n", "is empty; expected a header line"),
        (HEADER.replace(",Mail", "").encode(), 'has no column "Mail", which the mapping uses'),
        (HEADER.encode() + b",Shoe size", 'the mapping does not use "Shoe size"; map the column or list it'),
        (HEADER.encode() + b",No", 'the header names "No" more than once'),
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole(people: People, content: bytes, message: str) -> None:
    people.file.write_bytes(content)
    with pytest.raises(StartError, match=message):
        run(people.url, people.file, people.mapping)


def test_a_header_alone_is_an_empty_import(people: People) -> None:
    summary = people.run()
    assert (summary.rows, summary.rejected, summary.entities["customers"]) == (0, 0, Counts())


def test_a_byte_order_mark_and_blank_lines_are_skipped(people: People) -> None:
    assert people.run("", ADA, "", header="\ufeff" + HEADER).rejected == 0
    assert people.names() == ["Ada King"]


def test_what_only_the_database_can_refuse(people: People) -> None:
    mapping = PEOPLE + (
        '[[records]]\nname = "tax"\ntable = "customer_identifiers"\nkey = "{No}"\n[records.fields]\n'
        'customer_id = { record = "customer" }\nscheme = { value = "tax" }\nvalue = { column = "Tax" }\n'
    )
    people.mapping.write_text(mapping)
    lines = [f"{n},A,B{n},,,,,,,T{n % 40}" for n in range(43)]
    summary = people.run(*lines, header=HEADER + ",Tax")
    assert (summary.rejected, summary.entities["customers"].inserted) == (3, 40)
    for line, _, reason in people.refused():
        assert line in (42, 43, 44)
        assert "the database refuses it: duplicate key value" in reason
        assert f"(scheme, value)=(tax, T{line - 42}) already exists" in reason
    assert len(people.events()) == 40


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_leave_no_trace_in_the_outcome(people: People, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", batch)
    summary = people.run(ADA, BOB, ADA, EVE, BOB.replace("tall", "small"), ADA.replace("ada@", "a@"))
    assert summary.entities["customers"] == Counts(inserted=3)
    assert [(line, reason[:14]) for line, _, reason in people.refused()] == [
        (4, "repeats line 2"),
        (6, "No: gives othe"),
        (7, "No: gives othe"),
    ]


def test_a_contract_of_an_unknown_customer_is_refused(empty_database: str, tmp_path: Path) -> None:
    summary = run(empty_database, VERTRAEGE, VERTRAEGE_MAPPING, rejects=tmp_path / "r.csv")
    assert (summary.rejected, summary.entities["contracts"]) == (4, Counts())
    assert "Kunde: no row of customers was imported under the key '10001'" in (tmp_path / "r.csv").read_text("cp1252")


def test_a_contract_does_not_change_hands(empty_database: str, tmp_path: Path) -> None:
    _nordlicht(empty_database)
    changed = tmp_path / "v.csv"
    changed.write_bytes(VERTRAEGE.read_bytes().replace(b"V-3;10002", b"V-3;10003").replace(b"HAUS-1;K", b"HAUS-9;K"))
    summary = run(empty_database, changed, VERTRAEGE_MAPPING, rejects=tmp_path / "r.csv")
    assert summary.rejected == 2
    text = (tmp_path / "r.csv").read_text("cp1252")
    assert "contract 'V-3' belongs to another customer here" in text
    assert "Tarif: there is no row of products whose code is 'HAUS-9'" in text


def test_a_row_deleted_here_is_not_made_again(people: People) -> None:
    people.run(ADA, EVE)
    with psycopg.connect(people.url) as connection:
        connection.execute("delete from emails where address like 'ada%'")
    assert people.run(ADA, EVE).rejected == 0
    assert people.run(ADA.replace("ada@", "a@"), EVE.replace("Eve", "Eva")).rejected == 1
    assert people.refused()[0][2] == "stands for a row of emails that was deleted here since it was imported"
    assert people.names() == ["Ada King", "Eva Poe"]


def test_a_dry_run_tells_all_and_does_nothing(people: People) -> None:
    people.run(BOB)
    before = fingerprints(people.url)
    lines = (ADA, BOB.replace("Bob", "Rob"), EVE, ADA, "x")
    rehearsed = people.run(*lines, dry_run=True)
    rejects = people.rejects.read_bytes()
    assert fingerprints(people.url) == before

    done = people.run(*lines)
    assert rehearsed == dataclasses.replace(done, dry_run=True, seconds=rehearsed.seconds)
    assert people.rejects.read_bytes() == rejects


def test_progress_ends_with_the_whole_file(people: People) -> None:
    people.run(ADA)
    calls: list[tuple[int, int]] = []
    run(people.url, people.file, people.mapping, progress=lambda done, total: calls.append((done, total)))
    size = people.file.stat().st_size
    assert calls == [(size, size)]


KILLED = """
import os, signal, sys
from pathlib import Path
from imports.files import loading, running
running.BATCH_ROWS = 20
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
batches = 0
def count(done, total):
    global batches
    batches += 1
    if batches == 3:
        if sys.argv[4] == "between":
            die()
        loading.change_known = die  # the last step of the next transaction
running.run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), progress=count)
"""


@pytest.mark.parametrize("moment", ["between", "within"])
def test_a_killed_run_is_taken_up_again(
    empty_database: str, bare_database: str, migrated_template: str, moment: str
) -> None:
    from migrations import upgrade

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, empty_database, str(EXCERPT), str(IBM), moment],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    [(half,)] = rows(empty_database, "select count(*) from customers")
    assert 40 <= half < 100

    run(empty_database, EXCERPT, IBM)
    upgrade(bare_database)
    run(bare_database, EXCERPT, IBM)
    assert contents(empty_database) == contents(bare_database)


def test_two_runs_at_once_make_everything_once(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: run(empty_database, EXCERPT, IBM), range(2))
    made = sorted((first.entities["customers"].inserted, second.entities["customers"].inserted))
    assert made[0] == 0
    assert rows(empty_database, "select count(*) from customers") == [(made[1],)]


def test_a_run_that_waits_too_long_says_so(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOCK_WAIT", "50ms")
    with psycopg.connect(people.url) as other:
        other.execute("select pg_advisory_lock(hashtextextended('c360 import people', 0))")
        with pytest.raises(StartError, match="another import of people is running"):
            people.run(ADA)


def test_errors_of_the_surroundings_are_one_line(people: People, bare_database: str, tmp_path: Path) -> None:
    people.run(ADA)
    for url, file, rejects, message in [
        ("postgresql://nobody@127.0.0.1:1/none", people.file, None, "cannot connect to the database"),
        (bare_database, people.file, None, "has no customer360 tables yet"),
        (people.url, tmp_path / "none.csv", None, "none.csv: cannot be read: No such file"),
        (people.url, tmp_path, None, "cannot be read: Is a directory"),
        (people.url, people.file, people.file, "the rejects would overwrite"),
        (people.url, people.file, tmp_path / "no" / "r.csv", "r.csv: cannot be written"),
    ]:
        with pytest.raises(StartError, match=message) as caught:
            run(url, file, people.mapping, rejects=rejects)
        assert "\n" not in str(caught.value)

"""`c360 audit verify` and `c360 audit head`, as an operator runs them; and what commands leave in the log."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from auth.audit.chain import Head
from cli import main
from imports import files
from tests.audit.logs import fill, rows

DATA = Path(__file__).parent.parent / "data"


def _run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments], env={"DATABASE_URL": url})


def test_a_whole_log(empty_database: str) -> None:
    empty = _run(empty_database, "head")
    assert empty.exit_code == 0
    fill(empty_database, 12)
    noted = _run(empty_database, "head").stdout.strip()
    assert Head.parse(noted).number == 12, "the head is sealed before it is printed"
    fill(empty_database, 3)
    result = _run(empty_database, "verify", "--expect", noted, "--expect", empty.stdout)
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first == "the audit log is whole: 15 sealed entries"
    assert second.startswith("head 15:")


def test_a_log_that_was_changed(empty_database: str) -> None:
    fill(empty_database, 200)
    noted = _run(empty_database, "head").stdout.strip()
    with psycopg.connect(empty_database) as connection:
        connection.execute("alter table audit_entries disable trigger all")
        connection.execute("update audit_entries set purpose = 'x'")
    result = _run(empty_database, "verify", "--expect", noted)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 102
    [(entry,)] = rows(empty_database, "select entry_id from audit_seals where number = 1")
    assert lines[0] == f"entry aud_{entry} (seal 1) was changed, moved or inserted"
    assert lines[-2:] == ["… and 100 more", "the audit log is not whole: 200 findings in 200 sealed entries"]


def test_the_exit_status_of_the_process(empty_database: str) -> None:
    """As a script or a timer sees it."""
    fill(empty_database, 5)
    command = [str(Path(sys.executable).with_name("c360")), "audit", "verify"]
    environment = {**os.environ, "DATABASE_URL": empty_database}
    assert subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode == 0
    with psycopg.connect(empty_database) as connection:
        connection.execute("alter table audit_entries disable trigger all")
        connection.execute("delete from audit_entries where operation = 'change3'")
    assert subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode == 1


def test_a_shortened_log(empty_database: str) -> None:
    fill(empty_database, 5)
    noted = _run(empty_database, "head").stdout.strip()
    with psycopg.connect(empty_database) as connection:
        for table in ("audit_seals", "audit_entries"):
            connection.execute(f"alter table {table} disable trigger all")
            connection.execute(f"delete from {table}")
    result = _run(empty_database, "verify", "--expect", noted)
    assert result.exit_code == 1
    assert "once had a seal 5" in result.stdout


@pytest.mark.parametrize("expected", ["", "12", "x:00", f"1:{'0' * 63}", f"-1:{'0' * 64}", f"1:{'g' * 64}"])
def test_what_is_no_head(empty_database: str, expected: str) -> None:
    result = _run(empty_database, "verify", f"--expect={expected}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: --expect: a head is written as a number, a colon and 64 hexadecimal digits\n"


def test_a_database_without_a_log(bare_database: str) -> None:
    result = _run(bare_database, "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "c360 migrate" in result.stderr


def test_an_import_is_in_the_log_and_a_rehearsal_is_not(empty_database: str) -> None:
    arguments = (empty_database, DATA / "nordlicht_kunden.csv", DATA / "nordlicht_kunden.toml")
    files.run(*arguments, dry_run=True)
    assert rows(empty_database, "select from audit_entries") == []
    files.run(*arguments)
    (begun, done) = rows(
        empty_database,
        "select kind, actor_kind, operation, details, customer_ids::text[] from audit_entries order by position",
    )
    assert begun[:3] == ("ADMINISTRATION", "SYSTEM", "import")
    assert begun[3]["file"] == "nordlicht_kunden.csv"
    assert begun[3]["sha256"] == hashlib.sha256(arguments[1].read_bytes()).hexdigest()
    assert done[:3] == ("MUTATION", "SYSTEM", "import")
    assert done[3]["rows"]["customers.inserted"] == 4
    assert sorted(done[4]) == sorted(row[0] for row in rows(empty_database, "select id::text from customers"))
    # What changes nothing concerns nobody.
    files.run(*arguments)
    assert rows(empty_database, "select count(*), count(*) filter (where kind = 'MUTATION') from audit_entries") == [
        (3, 1)
    ]


def test_the_demo_world_is_in_the_log(demo_database: str) -> None:
    found = rows(demo_database, "select operation, details from audit_entries")
    assert found == [("demo", {"customers": 150, "seed": 360})]

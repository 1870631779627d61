"""`c360 user`, `c360 api-key` and `c360 keys`, run as a user runs them."""

import re
import stat
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from auth import keys
from cli import main


class Shell:
    """Runs commands on one database."""

    def __init__(self, url: str) -> None:
        self._runner = CliRunner(env={"DATABASE_URL": url, "C360_ENV": "development"})

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """The result of a command."""
        return self._runner.invoke(main, arguments, input=stdin)

    def good(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints that succeeds."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.output

    def bad(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints that is refused."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code in (1, 2), result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output


@pytest.fixture
def shell(empty_database: str) -> Shell:
    """Commands on an empty database with a partner."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            """
            insert into partners (id, created_at, updated_at, name, kind, status, country, since)
            values (gen_random_uuid(), now(), now(), 'Nord', 'BROKER', 'ACTIVE', 'DE', '2020-01-01')
            """
        )
    return Shell(empty_database)


def test_the_life_of_a_user(shell: Shell) -> None:
    assert "c360 user add LOGIN --role administrator" in shell.good("user", "list")
    made = shell.good("user", "add", "root", "--role", "administrator", "--generate")
    assert re.search(r"one-time password: (\w{5}-){3}\w{5}\n", made)
    given = shell.good(
        "user",
        "add",
        "anna",
        "--role",
        "agent",
        "--role",
        "Senior-Agent",
        "--password-stdin",
        stdin="nine purple otters waltz\n",
    )
    assert given == "added anna (AGENT, SENIOR_AGENT)\n"
    assert shell.good("user", "add", "paula", "--role", "partner", "--partner", "P-0000001").startswith("added paula")
    assert shell.good("user", "disable", "ANNA") == "disabled anna\n"
    assert re.search(r"^anna +DISABLED +AGENT, SENIOR_AGENT, never in$", shell.good("user", "list"), re.MULTILINE)
    assert shell.good("user", "enable", "anna") == "enabled anna\n"
    assert shell.good("user", "roles", "anna", "--role", "manager") == "anna is now MANAGER\n"
    assert "one-time password: " in shell.good("user", "reset", "anna", "--second-factor")
    listed = shell.good("user", "list")
    assert re.search(r"^paula +ACTIVE +PARTNER of P-0000001, never in$", listed, re.MULTILINE)
    assert "c360 user add" not in listed


def test_what_is_refused_is_said_in_a_line(shell: Shell) -> None:
    assert "king is no role; there are administrator, manager, senior-agent" in shell.bad(
        "user", "add", "x", "--role", "king"
    )
    assert "Missing option '--role'" in shell.bad("user", "add", "anna")
    assert "needs a partner" in shell.bad("user", "add", "anna", "--role", "partner")
    assert "too easy to guess" in shell.bad(
        "user", "add", "anna", "--role", "agent", "--password-stdin", stdin="password12345\n"
    )
    assert "no user with that login" in shell.bad("user", "disable", "nobody")
    assert "choose one" in shell.bad("user", "add", "anna", "--role", "agent", "--generate", "--password-stdin")


def test_the_life_of_an_api_key(shell: Shell) -> None:
    made = shell.good(
        "api-key", "create", "portal", "--partner", "P-0000001", "--scope", "customers:read", "--days", "30"
    )
    text = re.search(r"^API key: (c360_[a-z0-9]{8}_\S{43})$", made, re.MULTILINE)
    assert text is not None
    prefix = text[1][:13]
    listed = shell.good("api-key", "list")
    assert re.search(rf"^{prefix} +P-0000001 +until \S+ +never used +portal\n +customers:read$", listed, re.MULTILINE)
    assert text[1] not in listed
    assert text[1] not in shell.good("api-key", "rotate", prefix, "--overlap-days", "1")
    assert shell.good("api-key", "revoke", prefix) == f"revoked {prefix}\n"
    assert re.search(rf"^{prefix} +P-0000001 +revoked", shell.good("api-key", "list"), re.MULTILINE)
    assert "works no longer" in shell.bad("api-key", "rotate", prefix)
    assert "scopes are some of" in shell.bad(
        "api-key", "create", "x", "--partner", "P-0000001", "--scope", "medical:read"
    )
    assert "no partner" in shell.bad("api-key", "create", "x", "--partner", "P-7")
    assert "no API key" in shell.bad("api-key", "revoke", "c360_aaaaaaaa")


def test_a_signing_key_is_made_and_kept_private(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    made = shell.good("keys", "new-signing", str(file))
    assert keys.from_pem(file.read_bytes()).verification.kid in made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "File exists" in shell.bad("keys", "new-signing", str(file))


def test_the_signing_key_in_the_database_is_exchanged(
    shell: Shell, empty_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for _ in range(2):
        assert "signs from" in shell.good("keys", "rotate-signing")
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute("select count(*), count(retires_at) from signing_keys").fetchone()
    assert rows == (3, 2)
    monkeypatch.setenv("C360_SIGNING_KEY_FILE", str(tmp_path / "key.pem"))
    assert "c360 keys new-signing FILE" in shell.bad("keys", "rotate-signing")

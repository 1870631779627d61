"""What `c360 serve` refuses: one clear line, exit code 1, and never a password."""

import os
import pwd
from pathlib import Path

import pytest

from core.errors import StartError
from core.server import database
from core.settings import Settings
from tests.commands.service import free_port, refusal


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("C360_PORT", "99999", "less than or equal to 65535"),
        ("C360_PORT", "abc", "valid integer"),
        ("C360_WORKERS", "0", "greater than or equal to 1"),
        ("C360_HOST", "192.0.2.1", "Cannot assign requested address"),
    ],
)
def test_a_setting_that_is_wrong_is_named(home: Path, variable: str, value: str, problem: str) -> None:
    line = refusal(home, **{variable: value})
    assert variable in line
    assert problem in line
    assert not home.exists()


def test_a_home_below_a_file_is_refused(home: Path) -> None:
    home.write_text("")
    line = refusal(home / "below")
    assert str(home / "below") in line
    assert "C360_HOME" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_is_not_ours_to_write_is_refused(home: Path) -> None:
    home.mkdir(mode=0o555)
    line = refusal(home / "below")
    assert str(home / "below") in line
    assert "C360_HOME" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_root_is_told_which_folder_is_closed_to_the_server(home: Path) -> None:
    home.mkdir(mode=0o700)
    os.chown(home, 0, pwd.getpwnam("nobody").pw_gid)
    line = refusal(home / "below")
    assert f"cannot enter {home}," in line
    assert "C360_HOME" in line


def test_a_server_that_is_not_there(home: Path) -> None:
    port = free_port()
    line = refusal(home, DATABASE_URL=f"postgresql://anna:geheim@127.0.0.1:{port}/db")
    assert "DATABASE_URL" in line
    assert f"port {port} failed: Connection refused" in line
    assert "geheim" not in line
    assert not home.exists()


# Where the driver itself would quote the password, or a part of it, in its complaint.
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:ge%heim@127.0.0.1:1/db",
        "postgresql://anna:x@geheim@127.0.0.1:1/db",
        "postgresql://anna:geheim/x@127.0.0.1:1/db",
        "postgresql://anna:12/geheim@127.0.0.1:1/db",
        "postgresql://anna:12/x?geheim@127.0.0.1:1/db",
        "postgres//anna:geheim@127.0.0.1:1/db",
        "mysql://anna:geheim@127.0.0.1:1/db",
        "host=127.0.0.1 port=1 password=x geheim",
        "geheim",
    ],
)
def test_a_malformed_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(StartError) as caught, database(Settings(database_url=url)):
        pass
    assert "DATABASE_URL is not a PostgreSQL URL" in str(caught.value)
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:x%40geheim@127.0.0.1:1/db?connect_timeout=3",
        "postgresql+psycopg://anna:ge?#[:heim@127.0.0.1:1/db",
        "postgresql://anna:geheim@127.0.0.1:1,127.0.0.1:1/db",
        "postgresql://anna:geheim@[::1]:1/db",
        "host=/nowhere user=anna password=geheim",
        "host=@nowhere user=anna password=geheim",
        "postgresql:///db?host=/nowhere",
    ],
)
def test_a_wellformed_url_is_tried(url: str) -> None:
    with pytest.raises(StartError) as caught, database(Settings(database_url=url)):
        pass
    assert "does not answer" in str(caught.value)
    assert "heim" not in str(caught.value)

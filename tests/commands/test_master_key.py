"""The master key of a service: made for a trial, demanded in production, kept from others, not exchanged unnoticed."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.commands.service import C360, Service, database_processes, environment, free_port, refusal

Start = Callable[..., Service]

KEY = base64.b64encode(bytes(range(32))).decode()
PASSWORD = "nine purple otters waltz"


def signing_key(home: Path) -> dict[str, str]:
    """A setting for production, which signs with a key of its own; the key lies beside the home."""
    file = home.with_name("signing.pem")
    subprocess.run([C360, "keys", "new-signing", str(file)], capture_output=True, check=True, timeout=60)
    return {"C360_SIGNING_KEY_FILE": str(file)}


def test_a_first_start_makes_a_key_for_the_owner_alone(used_home: Path) -> None:
    file = used_home / "master.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(file.read_text())) == 32


def test_a_new_key_is_printed_and_taken(home: Path, start: Start) -> None:
    made = subprocess.run([C360, "keys", "generate"], capture_output=True, text=True, check=True, timeout=60)
    file = home.with_name("key")
    file.write_text(made.stdout)
    settings = {"C360_MASTER_KEY_FILE": str(file), "C360_ENV": "production", "C360_DEMO_CUSTOMERS": "0"}
    assert start(**settings, **signing_key(home)).ready().stop() == 0
    assert not (home / "master.key").exists()


def test_production_asks_for_a_key_before_anything_is_made(home: Path) -> None:
    line = refusal(home, C360_ENV="production")
    assert "C360_MASTER_KEY or C360_MASTER_KEY_FILE is needed in production" in line
    assert not home.exists()


def test_a_home_with_its_key_lost_is_refused(used_home: Path) -> None:
    (used_home / "master.key").unlink()
    line = refusal(used_home)
    assert "the database's sensitive values are sealed with master key" in line
    assert "C360_MASTER_KEYS_OLD" in line


def test_another_key_is_refused_and_not_shown(used_home: Path) -> None:
    line = refusal(used_home, C360_MASTER_KEY=KEY)
    assert "the database's sensitive values are sealed with master key" in line
    assert KEY[:10] not in line


def test_an_environment_that_is_none_is_refused(home: Path) -> None:
    line = refusal(home, C360_ENV="staging")
    assert "C360_ENV" in line
    assert not home.exists()


def test_the_server_of_the_data_does_not_get_the_key(home: Path, start: Start) -> None:
    settings = {"C360_MASTER_KEY": KEY, "C360_ENV": "production", "C360_DEMO_CUSTOMERS": "3", **signing_key(home)}
    service = start(**settings).ready()
    assert "@demo" not in service.out
    service.command("user", "add", "anna", "--role", "administrator", "--password-stdin", stdin=f"{PASSWORD}\n")
    service.sign_in("anna", PASSWORD)
    assert not (home / "master.key").exists()
    processes = database_processes(home)
    assert processes
    for pid in processes:
        assert b"C360_" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert "errors" not in service.ask('{ customer(number: "C-0000001") { bankAccounts { iban { masked } } } }')
    assert service.stop() == 0
    assert KEY not in service.out + service.err


def test_after_a_rotation_the_service_starts_with_the_new_key_alone(used_home: Path, start: Start) -> None:
    old = (used_home / "master.key").read_text().strip()
    rotation = subprocess.run(
        [C360, "keys", "rotate-master"],
        env=environment(used_home, free_port(), {"C360_MASTER_KEY": KEY, "C360_MASTER_KEYS_OLD": old}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "data keys wrapped anew; all are now under master key" in rotation.stdout
    assert start(C360_MASTER_KEY=KEY).ready().stop() == 0
    assert "sealed with master key" in refusal(used_home)

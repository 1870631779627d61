"""Where master keys come from, and that they are shown nowhere."""

import base64
import os
import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import StartError
from core.sealing import LocalKeys, SealError, WrappedKey, key_source, new_master_key, require_master_key
from core.settings import Settings, load
from tests.keys import MASTER_KEY, OTHER_MASTER_KEY

ONE = base64.b64encode(MASTER_KEY).decode()
OTHER = base64.b64encode(OTHER_MASTER_KEY).decode()
ONE_ID, OTHER_ID = LocalKeys(MASTER_KEY, OTHER_MASTER_KEY).ids


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, and a home of its own."""
    for name in [name for name in os.environ if name.startswith("C360_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("C360_HOME", str(tmp_path / "home"))


def _settings(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load()


def test_the_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_source(_settings(monkeypatch, {"C360_MASTER_KEY": f" {ONE}\n"})).ids == (ONE_ID,)


def test_older_keys_are_accepted_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    third = base64.b64encode(bytes(32)).decode()
    old = {"C360_MASTER_KEY": OTHER, "C360_MASTER_KEYS_OLD": f"{ONE}, {third}"}
    source = key_source(_settings(monkeypatch, old))
    assert source.ids[:2] == (OTHER_ID, ONE_ID)
    assert len(source.ids) == 3
    wrapped = LocalKeys(MASTER_KEY).wrap(b"k" * 32, b"place")
    assert source.unwrap(wrapped, b"place") == b"k" * 32
    assert source.wrap(b"k" * 32, b"place").master_key_id == OTHER_ID


def test_the_key_in_a_file_and_older_ones_below_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{OTHER}\n{ONE}\n")
    assert key_source(_settings(monkeypatch, {"C360_MASTER_KEY_FILE": str(file)})).ids == (OTHER_ID, ONE_ID)


def test_without_any_the_home_folder_has_one(tmp_path: Path) -> None:
    first = key_source(load())
    file = tmp_path / "home" / "master.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["master.key"]
    assert key_source(load()).ids == first.ids


def test_many_that_start_at_once_agree_on_one_key() -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len({source.ids for source in threads.map(lambda _: key_source(load()), range(32))}) == 1


def test_production_does_without_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key_source(load())
    settings = _settings(monkeypatch, {"C360_ENV": "production"})
    for refuse in (require_master_key, key_source):
        with pytest.raises(StartError, match="C360_MASTER_KEY or C360_MASTER_KEY_FILE is needed in production"):
            refuse(settings)
    given = _settings(monkeypatch, {"C360_MASTER_KEY": ONE})
    require_master_key(given)
    assert key_source(given).ids == (ONE_ID,)


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"C360_MASTER_KEY": ""}, "C360_MASTER_KEY: a master key is the base64 of 32 bytes"),
        ({"C360_MASTER_KEY": ONE[:-5]}, "C360_MASTER_KEY: a master key is the base64 of 32 bytes"),
        ({"C360_MASTER_KEY": ONE[4:]}, "C360_MASTER_KEY: a master key is the base64 of 32 bytes"),
        ({"C360_MASTER_KEY": MASTER_KEY.hex()}, "C360_MASTER_KEY: a master key is the base64 of 32 bytes"),
        ({"C360_MASTER_KEY": f"{ONE},{OTHER}"}, "C360_MASTER_KEY is one key"),
        ({"C360_MASTER_KEY": ONE, "C360_MASTER_KEY_FILE": "key"}, "not both"),
        ({"C360_MASTER_KEY": ONE, "C360_MASTER_KEYS_OLD": f"{OTHER},x"}, "C360_MASTER_KEYS_OLD: a master key is"),
        ({"C360_MASTER_KEY_FILE": "/nowhere/key"}, "cannot read /nowhere/key: No such file"),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str
) -> None:
    with pytest.raises(StartError) as caught:
        key_source(_settings(monkeypatch, variables))
    assert problem in str(caught.value)
    for secret in (ONE[4:20], OTHER[4:20], MASTER_KEY.hex()[:16]):
        assert secret not in str(caught.value)


def test_a_file_that_holds_something_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    for content in (b"", MASTER_KEY, "Schlüssel".encode(), b"\xff\xfe"):
        file.write_bytes(content)
        with pytest.raises(StartError, match="C360_MASTER_KEY_FILE: a master key is the base64 of 32 bytes"):
            key_source(_settings(monkeypatch, {"C360_MASTER_KEY_FILE": str(file)}))


def test_a_home_that_cannot_hold_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"cannot keep a master key in .* C360_HOME"):
        key_source(_settings(monkeypatch, {"C360_HOME": str(tmp_path / "file" / "below")}))


def test_a_new_key_is_one_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = new_master_key(), new_master_key()
    assert key != other
    assert key_source(_settings(monkeypatch, {"C360_MASTER_KEY": key})).ids


def test_a_wrapped_key_opens_in_its_context_only() -> None:
    source = LocalKeys(MASTER_KEY)
    wrapped = source.wrap(b"k" * 32, b"customer 1")
    assert source.unwrap(wrapped, b"customer 1") == b"k" * 32
    assert b"k" * 32 not in wrapped.data
    refused = [(wrapped, b"customer 2"), (WrappedKey(wrapped.master_key_id, b""), b"customer 1")]
    for place in range(len(wrapped.data)):
        changed = bytearray(wrapped.data)
        changed[place] ^= 1
        refused.append((WrappedKey(wrapped.master_key_id, bytes(changed)), b"customer 1"))
    for tampered, context in refused:
        with pytest.raises(SealError, match=f"wrapped by master key {ONE_ID} does not open"):
            source.unwrap(tampered, context)
    with pytest.raises(SealError, match=f"wrapped by master key {ONE_ID}, which is not known here"):
        LocalKeys(OTHER_MASTER_KEY).unwrap(wrapped, b"customer 1")


def test_keys_have_32_bytes() -> None:
    for keys in ((), (b"",), (MASTER_KEY, b"short"), (MASTER_KEY * 2,)):
        with pytest.raises(ValueError, match="32 bytes"):
            LocalKeys(*keys)


def test_no_key_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch, {"C360_MASTER_KEY": ONE, "C360_MASTER_KEYS_OLD": OTHER})
    source = key_source(settings)
    shown = f"{settings!r} {settings} {settings.model_dump()} {source!r} {source}"
    for secret in (ONE, OTHER, MASTER_KEY.hex(), repr(MASTER_KEY)[2:-1]):
        assert secret not in shown
    assert repr(source) == f"<LocalKeys {ONE_ID}, {OTHER_ID}>"
    # The id is no part of the key, and none of it can be told from it.
    assert ONE_ID not in MASTER_KEY.hex()
    with pytest.raises(TypeError):
        pickle.dumps(source)

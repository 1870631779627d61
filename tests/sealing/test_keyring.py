"""The keyring of a database: its index key is made once, and another master key is refused."""

import base64
import pickle
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr

from core.errors import StartError
from core.sealing import Keyring, LocalKeys, SealError, WrappedKey, keyring_of, open_keyring
from core.settings import Settings
from models.sealed import IBAN
from tests.keys import MASTER_KEY, OTHER_MASTER_KEY, keyring_in

ONE_ID, OTHER_ID = LocalKeys(MASTER_KEY, OTHER_MASTER_KEY).ids


def test_many_that_start_at_once_have_one_index_key(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        keyrings = list(threads.map(lambda _: keyring_in(empty_database), range(8)))
    assert len({keyring.index(IBAN, "DE1") for keyring in keyrings}) == 1
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select purpose, master_key_id from sealing_keys order by 1").fetchall() == [
            ("blind-index", ONE_ID),
            ("secrets", ONE_ID),
        ]


def test_another_database_has_another_index_key(empty_database: str, demo_database: str) -> None:
    assert keyring_in(empty_database).index(IBAN, "DE1") != keyring_in(demo_database).index(IBAN, "DE1")


def test_it_opens_by_the_settings(demo_database: str) -> None:
    settings = Settings(master_key=SecretStr(base64.b64encode(MASTER_KEY).decode()))
    assert open_keyring(settings, demo_database).index(IBAN, "DE1") == keyring_in(demo_database).index(IBAN, "DE1")


def test_a_database_sealed_with_another_master_key_is_refused(demo_database: str) -> None:
    settings = Settings(master_key=SecretStr(base64.b64encode(OTHER_MASTER_KEY).decode()))
    with pytest.raises(StartError) as caught:
        open_keyring(settings, demo_database)
    assert str(caught.value) == (
        f"the database's sensitive values are sealed with master key {ONE_ID}, and only {OTHER_ID} is given: set "
        "C360_MASTER_KEY or C360_MASTER_KEY_FILE to it, or add it to C360_MASTER_KEYS_OLD"
    )


def test_a_single_data_key_of_another_master_key_is_noticed(own_demo_database: str) -> None:
    with psycopg.connect(own_demo_database) as connection:
        connection.execute(
            "update data_keys set master_key_id = 'elsewhere' where customer_id = (select max(id::text)::uuid"
            " from customers where id in (select customer_id from data_keys))"
        )
    with pytest.raises(StartError, match="sealed with master key elsewhere, and only"):
        keyring_in(own_demo_database)


def test_a_lost_index_key_is_not_replaced(own_demo_database: str) -> None:
    with psycopg.connect(own_demo_database) as connection:
        connection.execute("delete from sealing_keys")
    with pytest.raises(StartError, match="restore it from a backup"):
        keyring_in(own_demo_database)


def test_a_tampered_index_key_is_refused(empty_database: str) -> None:
    keyring_in(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("update sealing_keys set wrapped_key = set_byte(wrapped_key, 20, 1)")
        connection.execute("update sealing_keys set wrapped_key = set_byte(wrapped_key, 21, 2)")
    with pytest.raises(StartError, match=f"wrapped by master key {ONE_ID} does not open"):
        keyring_in(empty_database)


def test_a_data_key_opens_for_its_customer_only(empty_database: str) -> None:
    keyring = keyring_in(empty_database)
    one, other, row = uuid4(), uuid4(), uuid4()
    key, wrapped = keyring.new_data_key(one)
    assert keyring.data_key(one, wrapped).open(IBAN, row, key.seal(IBAN, row, "DE1")) == "DE1"
    with pytest.raises(SealError):
        keyring.data_key(other, wrapped)
    assert keyring.new_data_key(one)[1].data != wrapped.data


class ManagedKeys:
    """A key management service as the keyring sees one: it keeps the keys, and gives out names for them."""

    ids = ("projects/demo/keys/1",)

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, bytes], bytes] = {}

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        name = f"key {len(self._kept)}".encode()
        self._kept[name, context] = key
        return WrappedKey(self.ids[0], name)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        try:
            return self._kept[wrapped.data, context]
        except KeyError:
            raise SealError("the service refuses") from None


def test_a_key_management_service_needs_no_more_than_the_interface(empty_database: str) -> None:
    service = ManagedKeys()
    with psycopg.connect(empty_database) as connection:
        keyring = keyring_of(service, connection)
        again = keyring_of(service, connection)
    customer, row = UUID(int=1), UUID(int=2)
    key, wrapped = keyring.new_data_key(customer)
    columns = keyring.columns(key, IBAN, row, "DE89 3704 0044 0532 0130 00")
    assert again.data_key(customer, wrapped).open(IBAN, row, columns["iban_sealed"]) == "DE89 3704 0044 0532 0130 00"
    assert again.index(IBAN, "DE89370400440532013000") == columns["iban_index"]


def test_a_keyring_shows_nothing(demo_database: str) -> None:
    keyring = keyring_in(demo_database)
    assert repr(keyring) == f"<Keyring {ONE_ID}>"
    assert not hasattr(keyring, "__dict__")
    assert isinstance(keyring, Keyring)
    with pytest.raises(TypeError):
        pickle.dumps(keyring)
    assert repr(keyring._index) == "<BlindIndex>"

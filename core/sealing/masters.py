"""Master keys: they wrap the keys that are stored in the database, and are themselves never stored there.

`KeySource` is what the rest of the service knows of them. `LocalKeys` holds them in memory, read from the environment
or a file. A key management service (KMS) goes behind the same two methods: `wrap` is its Encrypt and `unwrap` its
Decrypt, with `context` as the encryption context (AWS) or additional authenticated data (Google, Vault's transit), and
`ids` the names of its keys. Then only wrapped keys ever travel, and the master key never leaves it.
"""

import base64
import binascii
import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import StartError
from core.sealing.values import KEY_BYTES, NONCE_BYTES, SealError
from core.settings import Settings

HOME_FILE = "master.key"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key encrypted by a master key, and the name of that."""

    master_key_id: str
    data: bytes


class KeySource(Protocol):
    """Where the master keys are. Its methods may wait for another machine: asynchronous code calls them in a thread."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the master keys that can be used; the first is the current one, which wraps."""
        ...

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """The key encrypted by the current master key. It opens only with the same context, which is no secret."""
        ...

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """The key again. Raises SealError when the master key is not known, the context another, or it was changed."""
        ...


class LocalKeys:
    """Master keys in memory, 32 bytes each, the current one first. A key's id is a digest that tells nothing of it."""

    __slots__ = ("_ciphers",)

    def __init__(self, *keys: bytes) -> None:
        """Raises ValueError when there is no key, or one of another length."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"master keys have {KEY_BYTES} bytes")
        self._ciphers = {_id(key): AESGCM(key) for key in keys}

    def __repr__(self) -> str:
        return f"<LocalKeys {', '.join(self.ids)}>"

    def __reduce__(self) -> str:
        raise TypeError("master keys are not written anywhere")

    @property
    def ids(self) -> tuple[str, ...]:
        """The keys' ids, the current one first."""
        return tuple(self._ciphers)

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """The key as nonce and ciphertext of AES-256-GCM."""
        current = self.ids[0]
        nonce = os.urandom(NONCE_BYTES)
        return WrappedKey(current, nonce + self._ciphers[current].encrypt(nonce, key, context))

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """The key again. Raises SealError."""
        cipher = self._ciphers.get(wrapped.master_key_id)
        if cipher is None:
            raise SealError(f"a key is wrapped by master key {wrapped.master_key_id}, which is not known here")
        try:
            return cipher.decrypt(wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            pass
        raise SealError(f"a key wrapped by master key {wrapped.master_key_id} does not open")


def _id(key: bytes) -> str:
    return hashlib.sha256(b"customer360 master key\0" + key).hexdigest()[:12]


def new_master_key() -> str:
    """A new random master key, as C360_MASTER_KEY takes it: the base64 of 32 bytes."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def require_master_key(settings: Settings) -> None:
    """Raises StartError in production when no master key is given: the one in the home folder is for trials only."""
    given = settings.master_key is not None or settings.master_key_file is not None
    if settings.env == "production" and not given:
        raise StartError(
            "C360_MASTER_KEY or C360_MASTER_KEY_FILE is needed in production (C360_ENV=production); "
            "c360 keys generate prints a new key"
        )


def key_source(settings: Settings) -> KeySource:
    """The master keys that the settings name.

    Outside production, without any, there is a key in the home folder, made on first use. Raises StartError.
    """
    require_master_key(settings)
    if settings.master_key is not None and settings.master_key_file is not None:
        raise StartError("give C360_MASTER_KEY or C360_MASTER_KEY_FILE, not both")
    if settings.master_key is not None:
        keys = _decoded(settings.master_key.get_secret_value(), "C360_MASTER_KEY")
        if len(keys) > 1:
            raise StartError("C360_MASTER_KEY is one key; older ones go into C360_MASTER_KEYS_OLD")
    elif settings.master_key_file is not None:
        keys = _from_file(settings.master_key_file, "C360_MASTER_KEY_FILE")
    else:
        keys = _from_file(_in_home(settings.home_folder), HOME_FILE)
    if settings.master_keys_old is not None:
        keys += _decoded(settings.master_keys_old.get_secret_value(), "C360_MASTER_KEYS_OLD")
    return LocalKeys(*keys)


def _from_file(path: Path, name: str) -> list[bytes]:
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise StartError(f"{name}: cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        text = ""
    return _decoded(text, name)


def _decoded(text: str, name: str) -> list[bytes]:
    """The keys in a text, by commas or white space apart. What is wrong with one is told without showing it."""
    keys = [_key(word) for word in text.replace(",", " ").split()]
    valid = [key for key in keys if key is not None]
    if not valid or len(valid) < len(keys):
        raise StartError(f"{name}: a master key is the base64 of {KEY_BYTES} bytes; c360 keys generate prints one")
    return valid


def _key(word: str) -> bytes | None:
    try:
        key = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _in_home(home: Path) -> Path:
    """The key file of the home folder; made if it is not there, by exactly one of several processes that start."""
    path = home / HOME_FILE
    try:
        if path.exists():
            return path
        home.mkdir(parents=True, exist_ok=True)
        # For this user alone (0600), whatever the umask.
        descriptor, new = tempfile.mkstemp(prefix=f"{HOME_FILE}.", dir=home)
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(new_master_key() + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, fails when another process was first: then its key is the one.
            with contextlib.suppress(FileExistsError):
                os.link(new, path)
        finally:
            os.unlink(new)
        _sync_folder(home)
    except OSError as error:
        raise StartError(
            f"cannot keep a master key in {home}: {error.strerror or error}; set C360_HOME to a folder that is "
            "writable, or give C360_MASTER_KEY"
        ) from None
    return path


def _sync_folder(folder: Path) -> None:
    # Lost with the machine's fall, the key would take everything with it that was sealed in the meantime.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

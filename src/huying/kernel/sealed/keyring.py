"""The keys of one installation: a file in the data folder, never in the database nor in its backup.

``keys/keyring.json`` (folder 0700, file 0600) holds the sealing keys, which of them seals now, and the
keys of the blind index, which are apart: who gets one cannot do what the other does. A key's id is the head
of its SHA-256, so a blob whose key is missing says which one to bring back. The first index key makes bare
hashes of 32 bytes; those after it put their id before the hash.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from huying.kernel import clock
from huying.kernel.sealed.algorithms import BY_NAME, DEFAULT, Algorithm

ID_BYTES = 4


class KeyringTrouble(RuntimeError):
    """The key file is missing, damaged, or others may read it. Its text says what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    id: bytes
    algorithm: Algorithm
    secret: bytes
    made_at: str

    def __repr__(self) -> str:
        return f"<Key {self.id.hex()} {self.algorithm.name}>"


@dataclass(frozen=True, slots=True)
class IndexKey:
    """A key of the blind index; ``bare`` is the first one, whose hashes carry no id."""

    id: bytes
    secret: bytes
    made_at: str
    bare: bool = False

    def __repr__(self) -> str:
        return f"<IndexKey {self.id.hex()}>"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The sealing keys, and the index keys with the current one first."""

    current: Key
    keys: dict[bytes, Key]
    index_keys: tuple[IndexKey, ...]

    def __repr__(self) -> str:
        return f"<Keyring {[key.id.hex() for key in self.keys.values()]}>"

    def key(self, key_id: bytes) -> Key:
        try:
            return self.keys[key_id]
        except KeyError:
            raise KeyringTrouble(
                f"The key {key_id.hex()} is not in {path()}: bring back the keys folder of this installation."
            ) from None


def path() -> Path:
    return Path(settings.DATA) / "keys" / "keyring.json"


def new_key(algorithm: Algorithm) -> Key:
    secret = secrets.token_bytes(algorithm.key_bytes)
    return Key(hashlib.sha256(secret).digest()[:ID_BYTES], algorithm, secret, clock.now().isoformat())


def new_index_key(secret: bytes = b"", *, made_at: str = "", bare: bool = False) -> IndexKey:
    secret = secret or secrets.token_bytes(32)
    return IndexKey(hashlib.sha256(secret).digest()[:ID_BYTES], secret, made_at or clock.now().isoformat(), bare)


def ensure(algorithm: Algorithm = DEFAULT) -> bool:
    """Make the key file when there is none (set-up does this, once); True when it was made now."""
    with locked():
        if path().exists():
            return False
        key = new_key(algorithm)
        write(Keyring(key, {key.id: key}, (new_index_key(bare=True),)))
        return True


_cached: tuple[tuple[int, int, int], Keyring] | None = None


def load() -> Keyring:
    """The keys as they stand in the file now: another process may just have added one (one stat per call)."""
    global _cached
    try:
        facts = path().stat()
    except FileNotFoundError:
        raise KeyringTrouble(
            f"There is no key file at {path()}: on a new installation run 'huying make_keys'; otherwise bring"
            " back the keys folder from its own backup, because nothing sealed can be read without it."
        ) from None
    if facts.st_mode & 0o077:
        raise KeyringTrouble(f"Others may read {path()}: run 'chmod 600' on it.")
    mark = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
    if _cached is None or _cached[0] != mark:
        _cached = mark, read()
    return _cached[1]


def read() -> Keyring:
    try:
        data = json.loads(path().read_text())
        keys = [
            Key(
                bytes.fromhex(row["id"]),
                BY_NAME[row["algorithm"]],
                base64.b64decode(row["secret"]),
                row["made_at"],
            )
            for row in data["keys"]
        ]
        by_id = {key.id: key for key in keys}
        return Keyring(by_id[bytes.fromhex(data["current"])], by_id, read_index(data))
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringTrouble(f"The key file {path()} is damaged ({type(error).__name__}): bring it back.") from None


def read_index(data: dict[str, Any]) -> tuple[IndexKey, ...]:
    """The index keys, newest first; ``index`` is the first one, as files of version 1 hold it alone."""
    later = [new_index_key(base64.b64decode(row["secret"]), made_at=row["made_at"]) for row in data.get("indexes", [])]
    first = data.get("index", "")
    old = [new_index_key(base64.b64decode(first), made_at=data["keys"][0]["made_at"], bare=True)] if first else []
    if not later + old:
        raise ValueError("no index key")
    return (*later, *old)


def write(ring: Keyring) -> None:
    """Replace the file in one step: after a power cut either the old or the new one is there."""
    data: dict[str, Any] = {
        "version": 1,
        "current": ring.current.id.hex(),
        "keys": [
            {
                "id": key.id.hex(),
                "algorithm": key.algorithm.name,
                "secret": base64.b64encode(key.secret).decode(),
                "made_at": key.made_at,
            }
            for key in ring.keys.values()
        ],
        "index": next((base64.b64encode(key.secret).decode() for key in ring.index_keys if key.bare), ""),
        "indexes": [
            {"secret": base64.b64encode(key.secret).decode(), "made_at": key.made_at}
            for key in ring.index_keys
            if not key.bare
        ],
    }
    fresh = path().with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(data, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path())
    folder = os.open(path().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked() -> Iterator[None]:
    """One writer of the key file at a time, across processes."""
    folder = path().parent
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    handle = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def add_key(algorithm: Algorithm | None = None) -> Key:
    """Make a key and seal with it from now on; the older ones go on opening."""
    with locked():
        ring = read()
        key = new_key(algorithm or ring.current.algorithm)
        write(Keyring(key, {**ring.keys, key.id: key}, ring.index_keys))
        return key


def retire(key_ids: set[bytes]) -> None:
    """Forget keys for good. The caller has made sure that no row needs them; old backups will not open."""
    with locked():
        ring = read()
        kept = {key_id: key for key_id, key in ring.keys.items() if key_id not in key_ids or key == ring.current}
        write(Keyring(ring.current, kept, ring.index_keys))


def add_index_key() -> IndexKey:
    """Make a key of the blind index and hash with it from now on; the older ones go on finding."""
    with locked():
        ring, key = read(), new_index_key()
        write(Keyring(ring.current, ring.keys, (key, *ring.index_keys)))
        return key


def retire_index(key_ids: set[bytes]) -> None:
    """Forget index keys for good, never the current one. The caller has made sure that no row needs them."""
    with locked():
        ring = read()
        kept = tuple(key for key in ring.index_keys[1:] if key.id not in key_ids)
        write(Keyring(ring.current, ring.keys, (ring.index_keys[0], *kept)))

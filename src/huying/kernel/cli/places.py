"""Where an installation keeps things: source, set-up folder, data folder. Standard library only."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huying.kernel.trouble import Trouble

PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """``checkout`` is None when Huying was installed from a wheel: then nothing is built and no environment made."""

    checkout: Path | None
    home: Path

    @property
    def venv(self) -> Path:
        return self.home / "venv"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def stamps(self) -> Path:
        return self.home / "stamps"


def find() -> Places:
    """The installation this code belongs to; HUYING_HOME moves what is made at set-up out of the checkout."""
    root = PACKAGE.parent.parent
    checkout = root if (root / "requirements.txt").exists() and (root / "huying").exists() else None
    default = checkout / "var" if checkout else Path(sys.prefix) / "var" / "huying"
    home = Path(os.environ.get("HUYING_HOME") or default).expanduser().resolve()
    return Places(checkout, home)


def need_writable(folder: Path, way_out: str) -> None:
    """Make ``folder``; Trouble ends with ``way_out`` when that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"Cannot make the folder {folder} ({error.strerror}): {way_out}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Trouble(f"The folder {folder} belongs to somebody else: {way_out}.")


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """SHA-256 over names and contents, in order; equal only when nothing changed."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        digest.update(b"\0" + path.name.encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_matches(stamp: Path, facts: dict[str, Any]) -> bool:
    """True when the step that wrote ``stamp`` finished with exactly these facts."""
    try:
        return bool(json.loads(stamp.read_text()) == facts)
    except (OSError, ValueError):
        return False


def write_stamp(stamp: Path, facts: dict[str, Any]) -> None:
    """Write whole or not at all: a start killed in between simply does the step again."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    fresh = stamp.with_name(f".{stamp.name}.{os.getpid()}")
    fresh.write_text(json.dumps(facts, indent=1))
    fresh.replace(stamp)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a file lock: two starts at once set up one after the other. Freed by the kernel when we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield

"""Where the bytes lie: a folder of the installation, or any Django storage named in the settings (S3 and
its kin).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

ALIAS = "files"
UNFINISHED = ".unfinished-"


class FolderStorage(FileSystemStorage):
    """A folder in which a file is there whole or not at all, also after a power cut.

    Names are made of the content's hash, so writing a name again writes the same bytes and only renews
    its date.
    """

    def __init__(self, **options: Any):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        for folder in reversed(target.parents):
            folder.mkdir(exist_ok=True, mode=0o700)
        half = target.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return name


def files() -> Storage:
    """The storage of attachments."""
    return storages[ALIAS]


def put(key: str, body: bytes) -> None:
    """Write ``body`` under ``key``; harmless to repeat."""
    kept = files().save(key, ContentFile(body))
    if kept != key:
        raise RuntimeError(f"the file storage renamed {key} to {kept}: set it to overwrite files of the same name")


def walk(folder: str = "") -> Iterator[tuple[str, datetime]]:
    """(key, when last written) of every file, unfinished ones included."""
    try:
        folders, names = files().listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        key = f"{folder}/{name}" if folder else name
        try:
            yield key, files().get_modified_time(key)
        except FileNotFoundError:
            continue  # removed meanwhile
    for name in folders:
        yield from walk(f"{folder}/{name}" if folder else name)

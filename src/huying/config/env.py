"""Typed settings from the environment: a wrong value stops the start with one clear sentence."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(SystemExit):
    """A setting in the environment cannot be used; its text says which and why."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(f"HUYING_{name}", default)


def flag(name: str, default: bool = False) -> bool:
    raw = text(name).strip().lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise WrongSetting(f"HUYING_{name} must be yes or no, not {raw!r}")


def number(name: str, default: int) -> int:
    raw = text(name)
    if raw == "":
        return default
    try:
        return int(raw)
    except ValueError:
        raise WrongSetting(f"HUYING_{name} must be a whole number, not {raw!r}") from None


def words(name: str, default: str = "") -> list[str]:
    return [word for word in text(name, default).replace(",", " ").split() if word]


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def secret(name: str, data: Path) -> str:
    """The secret from the environment, from the file named by HUYING_<NAME>_FILE, or made once in the data folder."""
    if value := text(name):
        return value
    path = Path(text(f"{name}_FILE") or data / "secrets" / name.lower())
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process of ours made it first
        else:
            os.write(handle, secrets.token_urlsafe(48).encode())
            os.close(handle)
    return path.read_text().strip()


def storage(name: str, backend: str, options: dict[str, Any]) -> dict[str, Any]:
    """Django's STORAGES entry: ``HUYING_<NAME>_STORAGE`` (a class) with ``HUYING_<NAME>_OPTIONS`` (JSON), or the default."""
    chosen = text(f"{name}_STORAGE")
    if not chosen:
        return {"BACKEND": backend, "OPTIONS": options}
    try:
        return {"BACKEND": chosen, "OPTIONS": dict(json.loads(text(f"{name}_OPTIONS", "{}")))}
    except (ValueError, TypeError):
        raise WrongSetting(f"HUYING_{name}_OPTIONS must be a JSON object") from None


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a postgresql:// address (a socket folder goes in ?host=)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise WrongSetting("HUYING_DATABASE_URL must begin with postgresql://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "huying",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": dict(options),
    }

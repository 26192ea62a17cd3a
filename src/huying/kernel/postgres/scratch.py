"""Throw-away servers for tests: fast because nothing they hold has to survive."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from huying.kernel.postgres import account as accounts
from huying.kernel.postgres import binaries
from huying.kernel.postgres.cluster import SUPERUSER, THROW_AWAY, Cluster
from huying.kernel.postgres.server import Server
from huying.kernel.supervise import processes
from huying.kernel.trouble import Trouble

PREFIX = "huying-test-"
LEFT_OVER = 600


def folder_for(account: accounts.Account) -> Path:
    """A new private folder where ``account`` may enter; TMPDIR when it may, else the system's own."""
    for parent in dict.fromkeys([tempfile.gettempdir(), "/tmp", "/var/tmp"]):  # noqa: S108 - made private
        if Path(parent).is_dir() and os.access(parent, os.W_OK) and accounts.can_enter(account, Path(parent)):
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    raise Trouble(f"There is no temporary folder that the account {account.name} may enter: set TMPDIR to one.")


def sweep(parent: Path, *, spare: Path) -> None:
    """Remove what killed test runs left: folders of ours in which no server lives."""
    for folder in parent.glob(f"{PREFIX}*"):
        if folder == spare:
            continue
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime < LEFT_OVER:
                continue  # another run may be about to start its server
            ours = folder.stat().st_uid in {os.geteuid(), accounts.for_server().uid}
            if ours and (folder / "pg" / "cluster").is_dir() and not processes.working_in(folder / "pg" / "cluster"):
                shutil.rmtree(folder)


@contextlib.contextmanager
def server(settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A running server in a folder of its own; both are gone afterwards."""
    account = accounts.for_server()
    folder = folder_for(account)
    sweep(folder.parent, spare=folder)
    cluster = Cluster(folder / "pg", binaries.find(account), account, {**THROW_AWAY, **(settings or {})})
    cluster.private(folder)
    running = Server(cluster, folder / "start.log")
    try:
        cluster.make(quick=True)
        running.open(patience=60)
        yield running
    finally:
        running.stop_with = 3  # SIGQUIT: nothing has to be written
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def admin_url(running: Server) -> str:
    """Address of the superuser, for HUYING_TEST_ADMIN_URL."""
    return running.cluster.url(SUPERUSER, "postgres")

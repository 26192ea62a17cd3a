"""Which operating-system account runs the server: ourselves, or a service account when we are root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huying.kernel.trouble import Trouble

DEFAULT_NAME = "huying"


@dataclass(frozen=True, slots=True)
class Account:
    """An account to run children as. ``mine`` says that it is the one we already are."""

    name: str
    uid: int
    gid: int

    @property
    def mine(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def run_as(self) -> dict[str, Any]:
        """Arguments of subprocess.Popen that start a child as this account."""
        return {} if self.mine else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give one file or folder of ours to this account; nothing happens when we are the account."""
        if not self.mine:
            os.chown(path, self.uid, self.gid)


def for_server() -> Account:
    """The account PostgreSQL runs as.

    Raises Trouble for a user id without a name (PostgreSQL does not start for it) and when root has no service account
    and cannot make one.
    """
    if os.geteuid() == 0:
        return service()
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Trouble(
            f"The user id {os.geteuid()} has no name on this machine and PostgreSQL does not start for such a user: run"
            " Huying as a named user, or set HUYING_DATABASE_URL to a PostgreSQL that runs elsewhere."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def service() -> Account:
    """Root's service account: HUYING_USER when set, else ``huying``, made when it is not there."""
    chosen = os.environ.get("HUYING_USER", "")
    name = chosen or DEFAULT_NAME
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        if chosen:
            raise Trouble(f"HUYING_USER names the account {chosen!r}, which does not exist on this machine.") from None
        entry = _create(name)
    if entry.pw_uid == 0:
        raise Trouble("HUYING_USER must not be root: PostgreSQL refuses to run as root.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create(name: str) -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise Trouble(
            "PostgreSQL refuses to run as root and this machine has no useradd to make a service account: make an"
            " account called huying (or set HUYING_USER to an existing one) and run it again."
        )
    argv = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run([*argv, "--shell", "/usr/sbin/nologin", name], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(
            f"The service account {name!r} could not be made ({done.stderr.strip()}):"
            " set HUYING_USER to an existing one."
        )
    return pwd.getpwnam(name)


def can_enter(account: Account, folder: Path) -> bool:
    """True when ``account`` may reach ``folder`` (or its nearest existing parent); decided by trying, so ACLs count."""
    while not folder.exists():
        folder = folder.parent
    if account.mine:
        return os.access(folder, os.X_OK)
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(folder)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **account.run_as,
    )
    return tried.returncode == 0


def myself() -> Account:
    """The account we are, named by its number when the machine has no name for it."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = str(os.geteuid())
    return Account(name, os.geteuid(), os.getegid())


def make_private(folder: Path, account: Account) -> None:
    """Make ``folder`` for ``account`` alone (0700); Trouble when somebody else made it first."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"Cannot make the folder {folder} ({error.strerror}): choose another with --data.") from None
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {os.geteuid(), account.uid}:
        raise Trouble(f"The folder {folder} belongs to somebody else: choose another with --data.")
    folder.chmod(0o700)
    account.own(folder)

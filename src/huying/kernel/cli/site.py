"""One installation at run time: data folder, account of its processes, database and environment."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from huying.kernel.cli import outside, places
from huying.kernel.postgres import account as accounts
from huying.kernel.postgres import binaries, cluster, server
from huying.kernel.postgres.account import Account
from huying.kernel.trouble import Trouble

KNOWN = {"postgres", "secrets", "keys", "files", "static", "logs", "run", "exports", "backups", "ledger"}
KNOWN |= {"demo.json", "compiled"}
OURS = ("secrets", "keys", "files", "static", "exports", "ledger", "compiled")
ROOT_DATA = Path("/var/lib/huying")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Site:
    """``server`` is None with an outside PostgreSQL (HUYING_DATABASE_URL). ``account`` runs web, jobs, commands."""

    where: places.Places
    data: Path
    account: Account
    server: server.Server | None
    outside_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    def url(self, *, owner: bool = False) -> str:
        if self.server is None:
            return (os.environ.get("HUYING_OWNER_DATABASE_URL") or self.outside_url) if owner else self.outside_url
        return self.server.cluster.url(cluster.OWNER if owner else cluster.APP)

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """Environment of our own processes: only migrations are told the owner's password."""
        env = {
            key: value
            for key, value in os.environ.items()
            if key not in {"HUYING_OWNER_DATABASE_URL", "HUYING_AS_OWNER"}
        }
        env.update(self.extra, DJANGO_SETTINGS_MODULE="huying.config.settings", HUYING_DATA=str(self.data))
        env.update(HUYING_DATABASE_URL=self.url(), PYTHONUNBUFFERED="1")
        env.setdefault("MALLOC_ARENA_MAX", "2")  # glibc gives each thread an own heap: 70 of 356 MB at rest lay unused
        if owner:
            env.update(HUYING_AS_OWNER="1", HUYING_OWNER_DATABASE_URL=self.url(owner=True))
            env.setdefault("HUYING_STATEMENT_TIMEOUT_MS", "900000")
        return env


def open_site(data_option: str | None) -> Site:
    """The site of this machine: data folder ready, accounts chosen, database not yet started.

    Raises Trouble for a data folder that cannot be used and for accounts PostgreSQL does not accept.
    """
    where = places.find()
    url = os.environ.get("HUYING_DATABASE_URL", "")
    owner = accounts.myself() if url and os.geteuid() != 0 else accounts.for_server()
    data = _data_folder(where, data_option or os.environ.get("HUYING_DATA"), owner)
    running = None
    if not url:
        home = cluster.Cluster(data / "postgres", binaries.find(owner), owner, {})
        running = server.Server(home, data / "logs" / "postgres-start.log")
    accounts.make_private(data, owner)
    site = Site(where, data, owner if can_run(owner) else accounts.myself(), running, url)
    hand_over(site)
    return site


def _data_folder(where: places.Places, wanted: str | None, owner: Account) -> Path:
    if wanted:
        data = Path(wanted).expanduser().resolve()
        if not accounts.can_enter(owner, data.parent):
            raise Trouble(
                f"The account {owner.name}, which runs PostgreSQL for root, may not enter {data.parent}:"
                f" choose a data folder it can reach, such as --data {ROOT_DATA / 'data'}."
            )
        if data.exists() and not data.is_dir():
            raise Trouble(f"{data} is a file: choose a folder with --data.")
        if data.is_dir() and os.access(data, os.R_OK):
            strange = sorted(entry.name for entry in data.iterdir() if entry.name not in KNOWN)
            if strange and not (data / "postgres").exists():
                raise Trouble(f"{data} holds other files ({strange[0]} …): choose an empty or new folder with --data.")
        return data
    data = where.home / "data"
    if accounts.can_enter(owner, where.home):
        return data
    name = hashlib.sha256(os.fsencode(where.home)).hexdigest()[:8]
    return ROOT_DATA / f"data-{name}"


def can_run(account: Account) -> bool:
    """True when ``account`` can read our Python and our code (root's checkout may lie where nobody else may look)."""
    if account.mine:
        return True
    argv = [sys.executable, "-c", "import django, psycopg, huying.kernel.cli.site"]
    try:
        probe = subprocess.run(argv, cwd="/", capture_output=True, check=False, **account.run_as)
    except PermissionError:
        return False
    return probe.returncode == 0


def hand_over(site: Site) -> None:
    """Root only: the data folder's files belong to whoever runs web and jobs now (a moved checkout changes that)."""
    stamp = site.data / "run" / "account.json"
    facts = {"uid": site.account.uid}
    if os.geteuid() != 0 or places.stamp_matches(stamp, facts):
        return
    for name in OURS:
        top = site.data / name
        for path in [top, *top.rglob("*")] if top.exists() else []:
            os.chown(path, site.account.uid, site.account.gid, follow_symlinks=False)
    places.write_stamp(stamp, facts)


def hosts(host: str) -> str:
    """Names this machine answers to when it listens beyond itself; HUYING_HOSTS replaces them."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host not in LOOPBACK:
        own = socket.gethostname()
        names += [own, *(f"[{host}]" if ":" in host else host for host in {*_addresses(own), host})]
    return " ".join(dict.fromkeys(names))


def _addresses(name: str) -> set[str]:
    try:
        return {str(info[4][0]).split("%")[0] for info in socket.getaddrinfo(name, None)}
    except OSError:
        return set()


def check_outside(site: Site) -> str:
    """The version of the outside PostgreSQL, after its timeouts are set; Trouble when it cannot be used."""
    version = outside.check(site.outside_url, "HUYING_DATABASE_URL")
    if site.url(owner=True) != site.outside_url:
        outside.check(site.url(owner=True), "HUYING_OWNER_DATABASE_URL")
        outside.limit_transactions(site.outside_url)
    return version

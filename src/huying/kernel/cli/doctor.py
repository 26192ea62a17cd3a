"""``./huying doctor``: one line per finding, each with what to do; exit code 1 when something is broken."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from huying.kernel.cli import browser, first, frontend, messages, places, say, up
from huying.kernel.cli import site as sites
from huying.kernel.cli.site import Site
from huying.kernel.supervise import processes
from huying.kernel.supervise.loop import Supervisor
from huying.kernel.trouble import Trouble

MARKS = {"good": "✓", "note": "·", "broken": "✗"}
WANTED = {
    "fsync": ("broken", "switch it on, else a power cut loses data"),
    "full_page_writes": ("broken", "switch it on, else a power cut damages data"),
    "data_checksums": ("note", "damage on the disk stays unnoticed; pg_checksums --enable switches it on"),
}
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """``level`` is good, note (works, but look at it) or broken."""

    level: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"  {MARKS[self.level]} {self.about}: {self.text}"


def doctor(options: argparse.Namespace) -> int:
    """Print every finding; 1 when one is broken."""
    broken = 0
    for finding in findings(options.data, options.port):
        say.line(str(finding))
        broken += finding.level == "broken"
    say.line(f"Huying: {'nothing is broken' if not broken else f'{broken} broken, see the lines with ✗'}")
    return 1 if broken else 0


def findings(data: str | None, port: int) -> Iterator[Finding]:
    """All findings, the cheap ones first; the database is started for the time of the look when it does not run."""
    where = places.find()
    yield from environment(where)
    yield from pictures()
    try:
        site = sites.open_site(data)
    except Trouble as trouble:
        yield Finding("broken", "data folder", str(trouble))
        return
    yield disk("data folder", site.data)
    yield from secrets(site)
    yield web_port(site, port)
    yield from database(site)


def environment(where: places.Places) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("good", "python", f"{version} in {sys.prefix}")
    if where.checkout is not None:
        fresh = places.stamp_matches(where.stamps / "product.json", first.facts(where, "requirements.txt"))
        state = ("good", "as locked") if fresh else ("note", "not as locked; ./huying up installs what is missing")
        yield Finding(state[0], "packages", state[1])
        yield disk("set-up folder", where.home)
    if why := frontend.missing(where):
        yield Finding("broken", "styles and scripts", f"{why}: run ./huying up once, it builds them")
    else:
        yield Finding("good", "styles and scripts", "built")
    if late := messages.stale():
        yield Finding("note", "translations", f"{len(late)} not compiled; ./huying up does it")
    else:
        yield Finding("good", "translations", "compiled")


def disk(about: str, folder: Path) -> Finding:
    there = folder
    while not there.exists():
        there = there.parent
    usage = shutil.disk_usage(there)
    share = 100 * usage.free / usage.total
    text = f"{usage.free / GIGABYTE:.1f} GB free ({share:.0f} %) at {folder}"
    if usage.free < GIGABYTE or share < 5:
        return Finding("broken", about, f"{text}: free some now, writes may fail soon")
    return Finding("note" if share < 15 else "good", about, text + (": free some soon" if share < 15 else ""))


def pictures() -> Iterator[Finding]:
    """Browser and font: needed for tests and screenshots only, so never broken."""
    try:
        own = browser.of_this_machine()
    except Trouble as trouble:
        yield Finding("broken", "browser", str(trouble))
        return
    yield Finding("good", "browser", own) if own else Finding("note", "browser", "none; ./huying test fetches one")
    if browser.knows_chinese():
        yield Finding("good", "Chinese font", "there is one")
    else:
        yield Finding("note", "Chinese font", "none on this machine; ./huying test brings one for its browser")


def secrets(site: Site) -> Iterator[Finding]:
    """Passwords and keys must be readable by their owner alone."""
    files = [path for name in ("secrets", "keys") for path in sorted((site.data / name).glob("*")) if path.is_file()]
    if site.server is not None and site.server.cluster.passwords.exists():
        files.append(site.server.cluster.passwords)
    loose = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in loose:
        yield Finding("broken", "key files", f"{path} can be read by others: chmod 600 {path}")
    if files and not loose:
        yield Finding("good", "key files", f"{len(files)}, readable by their owner alone")


def web_port(site: Site, port: int) -> Finding:
    if up.running_here(site, port):
        return Finding("good", "web", f"Huying answers on port {port}")
    try:
        free = up.port_free("127.0.0.1", port)
    except Trouble as trouble:
        return Finding("broken", "web", str(trouble))
    if free:
        return Finding("note", "web", f"Huying does not run on port {port}, which is free: start it with ./huying up")
    return Finding("broken", "web", f"port {port} is taken by another program: use --port {port + 1}")


def database(site: Site) -> Iterator[Finding]:
    """Findings that need the database; a server of ours that does not run is started for them and stopped again."""
    if site.server is not None and not site.server.cluster.exists:
        yield Finding("note", "database", "none yet: ./huying up makes it")
        return
    supervisor = Supervisor(told=lambda text: None)
    with supervisor.attention():
        try:
            if site.server is not None:
                supervisor.add(site.server)
                site.server.open()
                binaries = site.server.cluster.binaries
                yield Finding("good", "PostgreSQL", f"{binaries.version}, programs in {binaries.bin}")
            else:
                yield Finding("good", "PostgreSQL", f"{sites.check_outside(site)} of HUYING_DATABASE_URL")
            yield from server_settings(site)
            yield from inside(site)
        except (Trouble, psycopg.Error) as trouble:
            yield Finding("broken", "database", str(trouble))


def server_settings(site: Site) -> Iterator[Finding]:
    with psycopg.connect(site.url(), connect_timeout=5) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        now = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    known = {str(name): str(value) for name, value in rows}
    for name, cost in WANTED.items():
        if known.get(name) != "on":
            yield Finding(cost[0], "durability", f"{name} is {known.get(name)}: {cost[1]}")
    if all(known.get(name) == "on" for name in WANTED):
        yield Finding("good", "durability", "fsync, full_page_writes and data_checksums are on")
    assert now is not None
    drift = abs(float(now[0]) - time.time())
    level = "broken" if drift > 5 else "good"
    yield Finding(level, "clock", f"{drift:.1f} s from the database's" + (": set both by NTP" if drift > 5 else ""))
    if site.url() == site.url(owner=True):
        yield Finding("note", "roles", "one role does everything: set HUYING_OWNER_DATABASE_URL to a second one")


def inside(site: Site) -> Iterator[Finding]:
    """What only Django knows, asked in a process of its own with the site's environment."""
    asked = subprocess.run(
        [sys.executable, "-m", "huying", "examine"],
        env=site.environment(),
        capture_output=True,
        text=True,
        check=False,
        **site.account.run_as,
    )
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["no words"])[-1]
        yield Finding("broken", "application", f"it does not load: {last}")
        return
    facts: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    if facts["unapplied"]:
        yield Finding("broken", "tables", f"{facts['unapplied']} migrations wait: run ./huying migrate")
    else:
        yield Finding("good", "tables", f"up to date ({facts['applied']} migrations)")
    limits = facts["limits"]
    if missing := [name for name in LIMITS if limits.get(name) == "0"]:
        yield Finding("note", "time limits", f"{', '.join(missing)} not set for the application's role")
    else:
        yield Finding("good", "time limits", ", ".join(f"{name} {limits[name]}" for name in LIMITS if name in limits))
    yield from jobs(site, facts)


def jobs(site: Site, facts: dict[str, Any]) -> Iterator[Finding]:
    silent = facts["heartbeat"]
    running = any(processes.alive(pid) for pid in _supervisors(site))
    if silent is not None and silent < 60:
        yield Finding("good", "jobs", f"a worker was heard {silent:.0f} s ago")
    elif running:
        yield Finding("broken", "jobs", f"no worker is alive: look into {site.logs / 'jobs.log'}")
    else:
        yield Finding("note", "jobs", "no worker runs (Huying is not started)")
    if facts["dead"]:
        yield Finding("broken", "dead jobs", f"{facts['dead']} failed for good: look at them and send them again")
    else:
        yield Finding("good", "dead jobs", "none")


def _supervisors(site: Site) -> list[int]:
    found = []
    for note in (site.data / "run").glob("up-*.json"):
        try:
            found.append(int(json.loads(note.read_text())["pid"]))
        except (OSError, ValueError, KeyError):
            continue
    return [pid for pid in found if pid != os.getpid()]

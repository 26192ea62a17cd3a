"""Six writers on ten accounts while PostgreSQL is killed every few seconds: nothing acknowledged is lost, nothing doubled.

On a throw-away, but durable server of its own. HUYING_LEDGER_CONTENDED sets another number of operations.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from huying.kernel.postgres import scratch
from huying.kernel.postgres.cluster import APP, OWNER, SUPERUSER
from huying.kernel.postgres.server import Server

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = int(os.environ.get("HUYING_LEDGER_CONTENDED", "100000"))
WRITERS, EVERY = 6, 3.0
OPEN = """
import django; django.setup()
from huying.kernel.actor import Actor
from huying.ledger import actions
from huying.ledger.actions import Entry
system = Actor.system("tests.crash")
issuer = actions.open_account(actor=system, asset="points", owner_type="ledger", owner_id=0, purpose="issue", floor=None)
for n in range(10):
    one = actions.open_account(actor=system, asset="points", owner_type="tests.Crash", owner_id=n)
    actions.transfer(actor=system, entry=Entry(debit=issuer.pk, credit=one.pk, amount=1000, key=f"start-{n}",
        evidence="tests.Crash:1", made_by=1, approved_by=2))
"""
VERIFY = """
import django; django.setup()
from huying.kernel.actor import Actor
from huying.ledger import actions
from huying.ledger.queries.verifying import findings
actions.seal(actor=Actor.system("tests.crash"))
print("\\n".join(map(str, findings())), end="")
"""


DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# Before it recovers, a server makes sure of everything that its predecessor wrote: of a thousand files one by one, which
# takes three seconds, or (Linux) of the whole disk in one call. Only the time between deaths is what is wanted here.
ONE_CALL = {"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}


@pytest.fixture
def server() -> Iterator[Server]:
    """Its tables are made in haste; then it is durable, as in real use: what was acknowledged is on disk."""
    with scratch.server(ONE_CALL) as running:
        running.cluster.prepare()
        yield running


def make_durable(server: Server) -> None:
    server.cluster.settings.update(DURABLE)
    server.cluster.write_settings()
    with psycopg.connect(server.cluster.url(SUPERUSER), autocommit=True) as admin:
        admin.execute("SELECT pg_reload_conf()")
        admin.execute("CHECKPOINT")
        told = {name: admin.execute(f"SHOW {name}").fetchone() for name in DURABLE}
    assert told == {name: (value,) for name, value in DURABLE.items()}


def environment(server: Server, folder: Path, role: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "HUYING_DATA": str(folder),
        "HUYING_DATABASE_URL": server.cluster.url(role),
        "DJANGO_SETTINGS_MODULE": "huying.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


def python(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=env, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def killed_until_they_end(server: Server, writers: list[subprocess.Popen[bytes]]) -> int:
    """Kill the server every few seconds of its life and start it again, as the supervisor does; how often it died."""
    kills, up_since = 0, time.monotonic()
    while any(writer.poll() is None for writer in writers):
        if not server.running:
            server.open()
            up_since = time.monotonic()
        elif time.monotonic() - up_since > EVERY and server.pid > 1:
            os.kill(server.pid, signal.SIGKILL)
            kills += 1
        time.sleep(0.05)
    return kills


def told(folder: Path) -> dict[str, list[str]]:
    """What was acknowledged: key -> the facts of its transfer; empty for a refusal."""
    lines = [line.split() for one in folder.glob("acknowledged-*") for line in one.read_text().splitlines()]
    assert len({line[0] for line in lines}) == len(lines)
    return {line[0]: line[1:] if line[1] != "refused" else [] for line in lines}


@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_though_the_database_is_killed_again_and_again(
    server: Server, tmp_path: Path, tally: Callable[..., None]
) -> None:
    python(environment(server, tmp_path, OWNER), "-m", "django", "migrate", "--verbosity=0")
    python(environment(server, tmp_path, OWNER), "-m", "django", "grant_roles")
    make_durable(server)
    env = environment(server, tmp_path, APP)
    python(env, "-c", OPEN)
    share = str(-(-OPERATIONS // WRITERS))
    begun = time.monotonic()
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.crash.ledger_writer", str(n), str(tmp_path), share], env=env, cwd=ROOT
        )
        for n in range(WRITERS)
    ]
    try:
        kills = killed_until_they_end(server, writers)
    finally:
        for writer in writers:
            writer.kill()
    seconds = time.monotonic() - begun

    server.open()
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    acknowledged = told(tmp_path)
    with psycopg.connect(server.cluster.url(APP)) as reader:
        rows = reader.execute(
            "SELECT key, id, debit_account_id, credit_account_id, amount FROM ledger_transfer WHERE key NOT LIKE 'start-%'"
        ).fetchall()
        negative = reader.execute(
            "SELECT id FROM ledger_account WHERE floor IS NOT NULL AND credits - debits - held < floor"
        ).fetchall()
        still_held = reader.execute("SELECT count(*) FROM ledger_hold WHERE state = 'pending'").fetchone()
    written = {key: [str(value) for value in facts] for key, *facts in rows}
    assert {key: facts for key, facts in acknowledged.items() if facts} == written
    assert (negative, still_held) == ([], (0,))
    assert python(env, "-c", VERIFY) == ""
    assert len(acknowledged) >= OPERATIONS * 0.95
    assert kills >= min(3, int(seconds / (EVERY * 3)))
    tally(
        "ledger under kills",
        operations=len(acknowledged),
        written=len(written),
        kills=kills,
        lost=0,
        mismatched=0,
        negative=0,
        seconds=round(seconds),
    )

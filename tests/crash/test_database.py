"""PostgreSQL itself is killed under a supervised worker: both come back, the job is done, its effect happened once.

On a throw-away server of its own, so that nobody else's tests notice.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huying.kernel.postgres import scratch
from huying.kernel.postgres.cluster import APP, OWNER
from huying.kernel.postgres.server import Server
from huying.kernel.supervise.children import Child
from tests.crash import drills
from tests.crash.test_jobs import QUICK, ROOT, until


@pytest.fixture
def server() -> Iterator[Server]:
    """Durable, as in real use: what was acknowledged is on disk."""
    with scratch.server({"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}) as running:
        running.cluster.prepare()
        yield running


def environment(server: Server, folder: Path, role: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        **QUICK,
        "HUYING_DRILL": str(folder),
        "HUYING_DATABASE_URL": server.cluster.url(role),
        "DJANGO_SETTINGS_MODULE": "huying.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


def manage(env: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments], env=env, cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def asked(server: Server, sql: str) -> list[Any]:
    """Answers of the database; none while it is away."""
    try:
        with psycopg.connect(server.cluster.url(APP), connect_timeout=3) as connection:
            return [row[0] for row in connection.execute(sql).fetchall()]
    except psycopg.OperationalError:
        return []


def test_a_killed_database_and_its_worker_come_back_and_no_effect_is_lost_or_doubled(
    server: Server, tmp_path: Path, tally: Callable[..., None]
) -> None:
    manage(environment(server, tmp_path, OWNER), "migrate", "--verbosity=0")
    manage(environment(server, tmp_path, OWNER), "grant_roles")
    env = environment(server, tmp_path, APP)
    queue = "import django; django.setup(); from tests.crash import drills; from huying.kernel import jobs;"
    queue += "[jobs.enqueue(f'drill.{k}', n=n) for n in range(6) for k in (('before', 'within')[n % 2],)]"
    for n in (0, 1):
        (tmp_path / f"hold-{n}").touch()
    subprocess.run([sys.executable, "-c", queue], env=env, cwd=ROOT, check=True)
    worker = Child("worker", [sys.executable, "-m", drills.PROGRAM], env, tmp_path / "worker.log", cwd=str(ROOT))
    lives = 0

    def care() -> None:
        """What the supervisor of ./huying up does: whoever has ended is started again."""
        nonlocal lives
        if not server.running:
            server.start()
        if not worker.running:
            worker.start()
            lives += 1

    try:
        care()
        until(lambda: list(tmp_path.glob("begun-0-*")) and list(tmp_path.glob("begun-1-*")), "two jobs to begin")
        assert server.pid > 1
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not server.running, "the server to die")
        for n in (0, 1):
            (tmp_path / f"hold-{n}").unlink()

        begun = time.monotonic()
        open_jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'drill.%' AND status <> 'succeeded'"
        until(lambda: care() or asked(server, open_jobs) == [0], "every job to end")
        recovered = time.monotonic() - begun
    finally:
        worker.stop()

    lines = asked(server, "SELECT changes FROM kernel_auditline WHERE verb = 'drill'")
    assert sorted(json.loads(line)["n"] if isinstance(line, str) else line["n"] for line in lines) == list(range(6))
    assert lives >= 2
    assert recovered < 60
    tally("jobs", database_kills=1, jobs=6)

"""Real worker processes on the test database: killed, frozen, cut off from the database. Each effect happens once.

Times are shortened: a sign of life each second, given up after three, healed each second (HUYING_HEARTBEAT and so on).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import url_for
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.kernel import jobs
from huying.kernel.models import AuditLine
from huying.kernel.supervise.children import Child
from tests.crash import drills

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
# A long storm is asked for by setting both, as in the operator's guide.
KILLS = int(os.environ.get("HUYING_WORKER_KILLS", "6"))
STORM = int(os.environ.get("HUYING_STORM_JOBS", "200"))
QUICK = {
    "HUYING_HEARTBEAT": "1",
    "HUYING_STALLED_AFTER": "3",
    "HUYING_HEAL_EVERY": "1",
    "HUYING_JOB_WAIT": "0",
    "HUYING_LOG_LEVEL": "WARNING",
}


def until(question: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = question()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Drill:
    """The folder through which the test and its workers talk, and the workers themselves."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            **QUICK,
            "HUYING_DRILL": str(folder),
            "HUYING_DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "huying.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.ending, self.keepers = threading.Event(), []
        self.log = (folder / "workers.log").open("ab")

    def worker(self) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", drills.PROGRAM]
        started = subprocess.Popen(argv, env=self.env, cwd=ROOT, stdout=self.log, stderr=self.log)
        self.workers.append(started)
        return started

    def kept(self) -> None:
        """A worker that is started again whenever it ends, as by the supervisor: one frozen within a transaction holds
        locks, and who waits for them too long gives up.
        """

        def keep() -> None:
            while not self.ending.is_set():
                self.worker().wait()

        self.keepers.append(threading.Thread(target=keep))
        self.keepers[-1].start()

    def child(self) -> Child:
        """The same worker as the supervisor of ``./huying up`` keeps it."""
        argv = [sys.executable, "-m", drills.PROGRAM]
        return Child("worker", argv, self.env, self.folder / "supervised.log", cwd=str(ROOT))

    def hold(self, n: int) -> None:
        (self.folder / f"hold-{n}").touch()

    def let_go(self, n: int) -> None:
        (self.folder / f"hold-{n}").unlink()

    def begun(self, n: int) -> list[int]:
        """Processes that began job ``n``."""
        return sorted(int(path.name.rpartition("-")[2]) for path in self.folder.glob(f"begun-{n}-*"))

    def outside(self) -> list[str]:
        path = self.folder / "outside"
        return path.read_text().splitlines() if path.exists() else []

    def end(self) -> None:
        self.ending.set()
        while any(one.poll() is None for one in self.workers) or any(one.is_alive() for one in self.keepers):
            for one in self.workers:
                one.kill()
                one.wait()
        self.log.close()


@pytest.fixture
def drill(tmp_path: Path, committed_db: None) -> Iterator[Drill]:
    made = Drill(tmp_path, url_for(connection.settings_dict["NAME"], "huying_app"))
    yield made
    made.end()


def effects() -> Counter[int]:
    return Counter(line["n"] for line in AuditLine.objects.filter(verb="drill").values_list("changes", flat=True))


def ours() -> Any:
    return ProcrastinateJob.objects.filter(task_name__startswith="drill.")


def ended(name: str) -> list[str]:
    return list(ProcrastinateJob.objects.filter(task_name=name).values_list("status", flat=True))


@pytest.mark.parametrize("name", ["drill.before", "drill.within", "drill.after", "drill.outside"])
def test_a_killed_workers_job_goes_to_another_and_its_effect_happens_once(
    drill: Drill, name: str, tally: Callable[..., None]
) -> None:
    drill.hold(1)
    jobs.enqueue(name, n=1)
    first = drill.worker()
    until(lambda: drill.begun(1), "the job to begin")

    first.kill()
    first.wait()
    killed_at = time.monotonic()
    drill.let_go(1)
    drill.worker()

    until(lambda: ended(name) == ["succeeded"], "the job to end at the second worker")
    assert len(drill.begun(1)) == 2 or name == "drill.after"
    assert effects() == {1: 1}
    assert [line.split()[0] for line in drill.outside()] == (["1"] if name == "drill.outside" else [])
    assert time.monotonic() - killed_at < 30
    tally("jobs", workers_killed=1, jobs=1)


def test_a_frozen_worker_that_wakes_does_nothing_a_second_time(drill: Drill, tally: Callable[..., None]) -> None:
    """The zombie passes its wait after another worker has done the job: the fence stops it before the outside world."""
    drill.hold(1)
    jobs.enqueue("drill.outside", n=1)
    frozen = drill.worker()
    until(lambda: drill.begun(1), "the job to begin")

    frozen.send_signal(signal.SIGSTOP)
    drill.kept()
    until(lambda: len(drill.begun(1)) == 2, "the job to go to the second worker")
    drill.let_go(1)
    until(lambda: ended("drill.outside") == ["succeeded"], "the second worker to do it")
    frozen.send_signal(signal.SIGCONT)
    jobs.enqueue("drill.before", n=2)
    until(lambda: ended("drill.before") == ["succeeded"], "the next job")
    time.sleep(1.5)

    (told,) = drill.outside()
    assert told.startswith("1 ") and told != f"1 {frozen.pid}"
    assert effects() == {1: 1, 2: 1}
    assert set(ended("drill.outside")) == {"succeeded"}
    tally("jobs", zombies=1, jobs=2)


def test_negative_control_without_the_fence_the_zombie_acts_again(drill: Drill) -> None:
    drill.hold(1)
    jobs.enqueue("drill.unfenced", n=1)
    frozen = drill.worker()
    until(lambda: drill.begun(1), "the job to begin")

    frozen.send_signal(signal.SIGSTOP)
    drill.kept()
    until(lambda: len(drill.begun(1)) == 2, "the job to go to the second worker")
    drill.let_go(1)
    until(lambda: ended("drill.unfenced") == ["succeeded"], "the second worker to do it")
    frozen.send_signal(signal.SIGCONT)

    until(lambda: len(drill.outside()) == 2, "the zombie to act")


def test_a_storm_of_kills_loses_and_doubles_nothing(drill: Drill, tally: Callable[..., None]) -> None:
    """Each worker is killed after its share of the jobs; the jobs it held wait for the healer, the others go on."""
    names = ["drill.before", "drill.within", "drill.after", "drill.outside"]
    for n in range(STORM):
        jobs.enqueue(names[n % 4], n=n)
    share = max(1, STORM // (KILLS + 1) - 4)
    for _kill in range(KILLS):
        victim, done = drill.worker(), len(effects())
        until(lambda: len(effects()) >= done + share, "some work")  # noqa: B023
        victim.kill()
        victim.wait()
    drill.worker()

    until(lambda: not ours().exclude(status="succeeded").exists(), "every job to end", PATIENCE + STORM / 20)
    assert effects() == dict.fromkeys(range(STORM), 1)
    tally("jobs", workers_killed=KILLS, jobs=STORM)


def test_a_worker_cut_off_from_the_database_goes_on_or_ends_for_its_successor(drill: Drill) -> None:
    """As after a crash of the server: every session is gone at once. A process that hangs would do neither (finding 2);
    one that was asking nothing at that moment opens new sessions and need not end.
    """
    drill.hold(1)
    jobs.enqueue("drill.before", n=1)
    drill.kept()
    until(lambda: drill.begun(1), "the job to begin")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"  # the tests have one of the superuser's beside
        )
    drill.let_go(1)

    until(lambda: ended("drill.before") == ["succeeded"], "the job to be done")
    jobs.enqueue("drill.before", n=2)
    until(lambda: ended("drill.before") == ["succeeded"] * 2, "the next job to be done too")
    assert effects() == {1: 1, 2: 1}

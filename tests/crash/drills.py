"""Jobs for drills, and the worker process that runs them. ``python -m tests.crash.drills`` is that process.

A drill talks through files in the folder HUYING_DRILL: a job writes ``begun-<n>-<process>`` when it begins, waits while
``hold-<n>`` is there, and appends to ``outside`` what it does to the world outside the database.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()

from huying.kernel import audit, jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

DRILL = Actor.system("drill")
PROGRAM = "tests.crash.drills"


def folder() -> Path:
    return Path(os.environ["HUYING_DRILL"])


def begun(n: int) -> None:
    (folder() / f"begun-{n}-{os.getpid()}").touch()
    while (folder() / f"hold-{n}").exists():
        time.sleep(0.02)


def make_effect(n: int) -> None:
    """The effect of a drill: one line in the trail, marked so that it is made once."""
    if jobs.effect(f"drill:{n}"):
        audit.record(DRILL, "drill", None, changes={"n": n})


@jobs.task("drill.before")
def before(n: int) -> None:
    """Dies, if it dies, before it has written anything."""
    begun(n)
    with begin(DRILL):
        make_effect(n)


@jobs.task("drill.within")
def within(n: int) -> None:
    """Dies in the middle of its transaction."""
    with begin(DRILL):
        make_effect(n)
        begun(n)


@jobs.task("drill.after")
def after(n: int) -> None:
    """Dies when all is written, but before its job is closed."""
    with begin(DRILL):
        make_effect(n)
    begun(n)


@jobs.task("drill.outside")
def outside(n: int) -> None:
    """Does something outside, where no transaction takes it back: fenced."""
    begun(n)
    jobs.check_fence()
    with (folder() / "outside").open("a") as told:
        told.write(f"{n} {os.getpid()}\n")
    with begin(DRILL):
        make_effect(n)


@jobs.task("drill.unfenced")
def unfenced(n: int) -> None:
    """The same without asking whether the job is still its own."""
    begun(n)
    with (folder() / "outside").open("a") as told:
        told.write(f"{n} {os.getpid()}\n")
    with begin(DRILL):
        make_effect(n)


if __name__ == "__main__":
    sys.modules[PROGRAM] = sys.modules["__main__"]
    jobs.run_worker(concurrency=4)

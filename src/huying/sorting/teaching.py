"""Teaching in a process of its own: JSON in, JSON out, so that no worker keeps scikit-learn's 130 MB.

``python -m huying.sorting.teaching`` is that process. Words travel through pipes only: not in a file, not in an argument.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from huying.sorting import written
from huying.sorting.written import EXAM, LEARNING, SEED, TUNING, Example

LONGEST = 900
"""Seconds after which teaching is given up."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""The order of sums, and so the last digits, must not depend on the number of cores; and the web goes first."""
LESSON = 3.0
"""How often an ask that staff corrected counts, beside one the project wrote."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A new sorter as bytes and how it did in the examination; beside it the one that serves now, in the same one.

    ``scores`` and ``present``: {"written": figures, "asked": figures} of ``scoring.examined``.
    """

    body: bytes
    scores: dict[str, Any]
    present: dict[str, Any] | None


class NotTaught(RuntimeError):
    """The process ended without a sorter; its last words are the message."""


def course() -> str:
    """A short name of everything the project itself teaches and asks: another release, another course."""
    rows = [*written.examples(LEARNING), *written.examples(TUNING), *written.examples(EXAM), *written.asked()]
    return written.digest(rows)


def teach(lessons: Sequence[Example], present: bytes | None = None, *, seed: int = SEED) -> Taught:
    """Teach a new sorter from the project's text and these lessons; takes some ten seconds. Raises NotTaught."""
    wanted = {"seed": seed, "lessons": [asdict(one) for one in lessons], "present": b64encode(present or b"").decode()}
    source = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "huying.sorting.teaching"],
            input=json.dumps(wanted).encode(),
            capture_output=True,
            check=False,
            timeout=LONGEST,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise NotTaught("it took too long") from None
    if done.returncode:
        raise NotTaught(done.stderr.decode(errors="replace").strip()[-300:] or f"exit code {done.returncode}")
    found = json.loads(done.stdout)
    return Taught(b64decode(found["body"]), found["scores"], found["present"])


def taught_here(lessons: Sequence[Example], present: bytes | None = None, *, seed: int = SEED) -> Taught:
    """The same in this process."""
    from huying.sorting.learning import taught  # noqa: PLC0415 - brings scikit-learn
    from huying.sorting.sorter import NoSorter, unpacked  # noqa: PLC0415 - brings numpy

    sorter = taught([*written.examples(LEARNING, seed=seed), *lessons], written.examples(TUNING, seed=seed))
    now = None
    if present:
        try:
            now = examination(unpacked(present), seed)
        except NoSorter:  # of an earlier release: nothing to compare with
            now = None
    return Taught(sorter.packed(), examination(sorter, seed), now)


def examination(sorter: Any, seed: int = SEED) -> dict[str, Any]:
    """Figures on the families that were kept back, and on the asks written freely."""
    from huying.sorting.scoring import examined  # noqa: PLC0415 - brings numpy

    both = {"written": written.examples(EXAM, seed=seed), "asked": list(written.asked())}
    return {
        "threshold": sorter.threshold,
        "temperature": sorter.temperature,
        "labels": list(sorter.labels),
        **{name: examined(sorter, rows) for name, rows in both.items()},
    }


def main() -> None:
    """The process: reads what is wanted, teaches, writes the outcome."""
    os.nice(10)
    wanted = json.load(sys.stdin)
    lessons = [Example(**one) for one in wanted["lessons"]]
    made = taught_here(lessons, b64decode(wanted["present"]) or None, seed=wanted["seed"])
    out = {"body": b64encode(made.body).decode(), "scores": made.scores, "present": made.present}
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()

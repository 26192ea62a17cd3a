"""The limits of a child hold whatever it is made to do."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from huying.kernel.children import limits

SOURCE = Path(limits.__file__).parents[3]


def outcome(body: str, folder: Path) -> int:
    """The exit code of a process that binds itself to 256 MB and one CPU second, then does ``body``."""
    program = f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n"
    program += f"from huying.kernel.children import limits\nlimits.bind(256, 1)\n{body}"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, timeout=60, cwd=folder)
    return done.returncode


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = bytearray(100_000_000)", {0}),
        ("x = bytearray(300_000_000)", {1}),
        ("x = []\nwhile True: x.append(bytearray(1_000_000))", {1}),
        ("while True: pass", {-signal.SIGXCPU, -signal.SIGKILL}),
        ("open('limits-test', 'w').write('a' * 100_000)", {1, -signal.SIGXFSZ}),
        ("x = [open('/dev/null') for _ in range(100)]", {1}),
    ],
    ids=["enough memory", "one large piece", "many pieces", "endless loop", "writing", "many files"],
)
def test_a_bound_process_cannot_take_more(body: str, expected: set[int], tmp_path: Path) -> None:
    assert outcome(body, tmp_path) in expected

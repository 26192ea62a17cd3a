"""What the person at the terminal sees: steps with their seconds, and one sentence when something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WIDTH = 58
TICK = 0.1


def line(text: str = "") -> None:
    """Print one line; a reader who went away (``| head``) must not end the platform."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lively() -> bool:
    return sys.stdout.isatty()


def _done(mark: str, title: str, since: float) -> None:
    start = "\r\x1b[2K" if _lively() else ""
    line(f"{start}  {mark} {title:<{WIDTH}} {time.monotonic() - since:6.1f} s")


def begin(title: str) -> None:
    """Show that ``title`` has begun: an overwritten line on a terminal, a line of its own in a log."""
    if _lively():
        print(f"\r\x1b[2K  … {title}", end="", flush=True)
    else:
        line(f"  … {title}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """One step of the set-up with its seconds; an exception marks it as failed and goes on up."""
    since = time.monotonic()
    begin(title)
    try:
        yield
    except BaseException:
        _done("✗", title, since)
        raise
    _done("✓", title, since)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log file, indented; empty when there is none."""
    if not log.exists():
        return ""
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"      {row}" for row in text[-lines:])


def run(
    title: str,
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    run_as: Mapping[str, Any] | None = None,
) -> int:
    """Run a command as a step, its output in ``log``; return its exit code (the caller says what a failure means).

    ``run_as`` holds subprocess arguments for another account (user, group, extra_groups).
    """
    since = time.monotonic()
    begin(title)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(argv)}\n".encode())
        out.flush()
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(env) if env else None,
                cwd=cwd,
                **(run_as or {}),
            )
        except OSError as error:
            out.write(f"{argv[0]}: {error.strerror}\n".encode())
            _done("✗", title, since)
            return 127
        try:
            code = _wait(process, title, since)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    _done("✗" if code else "✓", title, since)
    return code


def _wait(process: subprocess.Popen[bytes], title: str, since: float) -> int:
    shown = 0
    while (code := process.poll()) is None:
        time.sleep(TICK)
        if _lively() and int(time.monotonic() - since) > shown:
            shown = int(time.monotonic() - since)
            print(f"\r\x1b[2K  … {title:<{WIDTH}} {shown:4d} s", end="", flush=True)
    return code

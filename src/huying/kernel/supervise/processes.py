"""Questions about processes of this machine, answered from /proc (elsewhere: as if nothing were known)."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the command name: [0] is the state, [1] the parent; empty when it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def state(pid: int) -> str:
    """R, S, D, T, Z …; empty when there is no such process (or no /proc)."""
    fields = _stat(pid)
    return fields[0] if fields else ""


def alive(pid: int) -> bool:
    """True when the process exists and is not a zombie that nobody reaped."""
    if PROC.joinpath("self").exists():
        return state(pid) not in {"", "Z", "X"}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command(pid: int) -> str:
    """The process's command line; empty when it is gone or may not be read."""
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.exists() else []


def children_of(pid: int) -> list[int]:
    """Living direct children of ``pid``."""
    found = []
    for other in _pids():
        fields = _stat(other)
        if fields and fields[1] == str(pid) and fields[0] not in {"Z", "X"}:
            found.append(other)
    return found


def working_in(folder: Path) -> list[int]:
    """Living processes whose working directory is ``folder``: for a data directory, the server's own processes."""
    found = []
    for pid in _pids():
        try:
            here = (PROC / str(pid) / "cwd").readlink()
        except OSError:
            continue
        if here == folder and alive(pid):
            found.append(pid)
    return found

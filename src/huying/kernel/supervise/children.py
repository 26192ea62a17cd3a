"""One supervised process: started in its own session, tied to our life, stopped in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huying.kernel.postgres.account import Account

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LOG_LIMIT = 20 * 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become our children (Linux), so that none is left over when we end."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def tie_to_parent(when_orphaned: int, parent: int) -> None:
    """Called in the child: the kernel sends ``when_orphaned`` to it when ``parent`` dies, however it dies."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, when_orphaned, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)


@dataclass
class Child:
    """``group``: on its death the rest of its process group is killed before it is started again."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    account: Account | None = None
    cwd: str = "/"
    stop_with: int = signal.SIGTERM
    when_orphaned: int = signal.SIGTERM
    patience: float = 15.0
    group: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    born: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the process; its output goes to the end of its log."""
        parent = os.getpid()
        with _log(self.log) as out:
            self.process = subprocess.Popen(
                list(self.argv),
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=self._tie(parent),
                **(self.account.run_as if self.account else {}),
            )
        self.born = time.monotonic()

    def _tie(self, parent: int) -> Callable[[], None]:
        return lambda: tie_to_parent(self.when_orphaned, parent)

    @property
    def pid(self) -> int:
        return self.process.pid if self.process is not None else 0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        if self.running:
            self._send(number)

    def _send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill_rest(self) -> None:
        """Kill what the dead process left in its process group."""
        if self.group and self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """True when it has ended within ``seconds``."""
        if self.process is None:
            return True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Ask, wait ``patience`` seconds, then kill; nothing of its group is left."""
        self.signal(self.stop_with)
        if not self.wait(self.patience):
            self.signal(signal.SIGKILL)
            self.wait(5)
        self.kill_rest()


@contextlib.contextmanager
def _log(path: Path) -> Any:
    """The log, opened for appending; the previous one is kept beside it when it has grown large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    with path.open("ab") as out:
        yield out


def reap_strangers(mine: Sequence[Child]) -> None:
    """Collect dead processes that became ours by adoption; our own children keep their exit codes."""
    if not hasattr(os, "waitid"):
        return
    pids = {child.pid for child in mine}
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None or dead.si_pid in pids:
            return  # one of ours: its own poll() collects it, then we come again
        with contextlib.suppress(ChildProcessError):
            os.waitpid(dead.si_pid, 0)

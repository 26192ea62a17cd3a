"""Keep several children running until we are told to stop; stop them in the reverse order of their start."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from huying.kernel.supervise import processes
from huying.kernel.supervise.children import Child, adopt_orphans, reap_strangers

CALM = 30.0
LONGEST_PAUSE = 10.0


class Stopped(BaseException):
    """Ctrl-C or a polite signal arrived."""


@dataclass
class Care:
    """What the supervisor remembers of a child between its lives."""

    child: Child
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """``told`` gets one line for every death and every new life."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.told = told
        self.cares: list[Care] = []
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)

    @contextlib.contextmanager
    def attention(self) -> Iterator[None]:
        """Inside: SIGINT, SIGTERM and SIGHUP raise Stopped; at the end every child is stopped and none is left."""
        adopt_orphans()
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in self._polite():
            signal.signal(number, _raise_stopped)
        try:
            yield
        finally:
            self.stop()

    def _polite(self) -> list[signal.Signals]:
        """Signals that ask us to stop; a hang-up does not when we were started under nohup."""
        asking = [signal.SIGINT, signal.SIGTERM]
        return asking if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [*asking, signal.SIGHUP]

    def add(self, child: Child) -> None:
        """Take over a child (already started, or to be started now)."""
        self.cares.append(Care(child))
        if child.process is None:
            child.start()

    def run(self) -> None:
        """Return never: ends by Stopped."""
        while True:
            select.select([self._wake], [], [], self._pause())
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake, 4096)
            self.look()

    def look(self) -> None:
        """Collect the dead and start again whoever is due."""
        reap_strangers([care.child for care in self.cares])
        now = time.monotonic()
        for care in self.cares:
            if care.child.running:
                continue
            if care.again_at is None:
                self._mourn(care, now)
            if care.again_at is not None and now >= care.again_at:
                self._revive(care, now)

    def _mourn(self, care: Care, now: float) -> None:
        child = care.child
        if child.process is None:  # a server that another start runs: looked after every second
            care.again_at = now + 1
            return
        child.kill_rest()
        care.failures = 0 if now - child.born > CALM else care.failures + 1
        pause = 0.0 if care.failures <= 1 else min(0.5 * 2 ** (care.failures - 2), LONGEST_PAUSE)
        care.again_at = now + pause
        code = child.process.returncode
        how = f"signal {-code}" if code < 0 else f"code {code}"
        self.told(f"{child.name} ended ({how}), starting it again; its log: {child.log}")

    def _revive(self, care: Care, now: float) -> None:
        care.child.start()
        # A server that cannot start yet (remains of the dead one) or is run by another start has no process of ours.
        care.again_at = None if care.child.running else now + 0.5

    def _pause(self) -> float:
        due = [care.again_at - time.monotonic() for care in self.cares if care.again_at is not None]
        return max(0.02, min([1.0, *due]))

    def stop(self) -> None:
        """Stop all, last started first; a second signal makes it hurry; nothing of ours stays behind."""
        hurry = {"asked": 0}

        def hasten(number: int, frame: FrameType | None) -> None:
            hurry["asked"] += 1
            for care in self.cares[1:]:
                care.child.signal(signal.SIGKILL)

        for number in self._polite():
            signal.signal(number, hasten)
        rest = [care.child for care in self.cares]
        for child in reversed(rest[1:]):
            child.signal(child.stop_with)  # all at once, then wait for each
        for child in reversed(rest):
            child.stop()
        self.cares.clear()
        for pid in processes.children_of(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap_strangers([])


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise Stopped

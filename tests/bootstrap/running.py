"""A real ``huying up`` for tests: started as its own process, read line by line, killed in every way."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from huying.kernel.postgres import account, binaries, scratch
from huying.kernel.postgres.cluster import Cluster
from huying.kernel.supervise import processes

SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE = 180.0  # a first start with the demo, on a machine that is busy with something else
FIRST_START: list[Up] = []  # the start that made the shared data folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**extra: str) -> dict[str, str]:
    """Ours without anything that the test run itself was told about databases and folders."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HUYING_", "DJANGO_"))}
    return {**kept, "PYTHONPATH": str(SOURCE), "HUYING_WEB_PROCESSES": "1", **extra}


def until(question: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until ``question()`` is true; AssertionError names ``what`` was awaited."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder that the server's account may enter."""
    path = scratch.folder_for(account.for_server())
    path.chmod(0o711)
    try:
        yield path / "data"
    finally:
        shutil.rmtree(path, ignore_errors=True)


def cluster(data: Path) -> Cluster:
    owner = account.for_server()
    return Cluster(data / "postgres", binaries.find(owner), owner, {})


@dataclass
class Diagnosis:
    """What ``./huying doctor`` printed, and its exit code."""

    code: int
    lines: list[str]

    def about(self, subject: str) -> str:
        """The first line on a subject, with its mark."""
        return next(row.strip() for row in self.lines if row.strip()[2:].startswith(subject + ":"))


def doctor(data: Path, port: int, **extra: str) -> Diagnosis:
    argv = [sys.executable, "-m", "huying", "doctor", "--data", str(data), "--port", str(port)]
    done = subprocess.run(argv, env=environment(**extra), capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return Diagnosis(done.returncode, done.stdout.splitlines())


def descendants(pid: int) -> list[int]:
    found = []
    for child in processes.children_of(pid):
        found += [child, *descendants(child)]
    return found


@dataclass
class Up:
    """One ``huying up``; ``lines`` grows while it runs."""

    data: Path
    port: int = field(default_factory=free_port)
    arguments: tuple[str, ...] = ("--no-demo",)
    extra: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        argv = [sys.executable, "-m", "huying", "up", "--data", str(self.data), "--port", str(self.port)]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*argv, *self.arguments],
            env=environment(**self.extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            self.lines.append(row.rstrip())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def ready(self) -> Up:
        """Wait for the last of its words of welcome, those about stopping it."""
        until(lambda: "Ctrl-C stops it" in self.said or self.process.poll() is not None, "the start")
        assert "is ready" in self.said, self.said
        self.seconds = time.monotonic() - self.began
        return self

    def ended(self, seconds: float = PATIENCE) -> int:
        code = self.process.wait(seconds)
        self.reader.join(5)
        return code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def of(self, word: str) -> int:
        """Process number of the direct child whose command has ``word``; 0 when there is none."""
        return next((pid for pid in processes.children_of(self.process.pid) if word in processes.command(pid)), 0)

    def page(self, path: str = "/") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    @property
    def sign_ins(self) -> list[str]:
        """What it printed about signing in."""
        rows = [row.strip() for row in self.lines]
        at = next((n for n, row in enumerate(rows) if row.endswith("sign in as")), len(rows))
        end = next((n for n, row in enumerate(rows) if row.startswith("Ctrl-C stops it")), len(rows))
        return rows[at + 1 : end]

    def destroy(self) -> None:
        """End it however it stands; used by fixtures, not by tests."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

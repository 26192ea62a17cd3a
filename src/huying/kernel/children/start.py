"""Starting a limited child and listening to it, with an end to patience and to the length of its answer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SOURCE = Path(__file__).resolve().parents[3]
PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from huying.kernel.children.{name} import main; main()"
KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
SPOOL = 1024 * 1024


class Readable(Protocol):
    """A file open for reading bytes."""

    def read(self, size: int, /) -> bytes: ...


class ChildFailed(Exception):
    """The child ran into a limit, crashed or said too much: the file is not one we take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use at most."""

    memory_mb: int = 512
    cpu_seconds: int = 10
    wall_seconds: float = 30
    answer_bytes: int = 64 * 1024 * 1024


def run(name: str, data: Readable, limits: Limits, *arguments: str) -> bytes:
    """The whole answer of child ``name`` to the file ``data``; ChildFailed when it did not end well."""
    with started(name, data, limits, arguments) as process:
        assert process.stdout is not None
        answer = process.stdout.read(limits.answer_bytes + 1)
        if len(answer) > limits.answer_bytes:
            raise ChildFailed("too long an answer")
    return answer


def lines(name: str, data: Readable, limits: Limits, *arguments: str) -> Iterator[bytes]:
    """The child's answer line by line, as it comes; ChildFailed at the end when it did not end well."""
    with started(name, data, limits, arguments) as process:
        assert process.stdout is not None
        said = 0
        while line := process.stdout.readline(limits.answer_bytes + 1):
            said += len(line)
            if said > limits.answer_bytes:
                raise ChildFailed("too long an answer")
            yield line


@contextmanager
def started(name: str, data: Readable, limits: Limits, arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """The running child; killed when it is not done in time or the caller has had enough."""
    command = [sys.executable, "-I", "-c", PROGRAM.format(name=name), str(SOURCE)]
    command += [str(limits.memory_mb), str(limits.cpu_seconds), *arguments]
    environment = {key: os.environ[key] for key in KEPT_ENVIRONMENT if key in os.environ}
    with tempfile.TemporaryFile() as spool:
        while chunk := data.read(SPOOL):
            spool.write(chunk)
        spool.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            command,
            stdin=spool,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
            cwd="/",
        )
        timer = threading.Timer(limits.wall_seconds, process.kill)
        timer.start()
        try:
            yield process
            if process.wait() != 0:
                raise ChildFailed(f"{name} ended with {process.returncode}")
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

"""The running server of a rush: web and jobs as ``./huying up`` starts them, under the same supervisor, to be killed.

``python -m huying.activities.management.rush.servers PORT WAY`` is a web server whose button signs up in another way
(``row_lock`` or ``no_lock``, see ``ways``): what the product's own way is compared with.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from huying.kernel.supervise import processes, web
from huying.kernel.supervise.children import Child
from huying.kernel.supervise.loop import Supervisor

PATIENCE = 90.0
MODULE = "huying.activities.management.rush.servers"


class Servers:
    """One web server, with or without jobs, on a free port of the loopback."""

    def __init__(self, folder: Path, *, way: str = "ours", jobs: bool = False) -> None:
        self.port, self.way, self.kills = free_port(), way, {"web process": 0, "web server": 0, "jobs": 0}
        self.supervisor = Supervisor(told=lambda _line: None)
        self.web = self.child(folder, "web", self.argv(), signal.SIGTERM)
        self.jobs = self.child(folder, "jobs", [*huying(), "worker"], signal.SIGKILL) if jobs else None
        for child in filter(None, (self.web, self.jobs)):
            self.supervisor.add(child)

    def argv(self) -> Sequence[str]:
        if self.way != "ours":
            return [sys.executable, "-m", MODULE, str(self.port), self.way]
        return [*huying(), "web", "--port", str(self.port)]

    def child(self, folder: Path, name: str, argv: Sequence[str], orphaned: int) -> Child:
        log = folder / f"{name}-{self.port}.log"
        return Child(name, argv, os.environ, log, cwd=str(folder), when_orphaned=orphaned)

    def wait(self) -> None:
        """Return when the home page answers."""
        until = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > until:
                raise RuntimeError(f"no answer: {self.web.log.read_text(errors='replace')[-2000:]}")
            self.supervisor.look()
            time.sleep(0.1)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self, what: str) -> bool:
        """SIGKILL to one web process, the whole web server, or the jobs; whoever cares for it starts it again."""
        of_web = processes.children_of(self.web.pid)
        pid = {"web server": self.web.pid, "jobs": self.jobs.pid if self.jobs else 0}.get(what, max(of_web, default=0))
        if not pid:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[what] += 1
        return True

    def stop(self) -> None:
        for care in reversed(self.supervisor.cares):
            care.child.stop()
        self.supervisor.cares.clear()


@contextlib.contextmanager
def running(folder: Path, *, way: str = "ours", jobs: bool = False) -> Iterator[Servers]:
    """A server that answers; nothing of it is left afterwards."""
    server = Servers(folder, way=way, jobs=jobs)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def huying() -> list[str]:
    return [sys.executable, "-m", "huying"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    port, os.environ["HUYING_BENCH_WAY"] = sys.argv[1:]
    web.serve("127.0.0.1", int(port), target="huying.activities.management.rush.other:application")


if __name__ == "__main__":
    main()

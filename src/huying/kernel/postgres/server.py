"""The running server: a direct child of ours, or one that another start already runs on the same data directory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from huying.kernel.cli.places import only_one
from huying.kernel.postgres.cluster import DATABASE, PORT, SUPERUSER, Cluster
from huying.kernel.supervise import processes
from huying.kernel.supervise.children import Child
from huying.kernel.trouble import Trouble

LEFTOVER_PATIENCE = 5.0
STARTING = 300.0
SESSIONS_ARE_ORDINARY = {"PG_OOM_ADJUST_FILE": "/proc/self/oom_score_adj", "PG_OOM_ADJUST_VALUE": "0"}


class Server(Child):
    """PostgreSQL on one cluster.

    Start it with ``open()`` (which returns when it answers) and end it with ``stop()``. When another process of ours
    already runs it, ``open()`` connects to that one, ``attached`` is True and ``stop()`` leaves it alone.
    """

    def __init__(self, cluster: Cluster, log: Path) -> None:
        super().__init__(
            name="postgres",
            argv=[cluster.binaries.path("postgres"), "-D", str(cluster.data)],
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **SESSIONS_ARE_ORDINARY},
            log=log,
            account=cluster.account,
            stop_with=signal.SIGINT,  # fast stop: sessions end, everything is written
            when_orphaned=signal.SIGINT,
            patience=60.0,
            group=False,  # its processes are sessions of their own; they notice its death
        )
        self.cluster = cluster
        self.attached = False
        self._leftover_since = 0.0

    # ── life ────────────────────────────────────────────────────────────────
    def start(self) -> None:
        """Start without waiting. Does nothing while another start's server lives (``attached``) or its remains end."""
        with only_one(self.cluster.folder / "start.lock"):
            self.attached = self._held_by_another()
            if self.attached or not self._clear_remains():
                return
            self.cluster.write_settings()
            super().start()
            self._spare()
            self._wait_for_claim()

    def _spare(self) -> None:
        """Short of memory, the kernel shall end anything but the server's main process (only root may ask for that)."""
        if os.geteuid() == 0:
            with contextlib.suppress(OSError):
                (processes.PROC / str(self.pid) / "oom_score_adj").write_text("-900")

    def _wait_for_claim(self) -> None:
        """Keep other starts out until our number is in postmaster.pid: they clear that file when nobody holds it."""
        until = time.monotonic() + 5
        while self.running and self._recorded_pid() != self.pid and time.monotonic() < until:
            time.sleep(0.005)

    def open(self, *, patience: float = STARTING, told: Callable[[str], None] | None = None) -> None:
        """Start or connect, and return when it answers.

        A crash recovery may be long: while the server is alive we wait up to ``patience`` seconds, and a start that
        ends early (another server on its way down, remains of a crash) is tried again. Raises Trouble after that.
        """
        deadline = time.monotonic() + patience
        tries = 0
        while time.monotonic() < deadline:
            if not self.running and not (self.attached and self._held_by_another()):
                tries += 1
                if tries > 20 and not self.attached:
                    break
                self.start()
            if self.answers():
                return
            if told and time.monotonic() > deadline - patience + 5:
                told("PostgreSQL repairs itself after a crash; this may take a while")
                told = None
            time.sleep(0.05 if tries < 5 else 0.5)
        raise Trouble(f"PostgreSQL does not start on {self.cluster.data}; its last words:\n{self.last_words()}")

    def stop(self) -> None:
        if not self.attached:
            super().stop()

    # ── questions ───────────────────────────────────────────────────────────
    def answers(self) -> bool:
        """True when the server takes connections (pg_isready; no password needed)."""
        argv = [
            self.cluster.binaries.path("pg_isready"),
            "-q",
            "-h",
            str(self.cluster.socket_folder()),
            "-d",
            DATABASE,
        ]
        asked = subprocess.run([*argv, "-U", SUPERUSER, "-t", "3"], env=dict(self.env), check=False)
        return asked.returncode == 0

    def last_words(self) -> str:
        """Ends of the start-up output and of the server's own log."""
        logs = sorted((self.cluster.data / "log").glob("postgres-*.log"), key=lambda path: path.stat().st_mtime)
        rows: list[str] = []
        for path in [self.log, *logs[-1:]]:
            if path.exists():
                rows += path.read_text(errors="replace").splitlines()[-6:]
        return "\n".join(f"      {row}" for row in rows)

    def _recorded_pid(self) -> int:
        try:
            return abs(int(self.cluster.pid_file.read_text().split("\n", 1)[0]))
        except (OSError, ValueError):
            return 0

    def _held_by_another(self) -> bool:
        """A living server holds the data directory and it is not our child.

        The number in postmaster.pid is not enough: after a crash it may belong to a zombie or to quite another process.
        """
        pid = self._recorded_pid()
        if not pid or not processes.alive(pid) or (self.running and pid == self.pid):
            return False
        return pid in processes.working_in(self.cluster.data)

    def _clear_remains(self) -> bool:
        """Make way for a start after a crash; False while processes of the dead server are still on their way out.

        Plain PostgreSQL refuses to start over a zombie or a reused number in postmaster.pid, and over processes of a
        killed server that have not noticed yet; the file may be removed only when none of those is left.
        """
        rest = [pid for pid in processes.working_in(self.cluster.data) if pid != self.pid]
        if rest:
            now = time.monotonic()
            self._leftover_since = self._leftover_since or now
            if now - self._leftover_since > LEFTOVER_PATIENCE:
                for pid in rest:
                    os.kill(pid, signal.SIGKILL)
            return False
        self._leftover_since = 0.0
        if self._recorded_pid() and processes.PROC.exists():
            self.cluster.pid_file.unlink(missing_ok=True)
            (self.cluster.socket_folder() / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        return True

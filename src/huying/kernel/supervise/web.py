"""The web server: granian with a few processes, each tied to the main one."""

from __future__ import annotations

import gc
import importlib
import os
import signal
from collections.abc import Callable
from typing import Any

from huying.kernel.supervise.children import tie_to_parent

TARGET = "huying.config.wsgi:application"
PATIENCE = 10
LOOKED_THROUGH = (20_000, 20, 50)
"""New objects before the youngest are searched for garbage in circles, and how seldom the older ones are. A page makes some
twenty thousand objects, nearly all freed by count; with Python's own 700 a twentieth of its time went into looking. Here
alone: in tests and commands, connections that somebody forgot end when they are found as garbage.
"""


def _loader(main: int) -> Callable[..., Any]:
    def load(target: str) -> Any:
        """In each web process: die at once with the main one, then load Django.

        Until granian sets its own handlers after this, a polite signal must end the process: with the handlers it
        inherited from the main one it would only set a flag there and outlive the stop.
        """
        tie_to_parent(signal.SIGKILL, main)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        from granian._internal import load_target

        loaded = load_target(target)
        gc.set_threshold(*LOOKED_THROUGH)
        return loaded

    return load


def preload(target: str) -> None:
    """Load the application once before the web processes are forked: quicker to start, and its memory is shared.

    No connection and no thread may exist yet: both would not survive the fork.
    """
    importlib.import_module(target.partition(":")[0])
    from django.db import connections
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    connections.close_all()


def serve(host: str, port: int, *, workers: int = 2, threads: int = 8, target: str = TARGET) -> None:
    """Serve until told to stop: ``workers`` processes of ``threads`` threads, each thread one database connection."""
    preload(target)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        backpressure=64,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=PATIENCE,
    ).serve(target_loader=_loader(os.getpid()))

"""Works a second of several processes at once, as a server with several workers does them: for benches and their peers."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from django.db import connections

Ready = Callable[[int], Callable[[], object]]
WARM = 20
WAIT_S = 300


def together(clients: int, times: int, ready: Ready) -> float:
    """Works a second: each client does ``times`` of them, from when all are warm until the last has done its share.

    ``ready(n)`` runs in the process of client n, on connections of its own, and gives what that client does again and
    again; it is done ``WARM`` times more before the clock runs. A client that fails ends all: RuntimeError.
    """
    connections.close_all()  # two processes on one socket would read each other's answers
    forking = multiprocessing.get_context("fork")
    start, ends = forking.Barrier(clients + 1), forking.SimpleQueue()
    children = [forking.Process(target=client, args=(n, times, ready, start, ends)) for n in range(clients)]
    for child in children:
        child.start()
    try:
        start.wait(WAIT_S)
        begun = time.monotonic()
    finally:
        for child in children:
            child.join(WAIT_S)
    if any(child.exitcode for child in children):
        raise RuntimeError("A client ended before its work was done.")
    last: float = max(ends.get() for _ in children)
    return clients * times / (last - begun)


def client(n: int, times: int, ready: Ready, start: Any, ends: Any) -> None:
    """One process: warm, wait for the others, work, tell when it was done."""
    try:
        work = ready(n)
        for _ in range(WARM):
            work()
        start.wait(WAIT_S)
        for _ in range(times):
            work()
        ends.put(time.monotonic())
        connections.close_all()
    except BaseException:
        start.abort()
        raise

"""The server as ``./huying up`` starts it, and clients on the loopback: so many connections, so many pages, so long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE, ONE_PAGE = 90.0, 60.0
OURS = ["-m", "huying", "web", "--port"]
OTHER = ["-m", "huying.config.management.pages.other"]


@dataclass(slots=True)
class Asked:
    """What came back: seconds each page took, pages that were no 200, bytes of the last one as it was sent."""

    taken: list[float] = field(default_factory=list)
    bad: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def figures(self) -> dict[str, Any]:
        if not self.taken:
            return {"p50_ms": None, "p99_ms": None, "per_s": 0.0}
        ordered = sorted(self.taken)
        return {
            "p50_ms": round(1000 * statistics.median(ordered), 1),
            "p99_ms": round(1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 1),
            "per_s": round(len(ordered) / self.seconds, 1) if self.seconds else 0.0,
        }


@contextlib.contextmanager
def served(argv: list[str], folder: Path) -> Iterator[int]:
    """The port of a web server that answers; the server and its processes are gone afterwards."""
    port = free_port()
    log = folder / f"web-{port}.log"
    with log.open("wb") as out:
        whole = [sys.executable, *argv, str(port)]
        server = subprocess.Popen(whole, stdout=out, stderr=out, cwd=folder)  # noqa: S603 - our own server
        try:
            until = time.monotonic() + PATIENCE
            while not answers(port):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return line.recv(16).startswith(b"HTTP/1.1")
    return False


def closed(port: int, path: str, cookie: str, *, connections: int, pages: int, seconds: float) -> Asked:
    """Each connection asks for the next page when it has the last one; ends at ``pages`` or after ``seconds``."""
    return asyncio.run(_closed(port, path, cookie, connections, pages, seconds))


def at_rate(port: int, path: str, cookie: str, *, connections: int, rate: int, seconds: float) -> Asked:
    """``rate`` pages a second whether or not the last ones came; a page's time counts from when it was due."""
    return asyncio.run(_at_rate(port, path, cookie, connections, rate, seconds))


async def _closed(port: int, path: str, cookie: str, connections: int, pages: int, seconds: float) -> Asked:
    asked, left = Asked(), iter(range(pages))
    began = time.monotonic()

    async def one() -> None:
        line = Line(port)
        for _n in left:
            at = time.monotonic()
            if at - began > seconds:
                break
            await line.get(path, cookie, asked, at)
        line.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    asked.seconds = time.monotonic() - began
    return asked


async def _at_rate(port: int, path: str, cookie: str, connections: int, rate: int, seconds: float) -> Asked:
    asked, numbers = Asked(), iter(range(int(rate * seconds)))
    began = time.monotonic()

    async def one() -> None:
        line = Line(port)
        for n in numbers:
            due = began + n / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - began > 3 * seconds:  # hopelessly behind
                break
            await line.get(path, cookie, asked, due)
        line.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    asked.seconds = time.monotonic() - began
    return asked


class Line:
    """One kept-open connection, opened again when it is lost."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, cookie: str, asked: Asked, since: float) -> None:
        try:
            status, size = await asyncio.wait_for(self.page(path, cookie), ONE_PAGE)
        except (OSError, EOFError, TimeoutError, ValueError):
            self.close()
            asked.bad += 1
            return
        asked.taken.append(time.monotonic() - since)
        asked.bad += status != 200
        asked.bytes = size

    async def page(self, path: str, cookie: str) -> tuple[int, int]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        told = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        size = 0
        if told.get("transfer-encoding") == "chunked":
            while part := int((await self.reader.readline()).split(b";")[0], 16):
                await self.reader.readexactly(part + 2)
                size += part
            await self.reader.readline()
        else:
            size = int(told.get("content-length", "0"))
            await self.reader.readexactly(size)
        return int(head[0].split(" ")[1]), size

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def cores() -> int:
    return len(os.sched_getaffinity(0))

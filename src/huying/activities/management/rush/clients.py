"""One process of clients: several connections, each pressing for one person after the other until all are answered.

``python -m huying.activities.management.rush.clients PORT CONNECTIONS ADDRESS`` reads presses from standard input as
``person session key``, one a line, and writes one JSON list a line for each: see ``Answer``. When a connection dies, or
is refused while the server is away, the same request goes out again with the same key, as a telephone would do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import NamedTuple

SECRET = "r" * 32  # the visitor's own cookie against forged forms: any value, sent twice
PATIENCE = 120.0
PAUSE = 0.05


class Answer(NamedTuple):
    """Seconds are of the machine's steady clock, the same in all processes. ``sent`` is the first time of sending."""

    person: int
    sent: float
    answered: float
    status: int
    location: str
    replayed: bool
    said: str  # the cookie with the words for the next page, empty when the answer was a repeated one
    repeats: int  # sendings that died with their connection
    refused: int  # tries that met nobody
    broken: int  # answers of 500 and above, after which it was sent again


class Line:
    """One kept-open connection to the server, opened again when it is lost."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def post(self, session: str, key: str) -> tuple[int, dict[str, list[str]]]:
        """Status and headers of one press; ConnectionError or IncompleteReadError when the line goes dead."""
        assert self.reader is not None and self.writer is not None
        self.writer.write(
            (
                f"POST {self.address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Cookie: sessionid={session}; csrftoken={SECRET}\r\nX-CSRFToken: {SECRET}\r\n"
                f"Idempotency-Key: {key}\r\n\r\n"
            ).encode()
        )
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in head[1:]:
            name, _colon, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        await self.body(headers)
        return int(head[0].split(" ")[1]), headers

    async def body(self, headers: dict[str, list[str]]) -> None:
        assert self.reader is not None
        if headers.get("transfer-encoding") == ["chunked"]:
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        else:
            await self.reader.readexactly(int(headers.get("content-length", ["0"])[0]))


async def pressed(line: Line, person: int, session: str, key: str) -> Answer:
    """Press until there is an answer below 500, however many servers die meanwhile."""
    sent = time.monotonic()
    headers: dict[str, list[str]] = {}
    repeats = refused = broken = 0
    while True:
        status = 0
        try:
            await line.open()
        except OSError:
            refused += 1
        else:
            try:
                status, headers = await asyncio.wait_for(line.post(session, key), 30)
            except (OSError, EOFError, TimeoutError):
                repeats += 1
                line.close()
        now = time.monotonic()
        broken += status >= 500
        if 0 < status < 500 or now - sent > PATIENCE:
            break
        await asyncio.sleep(PAUSE)
    cookies = [one.partition(";")[0] for one in headers.get("set-cookie", [])]
    said = next((one.partition("=")[2] for one in cookies if one.startswith("messages=")), "")
    location, again = headers.get("location", [""])[0], "idempotency-replayed" in headers
    return Answer(person, sent, now, status, location, again, said, repeats, refused, broken)


async def crowd(port: int, connections: int, address: str, presses: list[list[str]]) -> list[Answer]:
    """All presses, as many at a time as there are connections, in their order."""
    waiting = iter(presses)
    answers: list[Answer] = []

    async def one_line() -> None:
        line = Line(port, address)
        for person, session, key in waiting:
            answers.append(await pressed(line, int(person), session, key))
        line.close()

    await asyncio.gather(*(one_line() for _ in range(connections)))
    return answers


def main() -> None:
    port, connections, address = sys.argv[1:]
    presses = [line.split() for line in sys.stdin]
    for answer in asyncio.run(crowd(int(port), int(connections), address, presses)):
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()

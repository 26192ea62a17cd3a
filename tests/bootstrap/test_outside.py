"""A PostgreSQL that somebody else runs: over TCP with one role and a password, and every reason to refuse one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from huying.kernel.cli import outside
from huying.kernel.postgres import account, binaries, scratch
from huying.kernel.postgres.cluster import SUPERUSER, THROW_AWAY, Cluster
from huying.kernel.postgres.server import Server
from huying.kernel.trouble import Trouble
from tests.bootstrap.running import Up, descendants, doctor, folder, free_port, until

WORD = "a word with spaces & signs %"
QUOTED = "a%20word%20with%20spaces%20%26%20signs%20%25"


@dataclass
class Elsewhere:
    """A server on a TCP port of its own, with one role ``council`` that owns the database ``council``."""

    server: Server
    port: int

    def url(self, database: str = "council") -> str:
        return f"postgresql://council:{QUOTED}@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Answers of the database; none while it or the table is away."""
        try:
            with psycopg.connect(self.url(), connect_timeout=3, autocommit=True) as connection:
                cursor = connection.execute(sql.encode(), values)
                return cursor.fetchall() if cursor.description else []
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def tell(self, sql: str) -> None:
        """A write that must not be lost: a server that is away is an error."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.encode())


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    owner, port = account.for_server(), free_port()
    home = scratch.folder_for(owner)
    settings = {**THROW_AWAY, "listen_addresses": "127.0.0.1", "port": str(port)}
    cluster = Cluster(home / "pg", binaries.find(owner), owner, settings)
    cluster.private(home)
    server = Server(cluster, home / "start.log")
    server.env = {**server.env, "PGPORT": str(port)}
    try:
        cluster.make(quick=True)
        server.open(patience=60)
        secret = json.loads(cluster.passwords.read_text())[SUPERUSER]
        admin = f"postgresql://{SUPERUSER}:{secret}@127.0.0.1:{port}/postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE council LOGIN PASSWORD '{WORD}'".encode())
            connection.execute("CREATE DATABASE council OWNER council")
            connection.execute(
                "CREATE DATABASE old_letters OWNER council TEMPLATE template0"
                " ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
            )
        yield Elsewhere(server, port)
    finally:
        server.stop_with = signal.SIGQUIT
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with folder() as path:
        yield path


class TestWithOneRole:
    """In this order: tables are begun, finished, used through a crash of the server, and looked at."""

    def test_a_start_killed_while_it_makes_the_tables_is_followed_by_one_that_finishes_them(
        self, elsewhere: Elsewhere, place: Path
    ) -> None:
        """Only the start itself is killed: what it had begun may go on meanwhile, and the next one waits for it."""
        applied = "SELECT count(*) FROM django_migrations WHERE app = 'places'"  # of the first rooms; most wait still
        first = Up(place, extra={"HUYING_DATABASE_URL": elsewhere.url()})
        until(lambda: (elsewhere.ask(applied) or [(0,)])[0][0] >= 1, "the first tables")  # type: ignore[operator]
        first.process.kill()
        first.ended()
        assert "is ready" not in first.said

        second = Up(place, extra={"HUYING_DATABASE_URL": elsewhere.url()}).ready()
        try:
            assert second.of("bin/postgres") == 0
            assert second.page() not in {0, 503}
        finally:
            second.destroy()
        assert WORD not in second.said and QUOTED not in second.said

    def test_the_server_may_die_and_come_back_while_the_platform_runs(self, elsewhere: Elsewhere, place: Path) -> None:
        extra = {"HUYING_DATABASE_URL": elsewhere.url(), "HUYING_HEARTBEAT": "1"}
        up = Up(place, extra=extra).ready()
        heard = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s"
        try:
            os.kill(elsewhere.server.pid, signal.SIGKILL)
            until(lambda: not elsewhere.server.running, "the end of the server")
            until(lambda: up.page("/health/") >= 500, "a page that says so")
            elsewhere.server.open(patience=60)
            ((back,),) = elsewhere.ask("SELECT now()")

            until(lambda: up.page("/health/") == 200, "a page from the same start")
            until(lambda: elsewhere.ask(heard, back) > [(0,)], "the worker at work again")
            assert up.process.poll() is None
        finally:
            up.destroy()
        assert descendants(up.process.pid) == []

    def test_doctor_says_what_such_a_server_lacks(self, elsewhere: Elsewhere, place: Path) -> None:
        extra = {"HUYING_DATABASE_URL": elsewhere.url()}
        elsewhere.tell("DELETE FROM django_migrations WHERE app = 'calls'")
        elsewhere.tell(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'gone.wrong', 'failed')"
        )

        found = doctor(place, free_port(), **extra)

        assert found.code == 1
        assert found.about("PostgreSQL").startswith("✓ PostgreSQL: 18.")
        assert found.about("PostgreSQL").endswith(" of HUYING_DATABASE_URL")
        assert found.about("roles") == (
            "· roles: one role does everything: set HUYING_OWNER_DATABASE_URL to a second one"
        )
        assert [row for row in found.lines if "durability" in row] == [
            "  ✗ durability: fsync is off: switch it on, else a power cut loses data",
            "  ✗ durability: full_page_writes is off: switch it on, else a power cut damages data",
        ]
        assert found.about("clock").startswith("✓ clock: 0.")
        assert found.about("tables").startswith("✗ tables: ")
        assert found.about("tables").endswith(" migrations wait: run ./huying migrate")
        assert found.about("dead jobs") == "✗ dead jobs: 1 failed for good: look at them and send them again"
        assert found.about("time limits") == ("· time limits: transaction_timeout not set for the application's role")


def test_a_database_of_another_encoding_is_refused(elsewhere: Elsewhere) -> None:
    with pytest.raises(Trouble) as trouble:
        outside.check(elsewhere.url("old_letters"), "HUYING_DATABASE_URL")

    assert str(trouble.value) == (
        "The database of HUYING_DATABASE_URL has the encoding SQL_ASCII; make one with ENCODING 'UTF8'."
    )


def test_a_wrong_password_is_said_without_saying_it(elsewhere: Elsewhere) -> None:
    with pytest.raises(Trouble, match=r"cannot be used: .*password authentication failed") as trouble:
        outside.check(elsewhere.url().replace(QUOTED, "not%20this%20one"), "HUYING_DATABASE_URL")

    assert "not this one" not in str(trouble.value)


# ── an older server, played: only its first words matter ────────────────────
def message(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return kind + struct.pack(">I", len(body) + 4) + body


def text(words: str) -> bytes:
    return words.encode() + b"\0"


def column(name: str) -> bytes:
    return text(name) + struct.pack(">IHIhih", 0, 0, 25, -1, -1, 0)


def field(words: str) -> bytes:
    return struct.pack(">I", len(words)) + words.encode()


READY = message(b"Z", b"I")
HELLO = message(b"R", struct.pack(">I", 0))
NO_ENCRYPTION = {80877103, 80877104}  # requests for TLS and for GSSAPI


def converse(client: socket.socket, version: str) -> None:
    """PostgreSQL's protocol 3 as far as one question: welcome, version and encoding, one row, the end."""
    with client, client.makefile("rb") as heard:
        while True:
            (length,) = struct.unpack(">I", heard.read(4))
            (code,) = struct.unpack(">I", heard.read(length - 4)[:4])
            if code not in NO_ENCRYPTION:
                break
            client.sendall(b"N")
        facts = {"server_version": version, "server_encoding": "UTF8", "client_encoding": "UTF8"}
        client.sendall(HELLO + b"".join(message(b"S", text(name), text(fact)) for name, fact in facts.items()) + READY)
        while kind := heard.read(1):
            (length,) = struct.unpack(">I", heard.read(4))
            heard.read(length - 4)
            if kind != b"Q":
                return
            count = struct.pack(">H", 2)
            answer = message(b"T", count, column("a"), column("b")) + message(
                b"D", count, field(version), field("UTF8")
            )
            client.sendall(answer + message(b"C", text("SELECT 1")) + READY)


@contextmanager
def played(version: str) -> Iterator[str]:
    """The address of a server that says it is ``version``."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=lambda: converse(door.accept()[0], version), daemon=True).start()
        yield f"postgresql://somebody:secret@127.0.0.1:{door.getsockname()[1]}/huying"


def test_a_server_that_is_too_old_is_refused() -> None:
    with played("14.9 (Debian 14.9-1)") as url, pytest.raises(Trouble) as trouble:
        outside.check(url, "HUYING_DATABASE_URL")

    assert str(trouble.value) == "The PostgreSQL of HUYING_DATABASE_URL is version 14.9; Huying needs 15 or newer."


def test_the_oldest_server_that_will_do_is_taken() -> None:
    with played("15.0") as url:
        assert outside.check(url, "HUYING_DATABASE_URL") == "15.0"

"""What the supervisor promises, asked of real processes: nothing acknowledged is lost, nothing is left over."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from huying.kernel.postgres import scratch
from huying.kernel.supervise import processes
from tests.bootstrap.running import FIRST_START, Up, cluster, descendants, folder, free_port, until


@pytest.fixture(scope="class")
def running(data: Path) -> Iterator[Up]:
    """The platform running on the shared folder, for all tests of a class: each leaves it running."""
    up = Up(data).ready()
    yield up
    up.destroy()


class Writer(threading.Thread):
    """Inserts numbers through the application role, over every crash; remembers what was acknowledged."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.acknowledged, self.done = url, [], threading.Event()

    def run(self) -> None:
        number = 0
        while not self.done.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=2) as connection:
                    while not self.done.is_set():
                        number += 1
                        connection.execute("INSERT INTO crash_test VALUES (%s)", [number])
                        self.acknowledged.append(number)
            except psycopg.Error:
                time.sleep(0.02)

    def finish(self) -> list[int]:
        self.done.set()
        self.join(10)
        return self.acknowledged


def make_table(data: Path) -> None:
    with psycopg.connect(cluster(data).url("huying_owner"), autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS crash_test")
        owner.execute("CREATE TABLE crash_test (number bigint PRIMARY KEY)")
        owner.execute("GRANT SELECT, INSERT ON crash_test TO huying_app")


def stored(data: Path) -> set[int]:
    with psycopg.connect(cluster(data).url("huying_owner")) as owner:
        return {int(row[0]) for row in owner.execute("SELECT number FROM crash_test").fetchall()}


def test_a_second_start_is_much_quicker_than_the_first(data: Path, record_property: Callable[..., None]) -> None:
    """With the demo and two web processes, as a newcomer starts it; both figures stand in the report of the run."""
    first, again = FIRST_START[0].seconds, FIRST_START[0].seconds
    for _ in range(3):  # the machine may be busy with something else during one of them
        up = Up(data, arguments=(), extra={"HUYING_WEB_PROCESSES": "2"}).ready()
        up.destroy()
        assert [step for step in ("new database", "Tables", "Front end", "packages", "Demo j") if step in up.said] == []
        again = min(again, up.seconds)
        if again < 0.6 * first:
            break
    record_property("tally", ["starts", {"ms the first": round(1000 * first), "ms the second": round(1000 * again)}])
    assert again < 0.6 * first


class TestWhileItRuns:
    """One start for all: everything that is killed here comes back by itself."""

    def test_the_server_of_up_is_safe_against_power_cuts_and_has_time_limits(self, running: Up, data: Path) -> None:
        with psycopg.connect(cluster(data).url("huying_app")) as app:
            shown = {
                name: app.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
                for name in ("fsync", "full_page_writes", "data_checksums", "synchronous_commit", "listen_addresses")
            }
            limits = [
                app.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
                for name in (
                    "statement_timeout",
                    "lock_timeout",
                    "idle_in_transaction_session_timeout",
                    "transaction_timeout",
                )
            ]
            who = app.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
            owned = app.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()

        on = dict.fromkeys(("fsync", "full_page_writes", "data_checksums", "synchronous_commit"), "on")
        assert shown == {**on, "listen_addresses": ""}
        assert "0" not in limits
        assert (who, owned) == ((False, False), (0,))

    def test_only_migrations_are_told_the_owners_password(self, running: Up, data: Path) -> None:
        secrets = json.loads(cluster(data).passwords.read_text())
        told = [
            (processes.PROC / str(running.of(word)) / "environ").read_text() for word in ("huying web", "huying worker")
        ]

        assert [secrets["huying_app"] in text for text in told] == [True, True]
        assert [secrets[role] in text for text in told for role in ("huying_owner", "huying_super")] == [False] * 4

    def test_chinese_text_can_be_searched_by_pieces(self, running: Up, data: Path) -> None:
        with psycopg.connect(cluster(data).url("huying_owner"), autocommit=True) as owner:
            owner.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            assert owner.execute("SELECT similarity('张三', '张三丰') > 0.2").fetchone() == (True,)

    def test_killed_postgres_loses_nothing_acknowledged_and_comes_back(self, running: Up, data: Path) -> None:
        make_table(data)
        writer = Writer(cluster(data).url("huying_app"))
        writer.start()
        for _ in range(3):
            before = len(writer.acknowledged)
            until(lambda before=before: len(writer.acknowledged) > before + 50, "writes between two kills")
            killed = running.of("bin/postgres")
            os.kill(killed, signal.SIGKILL)
            until(lambda killed=killed: running.of("bin/postgres") not in {0, killed}, "a new server")
        before = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > before + 50, "writes after the last kill")

        acknowledged = writer.finish()

        assert set(acknowledged) - stored(data) == set()
        until(lambda: running.page() not in {0, 503}, "a page after the crash")

    @pytest.mark.parametrize("word", ["huying web", "huying worker"])
    def test_a_killed_service_is_started_again_without_leftovers(self, running: Up, word: str) -> None:
        killed = running.of(word)
        grandchildren = descendants(killed)
        os.kill(killed, signal.SIGKILL)

        until(lambda: running.of(word) not in {0, killed}, f"a new {word}")
        until(lambda: not any(processes.alive(pid) for pid in grandchildren), "the end of its children")
        until(running.page, "a page")
        assert "starting it again" in running.said

    def test_a_killed_web_process_is_replaced(self, running: Up) -> None:
        main = running.of("huying web")
        killed = processes.children_of(main)[0]
        os.kill(killed, signal.SIGKILL)

        until(lambda: not processes.alive(killed), "its end")
        until(lambda: processes.children_of(running.of("huying web")), "a new web process")
        until(running.page, "a page")

    def test_the_same_start_twice_says_where_it_runs(self, running: Up, data: Path) -> None:
        second = Up(data, port=running.port)

        assert second.ended() == 0
        assert f"Huying runs already: http://127.0.0.1:{running.port}/" in second.said


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_finds_every_row(data: Path) -> None:
    up = Up(data).ready()
    make_table(data)
    writer = Writer(cluster(data).url("huying_app"))
    writer.start()
    until(lambda: len(writer.acknowledged) > 50, "writes")
    family = descendants(up.process.pid)
    assert len(family) >= 4

    os.kill(up.process.pid, signal.SIGKILL)
    up.ended()

    until(lambda: not any(processes.alive(pid) for pid in family), "the end of the whole family", 30)
    acknowledged = writer.finish()
    again = Up(data, port=up.port).ready()
    try:
        assert set(acknowledged) - stored(data) == set()
    finally:
        again.destroy()


def test_everything_killed_at_once_starts_again(data: Path) -> None:
    up = Up(data).ready()
    for pid in [up.process.pid, *descendants(up.process.pid)]:
        with suppress(ProcessLookupError):  # a server process of PostgreSQL may just have ended by itself
            os.kill(pid, signal.SIGKILL)
    up.ended()

    again = Up(data, port=up.port).ready()

    assert again.stop() == 0


def test_ctrl_c_stops_everything_in_order_and_nothing_of_the_machine_was_needed(data: Path, tmp_path: Path) -> None:
    """No Node, gettext, PostgreSQL or shell is on PATH and HOME is empty: all that starts is our own."""
    (tmp_path / "bin").mkdir()
    up = Up(data, extra={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}).ready()
    family = descendants(up.process.pid)

    assert up.stop() == 0

    assert not any(processes.alive(pid) for pid in family)
    assert not cluster(data).pid_file.exists()
    assert up.lines[-1] == "Huying has stopped."


def test_a_start_on_another_port_shares_the_server_and_takes_it_over(data: Path) -> None:
    first = Up(data).ready()
    second = Up(data).ready()
    try:
        assert (first.of("bin/postgres") > 0, second.of("bin/postgres")) == (True, 0)

        assert first.stop() == 0

        until(lambda: second.of("bin/postgres"), "the second one's own server")
        until(lambda: second.page() not in {0, 503}, "a page from the second")
    finally:
        first.destroy()
        second.destroy()


def test_a_taken_port_is_said_in_one_sentence(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        up = Up(data, port=port)

        assert up.ended() == 1
    assert up.lines[-1] == (
        f"Port {port} on 127.0.0.1 is taken by another program: choose another, such as --port {port + 1}."
    )
    assert descendants(up.process.pid) == []


def test_an_outside_server_is_used_and_gets_the_same_grants() -> None:
    with scratch.server() as server, folder() as data:
        server.cluster.prepare()
        app, owner = server.cluster.url("huying_app"), server.cluster.url("huying_owner")
        urls = {"HUYING_DATABASE_URL": app, "HUYING_OWNER_DATABASE_URL": owner}
        up = Up(data, port=free_port(), extra=urls).ready()
        try:
            assert up.of("bin/postgres") == 0
            assert not (data / "postgres").exists()
            assert up.page() not in {0, 503}
            with psycopg.connect(app) as connection:
                rights = connection.execute(
                    "SELECT has_table_privilege('kernel_auditline', 'INSERT'),"
                    " has_table_privilege('kernel_auditline', 'UPDATE'),"
                    " has_table_privilege('kernel_auditline', 'DELETE')"
                ).fetchone()
            assert rights == (True, False, False)
        finally:
            up.destroy()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u:secret@127.0.0.1:1/huying", "The PostgreSQL of HUYING_DATABASE_URL cannot be used: "),
        ("postgresql://u@h/x?nonsense=1", "HUYING_DATABASE_URL is not an address such as postgresql://"),
    ],
)
def test_an_unusable_outside_server_is_said_in_one_sentence(url: str, sentence: str) -> None:
    with folder() as data:
        up = Up(data, extra={"HUYING_DATABASE_URL": url})

        assert up.ended() == 1
    assert up.lines[-1].startswith(sentence)
    assert "secret" not in up.said

"""The embedded server against the remains of crashes that plain PostgreSQL refuses to start over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from huying.kernel.postgres.cluster import THROW_AWAY, Cluster
from huying.kernel.postgres.server import Server
from huying.kernel.supervise import processes
from huying.kernel.trouble import Trouble
from tests.bootstrap.running import cluster, folder, until


@pytest.fixture
def stopped() -> Iterator[Cluster]:
    """A made cluster without a server."""
    with folder() as data:
        made = replace(cluster(data), settings=dict(THROW_AWAY))
        made.private(data)
        made.make(quick=True)
        yield made


def opened(home: Cluster) -> Server:
    server = Server(home, home.folder.parent / "start.log")
    server.open(patience=30)
    return server


def test_a_number_in_the_pid_file_that_belongs_to_another_program_is_no_hindrance(stopped: Cluster) -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        stopped.pid_file.write_text(f"{other.pid}\n{stopped.data}\n")

        server = opened(stopped)

        assert (server.attached, server.running) == (False, True)
        server.stop()
    finally:
        other.kill()
        other.wait()


def test_a_zombie_server_is_no_hindrance(stopped: Cluster) -> None:
    server = opened(stopped)
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: processes.state(server.pid) == "Z", "a zombie that nobody has reaped")
    assert stopped.pid_file.read_text().startswith(str(server.pid))

    again = opened(stopped)

    assert (again.attached, again.running) == (False, True)
    again.stop()
    server.wait(5)


def test_a_second_server_on_the_same_data_attaches_and_leaves_it_running(stopped: Cluster) -> None:
    first, second = opened(stopped), opened(stopped)

    assert (first.attached, second.attached) == (False, True)
    second.stop()
    assert first.running
    first.stop()
    assert not stopped.pid_file.exists()


def test_two_starts_at_once_make_one_server(stopped: Cluster) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.bootstrap.running import cluster;"
        "from huying.kernel.postgres.server import Server;"
        "home = cluster(Path(sys.argv[1])); server = Server(home, home.folder.parent / 'start.log');"
        "server.open(patience=30); print(server.attached, flush=True); sys.stdin.read(); server.stop()"
    )
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(stopped.folder.parent)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [start.stdout.readline().strip() for start in starts if start.stdout]
    for start in starts:
        start.communicate()

    assert sorted(answers) == ["False", "True", "True"]


def test_a_set_up_that_was_cut_off_is_done_again() -> None:
    with folder() as data:
        home = cluster(data)
        home.private(data)
        home.private(home.folder)
        half = home.folder / "cluster.new"
        half.mkdir()
        (half / "PG_VERSION").write_text("18\n")

        home.make(quick=True)

        assert home.exists
        assert not half.exists()
        assert not (home.folder / "initdb.password").exists()


def test_a_data_folder_deeper_than_a_socket_path_works() -> None:
    with folder() as data:
        deep = data / ("long" * 20) / ("path" * 20)
        home = cluster(deep)
        home.private(data)
        home.private(data / ("long" * 20))
        home.private(deep)
        home.make(quick=True)
        server = opened(home)
        try:
            home.prepare()
            with psycopg.connect(home.url()) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("huying_app",)
            assert home.socket_folder() != home.folder
        finally:
            server.stop()
            home.socket_folder().rmdir()


def test_data_of_another_major_version_is_refused_with_the_way_out(stopped: Cluster) -> None:
    (stopped.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(Trouble) as trouble:
        stopped.make()

    assert "made by PostgreSQL 17" in str(trouble.value)
    assert "pg_upgrade" in str(trouble.value)


def test_only_the_owner_can_read_passwords_and_reach_the_socket(stopped: Cluster) -> None:
    assert stopped.folder.stat().st_mode & 0o077 == 0
    assert stopped.passwords.stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        server = opened(stopped)
        try:
            stopped.prepare()
            psycopg.connect(stopped.url().replace(":", ":wrong", 2).replace("postgresql:wrong", "postgresql:"))
        finally:
            server.stop()


def test_threads_can_wait_while_a_slow_start_goes_on(stopped: Cluster) -> None:
    server = Server(stopped, stopped.folder.parent / "start.log")
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(server.answers()))
    asking.start()
    asking.join()
    assert answers == [False]

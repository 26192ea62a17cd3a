"""``./huying doctor`` on a sound installation and on one with something wrong: each finding with its sentence."""

from __future__ import annotations

import shutil
import socket
import time
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huying.kernel.cli import doctor as findings
from tests.bootstrap.running import Up, cluster, doctor, free_port

Usage = namedtuple("Usage", "total used free")
GIGABYTE = findings.GIGABYTE


def test_doctor_says_what_is_right_and_what_is_wrong(data: Path) -> None:
    up = Up(data).ready()
    try:
        found = doctor(data, up.port)
        assert found.about("web") == f"✓ web: Huying answers on port {up.port}"
        assert found.about("tables").startswith("✓ tables: up to date (")
        assert found.about("durability") == "✓ durability: fsync, full_page_writes and data_checksums are on"
        assert found.about("dead jobs") == "✓ dead jobs: none"
        assert found.about("key files").startswith("✓ key files: ")
        assert found.about("time limits").startswith("✓ time limits: statement_timeout ")
        assert [row for row in found.lines if "roles" in row] == []
    finally:
        up.destroy()

    passwords = cluster(data).passwords
    passwords.chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        try:
            found = doctor(data, taken)
        finally:
            passwords.chmod(0o600)

    assert found.code == 1
    assert "roles.json can be read by others: chmod 600" in found.about("key files")
    assert found.about("jobs").startswith(("· jobs: no worker runs", "✓ jobs: a worker was heard"))
    assert found.about("web") == f"✗ web: port {taken} is taken by another program: use --port {taken + 1}"
    assert found.lines[-1] == "Huying: 2 broken, see the lines with ✗"


def test_a_free_port_is_no_fault(tmp_path: Path) -> None:
    port = free_port()
    site: Any = SimpleNamespace(data=tmp_path)

    assert str(findings.web_port(site, port)) == (
        f"  · web: Huying does not run on port {port}, which is free: start it with ./huying up"
    )


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(100 * GIGABYTE, 50 * GIGABYTE, 50 * GIGABYTE), "✓ data folder: 50.0 GB free (50 %) at {}"),
        (
            Usage(100 * GIGABYTE, 90 * GIGABYTE, 10 * GIGABYTE),
            "· data folder: 10.0 GB free (10 %) at {}: free some soon",
        ),
        (
            Usage(100 * GIGABYTE, 96 * GIGABYTE, 4 * GIGABYTE),
            "✗ data folder: 4.0 GB free (4 %) at {}: free some now, writes may fail soon",
        ),
        (
            Usage(4 * GIGABYTE, 3.2 * GIGABYTE, 0.8 * GIGABYTE),
            "✗ data folder: 0.8 GB free (20 %) at {}: free some now, writes may fail soon",
        ),
    ],
)
def test_a_disk_that_fills_up_is_said_in_time(
    usage: Usage, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    assert str(findings.disk("data folder", folder)) == "  " + said.format(folder)


class Server:
    """The answers of a PostgreSQL to the two questions of ``server_settings``."""

    def __init__(self, ahead: float = 0.0, **settings: str) -> None:
        self.now = time.time() + ahead
        self.settings = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on", **settings}

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *error: object) -> None: ...

    def execute(self, sql: str) -> SimpleNamespace:
        return SimpleNamespace(fetchall=lambda: list(self.settings.items()), fetchone=lambda: (self.now,))


def said_of(server: Server, monkeypatch: pytest.MonkeyPatch, owner: str = "other") -> list[str]:
    monkeypatch.setattr(findings.psycopg, "connect", lambda url, connect_timeout: server)
    site: Any = SimpleNamespace(url=lambda owner_too=False, **more: owner if more else "app")
    return [str(one).strip() for one in findings.server_settings(site)]


def test_clocks_that_went_apart_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_of(Server(ahead=-7.0), monkeypatch)[1] == "✗ clock: 7.0 s from the database's: set both by NTP"
    assert said_of(Server(ahead=3.0), monkeypatch)[1] == "✓ clock: 3.0 s from the database's"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fsync", "✗ durability: fsync is off: switch it on, else a power cut loses data"),
        ("full_page_writes", "✗ durability: full_page_writes is off: switch it on, else a power cut damages data"),
        (
            "data_checksums",
            "· durability: data_checksums is off: damage on the disk stays unnoticed;"
            " pg_checksums --enable switches it on",
        ),
    ],
)
def test_each_missing_durability_is_said(name: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_of(Server(**{name: "off"}), monkeypatch)[0] == said


def test_one_role_for_everything_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    note = "· roles: one role does everything: set HUYING_OWNER_DATABASE_URL to a second one"

    assert said_of(Server(), monkeypatch, owner="app")[-1] == note
    assert note not in said_of(Server(), monkeypatch)

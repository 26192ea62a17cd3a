"""``./huying doctor`` on a sound installation and on one with something wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bootstrap.running import Up, cluster, environment

pytestmark = pytest.mark.xdist_group("bootstrap")


def doctor(data: Path, port: int) -> tuple[int, list[str]]:
    argv = [sys.executable, "-m", "huying", "doctor", "--data", str(data), "--port", str(port)]
    done = subprocess.run(argv, env=environment(), capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def about(lines: list[str], subject: str) -> str:
    return next(row.strip() for row in lines if row.strip()[2:].startswith(subject + ":"))


def test_doctor_says_what_is_right_and_what_is_wrong(data: Path) -> None:
    up = Up(data).ready()
    try:
        _, lines = doctor(data, up.port)
        assert about(lines, "web") == f"✓ web: Huying answers on port {up.port}"
        assert about(lines, "tables").startswith("✓ tables: up to date (")
        assert about(lines, "durability") == "✓ durability: fsync, full_page_writes and data_checksums are on"
        assert about(lines, "dead jobs") == "✓ dead jobs: none"
        assert about(lines, "key files").startswith("✓ key files: ")
        assert about(lines, "time limits").startswith("✓ time limits: statement_timeout ")
    finally:
        up.destroy()

    passwords = cluster(data).passwords
    passwords.chmod(0o644)
    try:
        code, lines = doctor(data, up.port)
    finally:
        passwords.chmod(0o600)

    assert code == 1
    assert "roles.json can be read by others: chmod 600" in about(lines, "key files")
    assert about(lines, "jobs").startswith(("· jobs: no worker runs", "✓ jobs: a worker was heard"))
    assert about(lines, "web").startswith(f"· web: Huying does not run on port {up.port}")
    assert lines[-1].startswith("Huying: 1 broken")

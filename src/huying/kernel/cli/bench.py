"""``./huying bench NAME``: measure on a durable, throw-away PostgreSQL, never on the platform's own data.

What is measured is the management command ``bench_NAME`` of a room; it checks its own result and ends with 1 when that is
wrong. ``--json`` prints one document with the machine, the versions, the sizes, the seed and every figure.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from huying.kernel.cli import places, say
from huying.kernel.postgres import scratch
from huying.kernel.postgres.cluster import APP, OWNER, SUPERUSER
from huying.kernel.postgres.server import Server
from huying.kernel.trouble import Trouble

PEER = "peer"
PURE = {"dispatch": "huying.matching.bench"}
"""Benches of packages without Django or a database: a module that prints its own document."""
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


def bench(rest: list[str]) -> int:
    """Run one bench; its exit code is ours. Trouble when there is no bench of that name."""
    if not rest or rest[0].startswith("-"):
        raise Trouble("Say what to measure, such as ./huying bench ledger --json")
    name, options = rest[0], [one for one in rest[1:] if one != "--json"]
    done = _pure(name, options) if name in PURE else _on_a_database(name, options)
    if not done.stdout.startswith(
        "{"
    ):  # nothing was measured: told why on the error stream, or its options were asked for
        sys.stdout.write(done.stdout)
        return done.returncode if done.stdout.strip() else done.returncode or 1
    told = {"bench": name, "machine": machine(), **json.loads(done.stdout)}
    if "--json" in rest:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        for figure, value in told["figures"].items():
            say.line(f"  {figure:<36} {value}")
    return done.returncode


def _pure(name: str, options: list[str]) -> subprocess.CompletedProcess[str]:
    """A bench that needs nothing but memory."""
    argv, env = [sys.executable, "-m", PURE[name], *options], {**os.environ, "PYTHONPATH": _search_path()}
    return subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=False)


def _on_a_database(name: str, options: list[str]) -> subprocess.CompletedProcess[str]:
    """A bench on a server that is thrown away."""
    with surroundings() as (owner, app):
        for argv in (["migrate", "--verbosity=0"], ["grant_roles"]):
            _manage(owner, argv)
        run = [sys.executable, "-m", "django", f"bench_{name}", *options]
        return subprocess.run(run, env=app, stdout=subprocess.PIPE, text=True, check=False)


def peer(name: str, **sizes: int) -> dict[str, Any]:
    """One round of somebody else's package on the same server (``tests/peers/NAME.py``).

    A bench calls it between its own rounds, so that whatever else the machine does disturbs both alike. Trouble when the
    round fails: a ratio that is not there must not look like one that nobody asked for.
    """
    checkout = places.find().checkout
    script = checkout / "tests" / "peers" / f"{name}.py" if checkout else None
    if script is None or not script.exists() or not os.environ.get("HUYING_PEER_URL"):
        raise Trouble(f"There is nothing here to measure {name} beside; --without-peer measures it alone.")
    options = [f"--{size}={value}" for size, value in sizes.items()]
    done = subprocess.run([sys.executable, str(script), *options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(
            f"tests/peers/{name}.py failed (./huying test installs what it needs; --without-peer measures without it):"
            f" {done.stderr.strip()[-800:]}"
        )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@contextmanager
def surroundings() -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Environments of the owner and of the application on a server that is thrown away afterwards."""
    with scratch.server(DURABLE) as server, tempfile.TemporaryDirectory(prefix="huying-bench-") as data:
        server.cluster.prepare()
        with psycopg.connect(server.cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {PEER} OWNER {OWNER}")
        yield _environment(server, OWNER, data), _environment(server, APP, data)


def _environment(server: Server, role: str, data: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huying.config.settings",
        "HUYING_BENCH": "1",
        "HUYING_DATA": data,
        "HUYING_DATABASE_URL": server.cluster.url(role),
        "HUYING_BENCH_OWNER_URL": server.cluster.url(OWNER),
        "HUYING_PEER_URL": server.cluster.url(OWNER, PEER),
        "PYTHONPATH": _search_path(),
    }


def _search_path() -> str:
    source = Path(__file__).resolve().parents[3]
    return os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH", "")]))


def _manage(env: dict[str, str], argv: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "django", *argv], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"The tables for the bench could not be made: {done.stderr.strip()[-500:]}")


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "checkout": places.find().checkout is not None,
    }

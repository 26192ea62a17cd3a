"""``./huying test``: every check and test, on a throw-away PostgreSQL and a browser that is there or is fetched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from huying.kernel.cli import browser, places, say, up
from huying.kernel.postgres import scratch
from huying.kernel.trouble import Trouble

BIN = Path(sys.executable).parent
USUAL = ["-n", "3", "--durations=10"]
"""One process more than the two cores the suite is meant for: some tests wait (for a lock, a process, a browser)."""


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Title, command and extra environment of every check that is not a test."""
    django = [sys.executable, "-m", "django"]
    return [
        ("Style (ruff check)", [str(BIN / "ruff"), "check", "."], {}),
        ("Format (ruff format)", [str(BIN / "ruff"), "format", "--check", "."], {}),
        ("Floors, rooms, doors (import-linter)", [str(BIN / "lint-imports"), "--no-cache"], {}),
        ("Types (mypy --strict)", [str(BIN / "mypy")], {}),
        ("Migrations complete", [*django, "makemigrations", "--check", "--dry-run"], {}),
        (
            "Settings for production (check --deploy)",
            [*django, "check", "--deploy", "--fail-level", "WARNING"],
            {"HUYING_BEHIND_TLS": "1"},
        ),
    ]


def test(arguments: list[str]) -> int:
    """All checks, then pytest with three processes; with ``arguments`` only pytest with them. 0 when all was good."""
    began = time.monotonic()
    where = places.find()
    if where.checkout is None:
        raise Trouble("The tests are in the source, not in the installed package: run ./huying test in a checkout.")
    say.line(f"Huying: {'tests' if arguments else 'checks and tests'} in {where.checkout}")
    up.build(where)
    failed: list[str] = []
    with surroundings(where) as env:
        if not arguments:
            failed += [title for title, argv, extra in checks() if not _check(where, title, argv, {**env, **extra})]
        argv = [sys.executable, "-m", "pytest", *(arguments or USUAL)]
        say.line(f"  … {' '.join(argv[2:])}")
        code = subprocess.run(argv, env=env, cwd=where.checkout, check=False).returncode
    if code:
        failed.append(f"pytest (exit code {code})")
    verdict = f"NOT good: {', '.join(failed)}" if failed else "all good"
    say.line(f"Huying: {verdict}, after {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


@contextmanager
def surroundings(where: places.Places) -> Iterator[dict[str, str]]:
    """Browser, throw-away server and data folder of the tests; gives the environment that names them."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HUYING_DATABASE")}
    env.update(browser.ensure(where), DJANGO_SETTINGS_MODULE="huying.config.settings")
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes are started, and each would compile everything
    env.setdefault("HUYING_TEST_DATA", str(where.home / "test-data"))
    env["HUYING_DATA"] = str(Path(env["HUYING_TEST_DATA"]) / "main")
    with ExitStack() as stack:
        if not env.get("HUYING_TEST_ADMIN_URL"):
            with say.step("PostgreSQL for the tests"):
                env["HUYING_TEST_ADMIN_URL"] = scratch.admin_url(stack.enter_context(scratch.server()))
        env["HUYING_DATABASE_URL"] = env["HUYING_TEST_ADMIN_URL"]
        yield env


def _check(where: places.Places, title: str, argv: list[str], env: Mapping[str, str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    log = where.logs / "check.log"
    log.unlink(missing_ok=True)
    good = say.run(title, argv, log=log, env=env, cwd=where.checkout) == 0
    if not good:
        say.line(say.tail(log, 60))
    return good

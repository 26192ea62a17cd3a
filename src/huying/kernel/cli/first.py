"""First half of every command: make the Python environment, then go on inside it. Standard library only."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from huying.kernel.cli import places, say
from huying.kernel.trouble import Trouble

NEEDS_TESTS = {"test", "lock", "screenshots"}
DISK_NEEDED = 1_500_000_000
UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Name or service not known|Temporary failure in name resolution"
    r"|Network is unreachable|Connection refused|ProxyError|No route to host|Could not fetch URL"
    r"|CERTIFICATE_VERIFY_FAILED"
)


def main(argv: list[str]) -> int:
    """Set up what ``argv`` needs and replace this process by ``python -m huying`` of the environment."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    where = places.find()
    try:
        python = environment(where, with_tests=bool(argv) and argv[0] in NEEDS_TESTS)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; run it again and it goes on where it was.\n")
        return 130
    return os.execve(python, [str(python), "-m", "huying", *argv], inside(where))


def inside(where: places.Places) -> dict[str, str]:
    """Environment variables of everything that runs in our environment: its bin first, so that node is ours."""
    assert where.checkout is not None
    env = {key: value for key, value in os.environ.items() if key not in {"PYTHONHOME", "__PYVENV_LAUNCHER__"}}
    bin_folder = where.venv / "bin"
    if env.get("PATH", "").split(os.pathsep)[0] != str(bin_folder):
        env["PATH"] = os.pathsep.join([str(bin_folder), env.get("PATH") or os.defpath])
    env["VIRTUAL_ENV"] = str(where.venv)
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"):
        env.pop(name, None)  # they would put the packages somewhere else
    env["PIP_USER"] = "0"
    env["PYTHONPATH"] = str(where.checkout / "src")
    return env


def environment(where: places.Places, *, with_tests: bool) -> Path:
    """Path of the environment's Python, made first when it is missing, stale or broken."""
    assert where.checkout is not None
    python = where.venv / "bin" / "python"
    product = facts(where, "requirements.txt")
    testing = facts(where, "requirements-test.txt")
    if places.stamp_matches(where.stamps / "product.json", product) and (
        not with_tests or places.stamp_matches(where.stamps / "tests.json", testing)
    ):
        return python

    places.need_writable(where.home, "set HUYING_HOME to a folder of your own")
    if shutil.disk_usage(where.home).free < DISK_NEEDED:
        raise Trouble(
            f"Less than 1.5 GB is free where {where.home} lies: free some, or set HUYING_HOME to a folder elsewhere."
        )
    with places.only_one(where.home / "setup.lock"):
        say.line("Huying: first set-up (only once, and again after a change of requirements)")
        if not whole(where):
            make(where)
        product = facts(where, "requirements.txt")
        testing = facts(where, "requirements-test.txt")
        if not places.stamp_matches(where.stamps / "product.json", product):
            install(where, "requirements.txt", "Python packages")
            places.write_stamp(where.stamps / "product.json", product)
        if with_tests and not places.stamp_matches(where.stamps / "tests.json", testing):
            install(where, "requirements-test.txt", "Python packages for the tests")
            places.write_stamp(where.stamps / "tests.json", testing)
    return python


def facts(where: places.Places, name: str) -> dict[str, Any]:
    """What a finished installation of ``name`` depended on; another Python or another place makes it stale."""
    assert where.checkout is not None
    return {
        "requirements": places.fingerprint([where.checkout / name]),
        "python": os.path.realpath(where.venv / "bin" / "python"),
        "folder": str(where.venv),
    }


def whole(where: places.Places) -> bool:
    """An environment that was finished, was not moved, and whose Python still runs and has pip."""
    python, pip = where.venv / "bin" / "python", where.venv / "bin" / "pip"
    if not os.access(python, os.X_OK) or not pip.exists():
        return False
    if os.fsencode(where.venv) not in pip.read_bytes()[:300]:
        return False  # it was made elsewhere: its programs begin with the old path
    probe = "import sys, pip; print(sys.prefix if sys.version_info >= (3, 11) else '')"
    asked = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    return asked.returncode == 0 and asked.stdout.strip() == str(where.venv)


def make(where: places.Places) -> None:
    """A fresh environment with pip in it; Trouble when this Python came without venv or ensurepip."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Trouble(
            f"This Python {version} has no venv module, which Huying needs to install its packages: get it with"
            f" 'apt install python3-venv' (Debian, Ubuntu; else your system's package of that name) and run it again."
        )
    if where.venv.exists():
        shutil.rmtree(where.venv)
    log = where.logs / "setup.log"
    code = say.run("Python environment", [sys.executable, "-m", "venv", str(where.venv)], log=log)
    if code:
        raise Trouble(f"The Python environment could not be made; the end of {log}:\n{say.tail(log)}")


def install(where: places.Places, name: str, title: str) -> None:
    """Install one locked file, every archive checked against its hash."""
    assert where.checkout is not None
    log = where.logs / "setup.log"
    argv = [
        str(where.venv / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",
        "--no-input",
    ]
    argv += ["--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"]
    if "PIP_DEFAULT_TIMEOUT" not in os.environ:
        argv += ["--timeout", "20"]
    before = log.stat().st_size if log.exists() else 0
    if say.run(title, [*argv, "-r", str(where.checkout / name)], log=log, env=inside(where)) == 0:
        return
    with log.open("rb") as handle:
        handle.seek(before)
        said = handle.read().decode("utf-8", "replace")
    if UNREACHABLE.search(said):
        raise Trouble(
            "The Python package index is out of reach from this machine: mend the network, or set PIP_INDEX_URL to an"
            f" index you can reach, and run it again (what is already here is kept; details in {log})."
        )
    raise Trouble(f"The packages of {name} could not be installed; the end of {log}:\n{say.tail(log)}")

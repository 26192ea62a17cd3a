"""Dispatch of ``./huying COMMAND``: our own commands here, every other name is a management command of a room."""

from __future__ import annotations

import argparse
import os
import sys

from huying.kernel.trouble import Trouble

HELP = """Huying: ./huying COMMAND

  up [--port 8000] [--host 127.0.0.1] [--data DIR] [--no-demo]
                 set up what is missing and run the platform until Ctrl-C
  pack check|load|switch-on|switch-off|export|schema
                 mechanisms of a locality: check a file, load it (--dry-run), switch it on at a place
  demo --like district|city|town [--scale 0.01] [--seed 1] [--data DIR]
                 fill an empty database with a whole made-up jurisdiction; again: go on where it was cut off
  test [...]     all checks and tests; with arguments: only pytest, with them
  screenshots    take the pictures of the docs from the running platform
  bench NAME     measure on a throw-away database (ledger, demo, paging …); --json for one document
  doctor         what is right and wrong on this machine, one line each
  ledger verify  find and name what was changed in the ledger behind the platform's back
  figures check  count all records afresh beside the figures; --mend tells again what differs
  migrate        bring the tables up to date without starting the platform
  lock           make the locked requirement files again
  NAME [...]     any management command (./huying help-commands lists them)

Settings are environment variables: HUYING_HOME, HUYING_DATA, HUYING_DATABASE_URL, HUYING_OWNER_DATABASE_URL,
HUYING_HOSTS, HUYING_BEHIND_TLS, HUYING_WEB_PROCESSES, HUYING_USER (root only), HUYING_CHROMIUM (tests)."""


def main(argv: list[str]) -> int:
    """Run one command; Trouble becomes one sentence on stderr and exit code 1."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    if not argv or argv[0] in {"help", "-h", "--help"}:
        sys.stdout.write(HELP + "\n")
        return 0
    try:
        return _dispatch(argv[0], argv[1:])
    except Trouble as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130


def command() -> int:
    """The command ``huying`` of an installed wheel."""
    return main(sys.argv[1:])


def _dispatch(name: str, rest: list[str]) -> int:
    if name == "up":
        from huying.kernel.cli.up import up

        return up(_up_options(rest))
    if name == "test":
        from huying.kernel.cli.testing import test

        return test(rest)
    if name == "doctor":
        from huying.kernel.cli.doctor import doctor

        return doctor(_options("doctor", rest, port=True))
    if name == "screenshots":
        from huying.kernel.cli.screenshots import screenshots

        return screenshots(rest)
    if name == "bench":
        from huying.kernel.cli.bench import bench

        return bench(rest)
    if name == "lock":
        from huying.kernel.cli.lock import lock

        return lock(rest)
    from huying.kernel.cli import commands

    inner = {
        "web": commands.web,
        "worker": commands.worker,
        "prepare": commands.prepare,
        "fill": commands.fill,
        "examine": commands.examine,
    }
    if name in {"ledger", "figures"} and rest:
        return commands.manage(f"{name}_{rest[0]}", rest[1:])
    if name in inner:
        return inner[name](rest)
    return commands.manage(name, rest)


def _options(name: str, rest: list[str], *, port: bool = False) -> argparse.Namespace:
    parser = _parser(name)
    if port:
        parser.add_argument("--port", type=_port, default=8000)
    return parser.parse_args(rest)


def _up_options(rest: list[str]) -> argparse.Namespace:
    parser = _parser("up")
    parser.add_argument("--port", type=_port, default=int(os.environ.get("HUYING_PORT") or 8000))
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: every one)")
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    return parser.parse_args(rest)


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"./huying {name}", allow_abbrev=False)
    parser.add_argument("--data", metavar="DIR", help="data folder (default: HUYING_DATA, else var/data)")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)

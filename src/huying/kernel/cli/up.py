"""``./huying up``: everything from an empty machine to a running platform, and its orderly end."""

from __future__ import annotations

import argparse
import compileall
import http.client
import json
import os
import signal
import socket
import sys
import time
from importlib import metadata
from pathlib import Path

from huying.kernel.cli import frontend, messages, places, say
from huying.kernel.cli import site as sites
from huying.kernel.cli.commands import SIGN_IN
from huying.kernel.cli.site import Site
from huying.kernel.supervise import processes
from huying.kernel.supervise.children import Child
from huying.kernel.supervise.loop import Stopped, Supervisor
from huying.kernel.trouble import Trouble

START_PATIENCE = 60.0
PORT_PATIENCE = 15.0


def up(options: argparse.Namespace) -> int:
    """Start and keep running until a signal; 0 after an orderly end, 1 with one sentence when it cannot start."""
    began = time.monotonic()
    site = sites.open_site(options.data)
    say.line(f"Huying · data in {site.data}")
    if os.geteuid() == 0 and site.account.mine:
        say.line("  · web and jobs run as root: the service account cannot read this checkout (move it out of /root)")
    if running_here(site, options.port):
        say.line(f"Huying runs already: {address(options.host, options.port)}")
        return 0
    build(site.where)
    supervisor = Supervisor(told=say.line)
    try:
        with supervisor.attention():
            start_database(site, supervisor)
            update_tables(site)
            load_demo(site, wanted=not options.no_demo)
            start_services(site, supervisor, options.host, options.port)
            welcome(site, options, time.monotonic() - began)
            supervisor.run()
    except Stopped:
        say.line("\nHuying has stopped.")
    finally:
        if _recorded(site, options.port) == os.getpid():
            _run_file(site, options.port).unlink(missing_ok=True)
    return 0


def build(where: places.Places) -> None:
    """Translations and front end, when their sources changed."""
    if stale := messages.stale():
        with say.step("Translations"):
            messages.compile_all(stale)
    frontend.build(where)
    if os.geteuid() == 0:  # the service account may not write byte code beside the source
        compileall.compile_dir(places.PACKAGE, quiet=2)


def start_database(site: Site, supervisor: Supervisor | None) -> None:
    """The embedded server under ``supervisor``, or a check of the outside one."""
    if site.server is None:
        with say.step("PostgreSQL of HUYING_DATABASE_URL"):
            sites.check_outside(site)
        return
    cluster = site.server.cluster
    cluster.private(cluster.folder)
    with places.only_one(cluster.folder / "make.lock"):
        if not cluster.exists:
            with say.step(f"PostgreSQL {cluster.binaries.version}: new database"):
                cluster.make()
        cluster.make()
        with say.step(f"PostgreSQL {cluster.binaries.version}"):
            if supervisor is not None:
                supervisor.add(site.server)
            site.server.open(told=say.line)
            cluster.prepare()


def tables_facts() -> dict[str, str]:
    """What the tables and grants follow from: migrations, models, and the packages that bring tables of their own."""
    files = sorted([*places.PACKAGE.glob("*/migrations/*.py"), *places.PACKAGE.glob("*/models*/**/*.py")])
    files += sorted([*places.PACKAGE.glob("*/models.py"), *places.PACKAGE.glob("kernel/management/commands/*.py")])
    names = [str(path.relative_to(places.PACKAGE)) for path in files]
    versions = [f"{name} {metadata.version(name)}" for name in ("Django", "procrastinate")]
    return {"tables": places.fingerprint(files, *names, *versions)}


def update_tables(site: Site, *, always: bool = False) -> None:
    """Bring tables and grants up to date as the owner role; skipped when the stamp says that nothing is new."""
    stamp = site.data / "run" / "tables.json"
    facts = tables_facts()
    if not always and site.server is not None and places.stamp_matches(stamp, facts):
        return
    log = site.logs / "setup.log"
    code = say.run(
        "Tables",
        [sys.executable, "-m", "huying", "prepare"],
        log=log,
        env=site.environment(owner=True),
        run_as=site.account.run_as,
    )
    if code:
        raise Trouble(f"The tables could not be brought up to date; the end of {log}:\n{say.tail(log)}")
    places.write_stamp(stamp, facts)


def load_demo(site: Site, *, wanted: bool) -> None:
    """Fill an empty database with the demo once; remember what it said about signing in."""
    note = site.data / "demo.json"
    if not note.exists() and wanted:
        log = site.logs / "demo.log"
        log.unlink(missing_ok=True)
        site.extra["HUYING_DEMO"] = "1"
        argv = [sys.executable, "-m", "huying", "fill"]
        if say.run("Demo jurisdiction", argv, log=log, env=site.environment(), run_as=site.account.run_as):
            raise Trouble(
                f"The demo could not be loaded (start with --no-demo to go without); the end of {log}:\n{say.tail(log)}"
            )
        rows = log.read_text(errors="replace").splitlines()
        said = [row.removeprefix(SIGN_IN) for row in rows if row.startswith(SIGN_IN)]
        places.write_stamp(note, {"loaded": bool(said), "said": said})
    site.extra["HUYING_DEMO"] = "1" if demo_words(site) and wanted else "0"


def demo_words(site: Site) -> list[str]:
    """What the demo said about signing in; empty without a demo."""
    try:
        return list(json.loads((site.data / "demo.json").read_text())["said"])
    except (OSError, ValueError, KeyError):
        return []


def start_services(site: Site, supervisor: Supervisor, host: str, port: int) -> None:
    """Web and jobs as children; returns when the first page is there."""
    site.extra.setdefault("HUYING_HOSTS", os.environ.get("HUYING_HOSTS") or sites.hosts(host))
    wait_for_port(site, host, port)
    (site.data / "static").mkdir(exist_ok=True)
    env = site.environment()
    web = [sys.executable, "-m", "huying", "web", "--host", host, "--port", str(port)]
    jobs = [sys.executable, "-m", "huying", "worker"]
    with say.step("Web and jobs"):
        children = [
            Child("web", web, env, site.logs / "web.log", site.account),
            # A job that is cut off runs again: better cut off at once than left over without a supervisor.
            Child("jobs", jobs, env, site.logs / "jobs.log", site.account, when_orphaned=signal.SIGKILL),
        ]
        supervisor.add(children[0])
        places.write_stamp(_run_file(site, port), {"pid": os.getpid(), "port": port, "host": host})
        wait_for_page(site, supervisor, children[0], host, port)
        supervisor.add(children[1])


def wait_for_page(site: Site, supervisor: Supervisor, web: Child, host: str, port: int) -> None:
    """Return when the home page answers; Trouble when web ends three times or stays silent."""
    until = time.monotonic() + START_PATIENCE
    while time.monotonic() < until:
        supervisor.look()
        if any(care.child is web and care.failures >= 3 for care in supervisor.cares):
            break
        if status(host, port):
            return
        time.sleep(0.05)
    raise Trouble(f"The web server does not answer; the end of {web.log}:\n{say.tail(web.log)}")


def status(host: str, port: int) -> int:
    """HTTP status of the home page, 0 when nobody answers."""
    there = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(there, port, timeout=10)
    try:
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


# ── the port ────────────────────────────────────────────────────────────────
def _run_file(site: Site, port: int) -> Path:
    return site.data / "run" / f"up-{port}.json"


def running_here(site: Site, port: int) -> bool:
    """True when another start serves this very data on this very port."""
    pid = _recorded(site, port)
    if pid in {0, os.getpid()} or not processes.alive(pid):
        return False
    said = processes.command(pid)  # after a crash the number may belong to quite another program
    return (not said or "huying" in said) and bool(status("127.0.0.1", port))


def _recorded(site: Site, port: int) -> int:
    """Number of the process that said it serves this port; 0 when none did."""
    try:
        return int(json.loads(_run_file(site, port).read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return 0


def port_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            raise Trouble(f"Port {port} is reserved for root: choose one above 1023 with --port.") from None
        except socket.gaierror:
            raise Trouble(f"{host} is no address of this machine: choose another with --host.") from None
        except OSError as error:
            if error.errno == 99:  # EADDRNOTAVAIL
                raise Trouble(f"{host} is no address of this machine: choose another with --host.") from None
            return False
    return True


def wait_for_port(site: Site, host: str, port: int) -> None:
    """Trouble when somebody else uses the port; a web server of ours on its way out gets a few seconds."""
    patience = PORT_PATIENCE if _run_file(site, port).exists() else 0
    until = time.monotonic() + patience
    while not port_free(host, port):
        if running_here(site, port):
            raise Trouble(f"Huying runs already: {address(host, port)}")
        if time.monotonic() >= until:
            raise Trouble(
                f"Port {port} on {host} is taken by another program: choose another, such as --port {port + 1}."
            )
        time.sleep(0.2)


def address(host: str, port: int) -> str:
    there = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104 - compared
    return f"http://{f'[{there}]' if ':' in there else there}:{port}/"


def welcome(site: Site, options: argparse.Namespace, seconds: float) -> None:
    say.line(f"\n  Huying is ready: {address(options.host, options.port)}   ({seconds:.1f} s)")
    if (code := status(options.host, options.port)) >= 500:
        say.line(f"  ! but its home page answers with an error ({code}): look into {site.logs / 'web.log'}")
    if site.extra["HUYING_DEMO"] == "1":
        say.line("  This is a demonstration with invented people; sign in as")
        for row in demo_words(site):
            say.line(f"    {row}")
    say.line(f"  Ctrl-C stops it. Logs: {site.logs}\n")

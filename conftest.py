"""Tests run on PostgreSQL only, with migrations on, as the application role; the database is made by the owner role."""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pytest

from huying.kernel.postgres import scratch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROLES = ("huying_owner", "huying_app")
ROLE_LOCK = 4_809_001
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop lives in the thread of the tests
_closing = ExitStack()


def admin_url() -> str:
    """The superuser's address: HUYING_TEST_ADMIN_URL, else a throw-away server that lives as long as this run."""
    if not os.environ.get("HUYING_TEST_ADMIN_URL"):
        os.environ["HUYING_TEST_ADMIN_URL"] = scratch.admin_url(_closing.enter_context(scratch.server()))
    return os.environ["HUYING_TEST_ADMIN_URL"]


def role_password() -> str:
    """One password for both roles, the same in every process of this run."""
    return hashlib.sha256(admin_url().encode()).hexdigest()[:32]


def url_for(database: str, role: str) -> str:
    parts = urlsplit(admin_url())
    host = parts.netloc.rpartition("@")[2]
    query = urlencode(dict(parse_qsl(parts.query)))
    return urlunsplit((parts.scheme, f"{role}:{role_password()}@{host}", f"/{database}", query, ""))


def make_roles(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """Owner and application role, without anything a superuser may; several processes may ask at once."""
    with admin.transaction():
        admin.execute("SELECT pg_advisory_xact_lock(%s)", [ROLE_LOCK])
        for role in ROLES:
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                admin.execute(f"CREATE ROLE {role} LOGIN")
            admin.execute(f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS PASSWORD '{role_password()}'")
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'huying_ledger'").fetchone():
            admin.execute("CREATE ROLE huying_ledger NOLOGIN")
        admin.execute("GRANT huying_ledger TO huying_owner")


def database_name() -> str:
    return f"huying_test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def first_database() -> str:
    """The database with all migrations that this run makes once; each of its processes works in a copy."""
    return f"huying_test_{os.environ['HUYING_TEST_RUN']}_first"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    from django.core.management import call_command
    from django.db import connections

    name, first = database_name(), first_database()
    parts = urlsplit(admin_url())
    settings = connections["default"].settings_dict
    options = dict(parse_qsl(parts.query))
    settings.update(
        USER="huying_owner",
        PASSWORD=role_password(),
        HOST=options.get("host") or parts.hostname or "",
        PORT=options.get("port") or str(parts.port or ""),
    )
    with psycopg.connect(admin_url(), autocommit=True) as admin, django_db_blocker.unblock():
        make_roles(admin)
        admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [first])
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [first]).fetchone():
            make_first(admin, first)
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {first} OWNER huying_owner")
        admin.execute("SELECT pg_advisory_unlock(hashtext(%s))", [first])
        settings["NAME"] = name
        call_command("grant_roles")  # what is granted on a database itself is not copied
        connections["default"].close()
        settings["USER"] = "huying_app"
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def make_first(admin: psycopg.Connection[tuple[object, ...]], first: str) -> None:
    """All migrations in a new database, which gets its name only when it is whole."""
    from django.core.management import call_command
    from django.db import connections

    made = connections["default"].settings_dict["NAME"] = f"{first}_making"
    admin.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")  # type: ignore[arg-type]
    admin.execute(f"CREATE DATABASE {made} OWNER huying_owner")  # type: ignore[arg-type]
    connections["default"].close()
    call_command("migrate", verbosity=0)
    call_command("grant_roles")
    remember_first_rows()
    connections["default"].close()
    admin.execute(f"ALTER DATABASE {made} RENAME TO {first}")  # type: ignore[arg-type]


PUBLIC_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
FIRST_ROWS = "SELECT tablename FROM pg_tables WHERE schemaname = 'first_rows' AND tablename <> 'first_numbers'"
FIRST_NUMBERS = (
    "SELECT setval(sequence, coalesce(last_value, start_value), last_value IS NOT NULL) FROM first_rows.first_numbers"
)


def remember_first_rows() -> None:
    """Keep a copy of what the migrations themselves put in (first kinds, flags, purposes), for after emptying."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA first_rows")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0] and table != "django_migrations":
                cursor.execute(f'CREATE TABLE first_rows."{table}" AS TABLE "{table}"')
        cursor.execute(
            "CREATE TABLE first_rows.first_numbers AS SELECT format('%I.%I', schemaname, sequencename)::regclass"
            " AS sequence, start_value, last_value FROM pg_sequences"
        )


GROWN = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'"
    " AND pg_relation_size(format('%I.%I', schemaname, tablename)::regclass) > 50 * 8192"
)
"""Tables of more than fifty pages, which are mostly rows that tests took back."""


_brooms: dict[str, psycopg.Connection[Any]] = {}


def broom(database: str) -> psycopg.Connection[Any]:
    """The superuser's connection to the database of the tests, kept: a new one has to learn every table first."""
    try:
        _brooms[database].execute("SELECT 1")
    except (KeyError, psycopg.OperationalError):  # none yet, or a test ended every connection
        _brooms[database] = psycopg.connect(admin_url(), dbname=database, autocommit=True)
        _closing.callback(_brooms[database].close)
    return _brooms[database]


def empty_database() -> None:
    """Empty every table that holds a row, past its triggers and foreign keys, then bring the first rows back.

    As the superuser, for the application role may do nothing of the kind (tested). To empty a table of few rows row by
    row takes a tenth of what TRUNCATE takes, which makes every file of every table anew.
    """
    from django.db import connections

    connections.close_all()
    admin = broom(connections["default"].settings_dict["NAME"])
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        tables = [table for (table,) in admin.execute(PUBLIC_TABLES).fetchall()]
        held = admin.execute(
            " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM public.\"{t}\")" for t in tables),  # type: ignore[arg-type]
            prepare=True,
        )
        for (table,) in held.fetchall():
            admin.execute(f'DELETE FROM public."{table}"')  # type: ignore[arg-type]
        for (table,) in admin.execute(FIRST_ROWS).fetchall():
            admin.execute(f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE SELECT * FROM first_rows."{table}"')  # type: ignore[arg-type]
        admin.execute(FIRST_NUMBERS)


@pytest.fixture(scope="module", autouse=True)
def swept_tables() -> Iterator[None]:
    """What the tests of a file took back or deleted stays in its tables as dead rows, through which every question of
    later tests would have to read: the throw-away server tidies up only when it is told to.
    """
    yield
    from django.db import connections

    database = connections["default"].settings_dict["NAME"]
    if database == database_name():
        admin = broom(database)
        for (table,) in admin.execute(GROWN, prepare=True).fetchall():
            admin.execute(f"VACUUM {table}")  # type: ignore[arg-type]


KEPT = os.environ.get("HUYING_TEST_KEEP", "")
"""A name: the database with all migrations stays on one's own server (HUYING_TEST_ADMIN_URL) for the next run with them."""


def migrations_digest() -> str:
    files = sorted(Path(__file__).parent.glob("src/huying/**/migrations/*.py"))
    return hashlib.blake2b(b"".join(one.read_bytes() for one in files), digest_size=4).hexdigest()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before other processes of this run are started: they inherit the address of the server."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        admin_url()
        kept = KEPT and f"{KEPT}_{migrations_digest()}"
        os.environ["HUYING_TEST_RUN"] = kept or secrets.token_hex(4)  # never that of a run that was killed
    gc.disable()  # until all tests are collected: nothing of that is thrown away


def pytest_collection_finish(session: pytest.Session) -> None:
    """What stays until the end (modules, models, tests) is never again searched for circles of dead objects. The rest is,
    as often as ever: forgotten connections end that way.
    """
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ and "HUYING_TEST_RUN" in os.environ and not KEPT:
        with psycopg.connect(admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {first_database()} WITH (FORCE)")  # type: ignore[arg-type]
    _closing.close()


def pytest_configure(config: pytest.Config) -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: empty_database()  # the application role has no TRUNCATE


@pytest.fixture(scope="session", autouse=True)
def keys() -> None:
    """The key file that seals personal fields, in the scratch data folder."""
    from huying.kernel.sealed import keyring

    keyring.ensure()


@pytest.fixture(scope="session", autouse=True)
def static_files_once() -> Iterator[None]:
    """Each client of a test builds the middleware anew: the static files are looked for by the first one only."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    known: dict[str, object] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def once(middleware: WhiteNoiseMiddleware) -> None:
        if not known:
            look(middleware)
            known.update(middleware.files)
        middleware.files.update(known)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def outermost_templates_only(django_test_environment: None) -> Iterator[None]:
    """The client of a test keeps the context of what a view renders, not of the hundreds of parts a page is made of."""
    from django.template import Context, Template
    from django.test.signals import template_rendered

    inside = threading.local()

    def render(template: Template, context: Context) -> str:
        if getattr(inside, "rendering", False):
            return template.nodelist.render(context)
        inside.rendering = True
        try:
            template_rendered.send(sender=template, template=template, context=context)
            return template.nodelist.render(context)
        finally:
            inside.rendering = False

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Template, "_render", render)
        yield


QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser at a time, for Playwright allows no second one; it ends with the file, and with it the event loop in
    this thread, which would not let a later test run a worker.
    """
    from playwright.sync_api import sync_playwright

    program = os.environ.get("HUYING_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "no Chromium: run the tests through ./huying test, which brings one"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


TOGETHER = {
    "tests/journeys/test_demonstration.py": "one demonstration",
    "tests/journeys/": "one browser",
    "src/huying/ui/tests/test_browser_": "one browser",
    "tests/bootstrap/": "one platform after the other",
    "tests/architecture/test_routes.py": "one world of addresses",
    "src/huying/calls/tests/test_every_step_everywhere.py": "one world of steps",
    "src/huying/volunteers/tests/test_migrations.py": "one filled database",
    "src/huying/matching/tests/": "one set of compiled kernels",
}
"""Tests that stay in one process, by how their path begins: what they share is dear to make."""


LONG = (
    "src/huying/ledger/tests/test_beside_beancount.py",
    "src/huying/ledger/tests/test_machine.py",
    "src/huying/calls/tests/test_machine.py",
    "tests/architecture/test_alone.py",
    "tests/architecture/test_hostile_input.py",
    "tests/architecture/test_query_counts.py",
    "tests/crash/test_database.py",
    "tests/crash/test_demonstration.py",
    "tests/crash/test_jobs.py",
    "tests/crash/test_ledger_database.py",
)
"""Tests that take about a minute by themselves, by how their path begins."""


def together(nodeid: str) -> str:
    return next((name for path, name in TOGETHER.items() if nodeid.startswith(path)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Which process takes which test; the largest bundle begins first. pytest-xdist 3.8 does not know how pytest 9.2
    names its tests, so that its own marks for this have no effect.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Bundles(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    return Bundles(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Playwright allows one browser a process, and to start one takes long: its tests are one bundle. What takes a minute
    by itself begins first, lest one process ends it when all others have done.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    browsing = [item for item in items if "chromium" in getattr(item, "fixturenames", ())]
    if astray := [item.nodeid for item in browsing if together(item.nodeid) != "one browser"]:
        raise pytest.UsageError(f"Tests with a browser stand where TOGETHER says so, not in {astray}.")


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """The test commits for real and may use several connections; the database is emptied afterwards."""


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """``tally("crash points", kills=3)`` adds to the totals that are printed at the end of the run."""

    def add(section: str, **numbers: int) -> None:
        record_property("tally", [section, numbers])

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals: dict[str, Counter[str]] = {}
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    for report in reports:
        for name, value in report.user_properties:
            if name == "tally":
                totals.setdefault(value[0], Counter()).update(value[1])
    for section, numbers in sorted(totals.items()):
        terminalreporter.write_line(f"{section}: " + ", ".join(f"{n} {what}" for what, n in numbers.items()))

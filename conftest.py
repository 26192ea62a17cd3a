"""Tests run on PostgreSQL only, with migrations on, as the application role; the database is made by the owner role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pytest

ADMIN_URL = os.environ.get("HUYING_TEST_ADMIN_URL", "")
SCRATCH = Path(os.environ.get("HUYING_TEST_DATA", f"/tmp/huying-test-{os.getuid()}"))
os.environ.setdefault("HUYING_DATA", str(SCRATCH / os.environ.get("PYTEST_XDIST_WORKER", "main")))


def url_for(database: str, role: str) -> str:
    parts = urlsplit(ADMIN_URL)
    host = parts.netloc.rpartition("@")[2]
    query = urlencode(dict(parse_qsl(parts.query)))
    return urlunsplit((parts.scheme, f"{role}@{host}", f"/{database}", query, ""))


def database_name() -> str:
    return f"huying_test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    from django.core.management import call_command
    from django.db import connections

    name = database_name()
    with psycopg.connect(ADMIN_URL, autocommit=True) as admin:
        for role in ("huying_owner", "huying_app"):
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                admin.execute(f"CREATE ROLE {role} LOGIN")
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} OWNER huying_owner")
    parts = urlsplit(ADMIN_URL)
    settings = connections["default"].settings_dict
    options = dict(parse_qsl(parts.query))
    settings.update(
        NAME=name,
        USER="huying_owner",
        PASSWORD=parts.password or "",
        HOST=options.get("host") or parts.hostname or "",
        PORT=options.get("port") or str(parts.port or ""),
    )
    with django_db_blocker.unblock():
        connections["default"].close()
        call_command("migrate", verbosity=0)
        call_command("grant_roles")
        remember_first_rows()
        connections["default"].close()
        settings["USER"] = "huying_app"
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    with psycopg.connect(ADMIN_URL, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


FIRST_ROWS = "SELECT tablename FROM pg_tables WHERE schemaname = 'first_rows'"


def remember_first_rows() -> None:
    """Keep a copy of what the migrations themselves put in (first kinds, flags, purposes), to bring back after emptying."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA first_rows")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0] and table != "django_migrations":
                cursor.execute(f'CREATE TABLE first_rows."{table}" AS TABLE "{table}"')


def empty_database() -> None:
    """Empty every table as the owner, then bring the first rows back: the application role may not, and that is tested."""
    from django.db import connections

    settings = connections["default"].settings_dict
    connections.close_all()
    with psycopg.connect(url_for(settings["NAME"], "huying_owner")) as owner:
        tables = owner.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename <> 'django_migrations'"
        ).fetchone()
        owner.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY CASCADE")
        for (table,) in owner.execute(FIRST_ROWS).fetchall():
            owner.execute(f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE SELECT * FROM first_rows."{table}"')
            serial = owner.execute(
                "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s AND column_name = 'id'", [f'public."{table}"', table]
            ).fetchone()
            if serial and serial[0]:
                owner.execute(f'SELECT setval(%s, (SELECT max(id) FROM public."{table}"))', [serial[0]])


def pytest_configure(config: pytest.Config) -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: empty_database()  # the application role has no TRUNCATE


@pytest.fixture(scope="session", autouse=True)
def keys() -> None:
    """The key file that seals personal fields, in the scratch data folder."""
    from huying.kernel.sealed import keyring

    keyring.ensure()


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """The test commits for real and may use several connections; the database is emptied afterwards."""

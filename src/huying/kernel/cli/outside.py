"""A PostgreSQL that runs elsewhere: reached, new enough, and with the limits we rely on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from huying.kernel.postgres.cluster import APP, TIMEOUTS
from huying.kernel.trouble import Trouble

OLDEST = 15
TABLES_LOCK = 4_809_002


def check(url: str, setting: str) -> str:
    """Version of the server behind ``url``. Raises Trouble (never with the password) when it is unusable."""
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            number = connection.info.server_version
            connection.execute("SET client_encoding = 'UTF8'")  # else words of an SQL_ASCII database are mere bytes
            row = connection.execute(
                "SELECT current_setting('server_version'), current_setting('server_encoding')"
            ).fetchone()
    except psycopg.ProgrammingError:
        raise Trouble(f"{setting} is not an address such as postgresql://user:password@host:5432/huying.") from None
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Trouble(f"The PostgreSQL of {setting} cannot be used: {_masked(reason, url)}") from None
    assert row is not None
    version, encoding = str(row[0]), str(row[1])
    if number < OLDEST * 10_000:
        raise Trouble(f"The PostgreSQL of {setting} is version {version.split()[0]}; Huying needs {OLDEST} or newer.")
    if encoding != "UTF8":
        raise Trouble(f"The database of {setting} has the encoding {encoding}; make one with ENCODING 'UTF8'.")
    return version.split()[0]


def _masked(text: str, url: str) -> str:
    password = urlsplit(url).password
    return text.replace(unquote(password), "…").replace(password, "…") if password else text


def role_of(url: str) -> str:
    """The role a session of ``url`` has (it may come from the environment or a service file)."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def alone(parameters: Mapping[str, Any]) -> Iterator[None]:
    """Hold the one lock of this database under which tables are changed; waits for whoever holds it.

    A start that was killed may have left a process that still brings the tables up to date, and two machines may start
    on one database. ``parameters`` are those of psycopg.connect; the lock is freed by the server when we die.
    """
    known = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: parameters[name] for name in known if name in parameters}) as connection:
        connection.autocommit = True
        connection.execute("SET lock_timeout = 0")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", [TABLES_LOCK])
        yield


def limit_transactions(url: str) -> None:
    """Set the role's own limits where nobody set any; a role may always do that for itself."""
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        known = {str(row[0]) for row in connection.execute("SELECT name FROM pg_settings").fetchall()}
        for name, value in TIMEOUTS[APP].items():
            if name not in known:
                continue  # transaction_timeout is younger than PostgreSQL 15 and 16
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            if row is not None and row[0] == "0":
                connection.execute(
                    sql.SQL("ALTER ROLE CURRENT_USER SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                )

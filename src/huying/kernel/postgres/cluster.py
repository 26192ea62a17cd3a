"""One data directory: made by our own initdb, with our own roles, settings and passwords."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from huying.kernel.postgres.account import Account, make_private
from huying.kernel.postgres.binaries import Binaries
from huying.kernel.trouble import Trouble

SUPERUSER, OWNER, APP, DATABASE = "huying_super", "huying_owner", "huying_app", "huying"
LEDGER = "huying_ledger"  # nobody signs in as it: it owns the functions that write the ledger
PORT = 5432
SOCKET_PATH_LIMIT = 107 - len(f"/.s.PGSQL.{PORT}")
# Chinese needs a character type that knows letters (else pg_trgm sees none); the order of names is a stored pinyin key.
INITDB = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--auth=scram-sha-256",
    "--data-checksums",
    "--no-instructions",
)
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "pglz",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_duration_statement": "2s",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_file_mode": "0600",
}
# For servers that are thrown away after the tests, and for nothing else.
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "scram_iterations": "1",  # nobody guesses their passwords, and tests connect some ten thousand times
}
TIMEOUTS = {
    APP: {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
        "transaction_timeout": "60s",
    },
    OWNER: {
        "statement_timeout": "15min",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
        "transaction_timeout": "30min",
    },
}


@dataclass(frozen=True)
class Cluster:
    """``folder`` is ours alone (0700): it holds the data directory, the socket and the passwords."""

    folder: Path
    binaries: Binaries
    account: Account
    settings: dict[str, str]

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    @property
    def passwords(self) -> Path:
        return self.folder / "roles.json"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def socket_folder(self) -> Path:
        """Where the socket lies: our folder, or a private one with a short name when the path is too long for one."""
        if len(os.fsencode(self.folder)) <= SOCKET_PATH_LIMIT:
            return self.folder
        name = f"huying-{self.account.uid}-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        return Path(tempfile.gettempdir()) / name

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Connection address with the role's password; treat it as a secret."""
        password = json.loads(self.passwords.read_text())[role]
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_folder()))}&port={PORT}"

    def make(self, *, quick: bool = False) -> None:
        """Make the data directory when there is none; a start killed in between leaves nothing half made.

        ``quick`` skips the last fsync, for throw-away servers. Raises Trouble with initdb's own words.
        """
        self.private(self.folder)
        self._check_version()
        if self.exists:
            return
        fresh = self.folder / "cluster.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        words = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        self._write_private(self.passwords, json.dumps(words, indent=1))
        pwfile = self.folder / "initdb.password"
        self._write_private(pwfile, words[SUPERUSER])
        try:
            self._initdb(fresh, pwfile, quick)
        finally:
            pwfile.unlink()
        with (fresh / "postgresql.conf").open("a") as handle:
            handle.write("\ninclude 'huying.conf'\n")
        self._write_private(fresh / "huying.conf", "")
        fresh.rename(self.data)

    def _initdb(self, target: Path, pwfile: Path, quick: bool) -> None:
        argv = [
            self.binaries.path("initdb"),
            "-D",
            str(target),
            "-U",
            SUPERUSER,
            f"--pwfile={pwfile}",
            *INITDB,
        ]
        done = subprocess.run(
            [*argv, *(["--no-sync"] if quick else [])],
            capture_output=True,
            text=True,
            check=False,
            **self.as_account(),
        )
        if done.returncode:
            raise Trouble(
                f"The database directory in {target.parent} could not be made:"
                f" {done.stderr.strip() or done.stdout.strip()}"
            )

    def _check_version(self) -> None:
        if not self.exists:
            return
        made = (self.data / "PG_VERSION").read_text().strip()
        if made != self.binaries.version.split(".")[0]:
            raise Trouble(
                f"The database in {self.data} was made by PostgreSQL {made}, this release brings"
                f" {self.binaries.version}: upgrade it with pg_upgrade, or restore a backup into a new data folder."
            )

    def write_settings(self) -> None:
        """Write huying.conf anew at every start, so that a new release changes settings too."""
        self.private(self.socket_folder())
        rows = {**SETTINGS, **self.settings, "unix_socket_directories": str(self.socket_folder())}
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in rows.items()]
        text = "# Written at every start; put your own settings into postgresql.auto.conf (ALTER SYSTEM).\n"
        self._write_private(self.data / "huying.conf", text + "\n".join(lines) + "\n")

    def prepare(self) -> None:
        """Roles, database, passwords and timeouts, as superuser on the running server; safe to repeat."""
        words = json.loads(self.passwords.read_text())
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True, connect_timeout=10) as admin:
            for role in (OWNER, APP):
                _role(admin, role, words[role])
            _ledger_role(admin)
            known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                admin.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
            admin.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), sql.Identifier(APP))
            )

    def private(self, folder: Path) -> None:
        """Make ``folder`` for the account alone; Trouble when somebody else made it first."""
        make_private(folder, self.account)

    def _write_private(self, path: Path, text: str) -> None:
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        self.account.own(fresh)
        fresh.replace(path)

    def as_account(self) -> dict[str, Any]:
        """Arguments for subprocess: the account, no LANG or PG… of the caller, a working folder it may read."""
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return {"env": env, "cwd": "/", **self.account.run_as}


def _ledger_role(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """A role without a sign-in; the owner belongs to it, so that migrations can give it its functions."""
    if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LEDGER]).fetchone() is None:
        admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(LEDGER)))
    admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(LEDGER), sql.Identifier(OWNER)))


def _role(admin: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    # The verifier is made here, so that the password itself is in no statement and no log.
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(
        sql.SQL("ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier)
        )
    )
    for name, value in TIMEOUTS[role].items():
        admin.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value))
        )

"""A database in which no migration has run yet, for tests that make tables of their own or look at how they are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from conftest import admin_url
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps


@contextmanager
def early_database(name: str, blocker: Any) -> Iterator[None]:
    """Inside, the connection of the tests leads to an empty database that ends in ``_name``, as the owner of its tables;
    ``blocker`` is the fixture ``django_db_blocker``.
    """
    settings = connection.settings_dict
    kept = {key: settings[key] for key in ("NAME", "USER")}
    made = f"{kept['NAME']}_{name}"
    with psycopg.connect(admin_url(), autocommit=True) as admin, blocker.unblock():
        admin.execute(f"CREATE DATABASE {made} OWNER huying_owner")  # type: ignore[arg-type]
        try:
            connection.close()
            settings.update(NAME=made, USER="huying_owner")
            yield
        finally:
            connection.close()
            settings.update(kept)
            admin.execute(f"DROP DATABASE {made} WITH (FORCE)")  # type: ignore[arg-type]


def migrated(*wanted: tuple[str, str]) -> StateApps:
    """Bring rooms to their migrations (room, name), forwards or back; the tables as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(wanted))
    return executor.loader.project_state(list(wanted)).apps

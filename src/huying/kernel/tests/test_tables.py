"""Tables of older versions are known again, refused where they stopped half-way, and never half made by this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from huying.kernel import tables
from huying.kernel.tests.early import early_database
from huying.kernel.trouble import Trouble


@pytest.fixture
def early(django_db_setup: None, django_db_blocker: Any) -> Iterator[MigrationRecorder]:
    """The list of migrations of an empty database, with nothing in it."""
    with early_database("tables", django_db_blocker):
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        yield recorder


def note(recorder: MigrationRecorder, *left_out: tuple[str, str]) -> None:
    """What a database of the older version has in its list, but for these."""
    for migration in MigrationLoader(None).replacements.values():
        for one in migration.replaces:
            if one not in left_out:
                recorder.record_applied(*one)


def waiting() -> set[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {one.app_label for one, _back in plan if one.app_label in tables_rooms()}


def tables_rooms() -> set[str]:
    return {room for room, _name in MigrationLoader(None).replacements}


def test_a_database_of_the_older_version_lacks_nothing(early: MigrationRecorder) -> None:
    assert waiting() == tables_rooms()
    note(early)

    tables.check_history()
    assert waiting() == set()


@pytest.mark.parametrize(
    "missing",
    [
        ("calls", "0026_lines_looked_through"),
        ("ledger", "0005_batches_in_one_statement"),
        ("figures", "0015_three_rates"),
    ],
)
def test_one_that_stopped_on_its_way_is_refused_by_the_name_of_the_room(
    early: MigrationRecorder, missing: tuple[str, str]
) -> None:
    left_out = [missing, ("ledger", "0004_reversals_are_mirrors")] if missing[0] == "ledger" else [missing]
    note(early, *left_out)

    with pytest.raises(
        Trouble, match=f"^The tables of {missing[0]} were made by an older version .* Nothing was changed"
    ):
        tables.check_history()


def test_a_room_that_cannot_be_finished_leaves_no_table_and_no_note(
    early: MigrationRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill before the end does: all is of one transaction, so the next start makes the room from nothing."""

    def fail(*_given: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(MigrationRecorder, "record_applied", fail)
        with pytest.raises(ConnectionError):
            MigrationExecutor(connection).migrate([("kernel", "0001_tables")])
    assert "kernel_auditline" not in connection.introspection.table_names()

    MigrationExecutor(connection).migrate([("kernel", "0001_tables")])
    assert "kernel_auditline" in connection.introspection.table_names()
    tables.check_history()
    MigrationExecutor(connection).migrate([("kernel", None)])
    assert "kernel_auditline" not in connection.introspection.table_names()

"""All tables of a room in one step of a migration (decision 0051).

Django makes the classes of all models anew after each ``CreateModel``, which is what a whole ``migrate`` spent its time
on. Here they are made once for a room. What Django keeps for the end of a migration (foreign keys, indexes) is done at
once, so that tables, first rows and the note that they are there are of one transaction: a start that is killed leaves
all of a room or nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from huying.kernel.trouble import Trouble


class CreateTables(Operation):
    """Make the tables of ``models``, which may point at each other in circles."""

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = list(models)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__qualname__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # made anew when somebody asks, not after each model,
        state.is_delayed = False  # and whole: nothing of them has to wait for another time
        for one in self.models:
            one.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for one in self.models:
            one.database_forwards(app_label, schema_editor, from_state, to_state)
        for statement in schema_editor.deferred_sql:
            schema_editor.execute(statement, None)
        schema_editor.deferred_sql.clear()

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for one in reversed(self.models):
            one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create the tables of {len(self.models)} models"


def check_history() -> None:
    """Trouble where tables stopped on the way of an older version: what was between is no longer known here."""
    there = MigrationRecorder(connection).applied_migrations()
    rooms: dict[str, list[bool]] = {}
    half = set()
    for (room, _name), migration in sorted(MigrationLoader(None).replacements.items()):
        known = [one in there for one in migration.replaces]
        if any(known) and (not all(known) or False in rooms.get(room, [])):
            half.add(room)
        rooms.setdefault(room, []).append(all(known))
    if half:
        raise Trouble(
            f"The tables of {', '.join(sorted(half))} were made by an older version that did not come to its end. Nothing was"
            " changed. Start once with 0.1.0 of the time before decision 0051, then with this version."
        )

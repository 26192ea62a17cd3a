"""The words of a step move out of the append-only history, so that they can go when somebody is forgotten."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def move_out(apps: Any, schema_editor: Any) -> None:
    """One row of words for each step that has some."""
    events, notes = apps.get_model("calls", "CallEvent"), apps.get_model("calls", "CallNote")
    rows = events.objects.exclude(note="").values_list("pk", "note").iterator(chunk_size=1000)
    batch = []
    for pk, note in rows:
        batch.append(notes(event_id=pk, text=note))
        if len(batch) == 1000:
            notes.objects.bulk_create(batch)
            batch = []
    notes.objects.bulk_create(batch)


def move_back(apps: Any, schema_editor: Any) -> None:
    """The words into the history again; what was forgotten meanwhile stays forgotten."""
    for note in apps.get_model("calls", "CallNote").objects.iterator(chunk_size=1000):
        apps.get_model("calls", "CallEvent").objects.filter(pk=note.event_id).update(note=note.text)


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_find_what_is_due_and_what_ended")]

    operations = [
        migrations.CreateModel(
            name="CallNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="words", to="calls.callevent"
                    ),
                ),
            ],
        ),
        migrations.RunPython(move_out, move_back, elidable=True),
        migrations.RemoveField(model_name="callevent", name="note"),
    ]

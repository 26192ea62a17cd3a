"""Silence lifts a call level by level: when it is noticed next, since when it waits, and what a pause holds."""

from typing import Any

from django.db import migrations, models
from django.db.models import F

WAITING = ["submitted", "reviewing", "pooled", "dispatched"]
STAGES = [
    ("review", "受理"),
    ("dispatch", "派单"),
    ("answer", "接单"),
    ("schedule", "约定时间"),
    ("deliver", "上门服务"),
    ("rate", "评价"),
    ("to_office", "无人接单，升到所"),
    ("to_centre", "无人接单，升到中心"),
]


def carry_over(apps: Any, schema_editor: Any) -> None:
    """What runs now is noticed when it would have been; what was noted before and hangs is looked at once more."""
    calls = apps.get_model("calls", "Call").objects
    calls.filter(stage_due_at__isnull=False).update(lift_at=F("stage_due_at"))
    calls.filter(stage_due_at__isnull=False, overdue=True, level="centre").update(lift_at=None)
    calls.filter(state__in=WAITING).update(waiting_since=F("submitted_at"))


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_keep_words_apart")]

    operations = [
        migrations.RemoveIndex(model_name="call", name="call_due"),
        migrations.AddField("call", "lift_at", models.DateTimeField(null=True)),
        migrations.AddField("call", "waiting_since", models.DateTimeField(null=True)),
        migrations.AddField(
            "call",
            "held_stage",
            models.CharField(blank=True, choices=STAGES, default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField("call", "held_since", models.DateTimeField(null=True)),
        migrations.AlterField("clock", "stage", models.CharField(choices=STAGES, max_length=10)),
        migrations.AlterField(
            "clock",
            "mode",
            models.CharField(
                choices=[("working", "Working"), ("site", "Site"), ("natural", "Natural")],
                default="working",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(condition=models.Q(("lift_at__isnull", False)), fields=["lift_at"], name="call_lift"),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
    ]

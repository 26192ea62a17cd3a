from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def give_time(apps: Any, schema_editor: Any) -> None:
    """Questions that are open end by a clock, all of them, and nobody else is asked beside these before. Of those of
    volunteers that came to nothing it goes until when they had time: a no had come before that.
    """
    offers = apps.get_model("calls", "Offer").objects
    offers.filter(state="expired", volunteer__isnull=False).update(answer_due_at=None)
    asked = offers.filter(state="offered")
    asked.filter(answer_due_at=None).update(answer_due_at=F("offered_at") + timedelta(days=1))
    asked.filter(volunteer__isnull=False).update(alone_until=F("answer_due_at"))


class Migration(migrations.Migration):
    dependencies = [("calls", "0014_lines_are_working_paper")]

    operations = [
        migrations.AddField("offer", "alone_until", models.DateTimeField(null=True)),
        migrations.AddField("offer", "put_away", models.BooleanField(db_default=False, default=False)),
        migrations.AddConstraint(
            "offer",
            models.CheckConstraint(
                condition=Q(put_away=False) | Q(state="offered", volunteer__isnull=False), name="offer_no_is_wiped"
            ),
        ),
        migrations.AddIndex(
            "offer",
            models.Index(
                condition=Q(alone_until__isnull=False, state="offered"), fields=["alone_until"], name="offer_alone"
            ),
        ),
        migrations.RunPython(give_time, migrations.RunPython.noop),
    ]

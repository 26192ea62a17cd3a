import datetime
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_first_tables"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce(
                    "stage_due_at", models.Value(datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))
                ),
                models.F("id"),
                name="call_due_first",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="call_ended"),
        ),
    ]

"""How long a ring runs for an urgent call, by day and night."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0021_helpers_leave_one_by_one")]

    operations = [
        migrations.AddField(
            model_name="ring",
            name="urgent_minutes",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="ring",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("urgent_minutes__isnull", True),
                    models.Q(("urgent_minutes__gte", 1), ("urgent_minutes__lte", 60 * 24 * 366)),
                    _connector="OR",
                ),
                name="ring_urgent_minutes",
            ),
        ),
    ]

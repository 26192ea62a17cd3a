"""When a helper of a call of many left, after he came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0020_raised_in_the_name_of_a_place")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_at__isnull", True),
                    models.Q(("arrived_at__isnull", False), ("left_at__gte", models.F("arrived_at"))),
                    _connector="OR",
                ),
                name="offer_left_after_coming",
            ),
        ),
    ]

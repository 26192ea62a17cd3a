from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calls", "0017_who_is_wished_for")]

    operations = [
        migrations.AddField("proposalline", "seats", models.PositiveSmallIntegerField(default=1, db_default=1)),
        migrations.AddConstraint(
            "proposalline",
            models.CheckConstraint(condition=Q(seats=1) | Q(seats__gt=1, team__isnull=False), name="line_seats"),
        ),
    ]

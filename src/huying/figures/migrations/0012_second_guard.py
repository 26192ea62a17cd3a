"""A part of two wholes is guarded by both: what is due and closed, by what is due and by what is closed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("figures", "0011_lists_made_again")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="second_guard",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="figures.metric"),
        ),
    ]

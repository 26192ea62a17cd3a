"""A metric names the count that it comes from, so that it is hidden where that is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("figures", "0008_shares_of_what_was_due")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="guard",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="guarded", to="figures.metric"),
        ),
    ]

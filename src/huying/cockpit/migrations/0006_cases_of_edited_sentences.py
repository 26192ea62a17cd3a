"""An edited sentence keeps the case that it was written for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0005_templates_can_be_retired")]

    operations = [
        migrations.AddField(model_name="report", name="cases", field=models.JSONField(blank=True, default=dict)),
    ]

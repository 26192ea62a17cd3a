from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activities", "0007_rows_offered_at_places")]

    operations = [
        migrations.AddField("rhythmplan", "name_en", models.CharField(blank=True, max_length=80)),
        migrations.AddField("focus", "title_en", models.CharField(blank=True, max_length=80)),
    ]

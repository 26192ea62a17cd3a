"""What is kept and how long, in English as well."""

import tomllib
from pathlib import Path

from django.db import migrations, models

PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"


def fill(apps, schema_editor):
    purpose = apps.get_model("people", "Purpose")
    for facts in tomllib.loads(PURPOSES.read_text())["purpose"]:
        purpose.objects.filter(code=facts["code"], version=facts["version"]).update(
            data_en=facts["data_en"], keeps_en=facts["keeps_en"]
        )


class Migration(migrations.Migration):
    dependencies = [("people", "0002_first_purposes")]
    operations = [
        migrations.AddField("purpose", "data_en", models.CharField(blank=True, max_length=200)),
        migrations.AddField("purpose", "keeps_en", models.CharField(blank=True, max_length=200)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

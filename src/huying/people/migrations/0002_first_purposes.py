"""The first wordings of what personal data is used for."""

import tomllib
from pathlib import Path

from django.db import migrations

from huying.kernel import clock

PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"


def load(apps, schema_editor):
    purpose = apps.get_model("people", "Purpose")
    now = clock.now()
    purpose.objects.bulk_create(
        purpose(effective_at=now, order=number, **facts)
        for number, facts in enumerate(tomllib.loads(PURPOSES.read_text())["purpose"])
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_keep_people")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

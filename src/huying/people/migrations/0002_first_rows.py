"""The first wordings of what personal data is used for."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"
IN_FORCE = datetime(2021, 11, 1, tzinfo=UTC)  # the Personal Information Protection Law


def load(apps, schema_editor):
    purpose = apps.get_model("people", "Purpose")
    purpose.objects.bulk_create(
        purpose(effective_at=IN_FORCE, order=number, **facts)
        for number, facts in enumerate(tomllib.loads(PURPOSES.read_text())["purpose"])
    )


class Migration(migrations.Migration):
    replaces = [
        ("people", "0002_first_purposes"),
        ("people", "0005_purposes_that_guardians_agree_to"),
    ]
    dependencies = [("people", "0001_tables")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

"""The first wordings of what personal data is used for."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"
IN_FORCE = datetime(2021, 11, 1, tzinfo=UTC)  # the Personal Information Protection Law


def load(apps, schema_editor):
    purpose = apps.get_model("people", "Purpose")
    known = {field.name for field in purpose._meta.fields}
    purpose.objects.bulk_create(
        purpose(effective_at=IN_FORCE, order=number, **{name: fact for name, fact in facts.items() if name in known})
        for number, facts in enumerate(tomllib.loads(PURPOSES.read_text())["purpose"])
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_keep_people")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

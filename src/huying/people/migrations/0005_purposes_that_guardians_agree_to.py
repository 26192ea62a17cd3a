"""What guardians agree to for the young: others sign a child up, somebody under eighteen serves where it is risky."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"
IN_FORCE = datetime(2021, 11, 1, tzinfo=UTC)  # the Personal Information Protection Law
NEW = {"child_activity", "youth_service"}


def load(apps, schema_editor):
    purpose = apps.get_model("people", "Purpose")
    for number, facts in enumerate(tomllib.loads(PURPOSES.read_text())["purpose"]):
        if facts["code"] in NEW:
            values = {name: fact for name, fact in facts.items() if name not in {"code", "version"}}
            purpose.objects.get_or_create(
                code=facts["code"],
                version=facts["version"],
                defaults={"effective_at": IN_FORCE, "order": number, **values},
            )


class Migration(migrations.Migration):
    dependencies = [("people", "0004_merge_doubles_and_record_guardians")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

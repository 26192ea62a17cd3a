"""The kinds, flags and coverage rules that an installation starts from; afterwards the tables are the truth."""

from django.db import migrations

from huying.places.actions.setup import install_first_rows


def install(apps, schema_editor):
    install_first_rows(*(apps.get_model("places", name) for name in ("PlaceKind", "PlaceFlag", "CoverageRule")))


class Migration(migrations.Migration):
    replaces = [
        ("places", "0002_first_kinds_flags_and_rules"),
    ]
    dependencies = [("places", "0001_tables")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

"""The kinds, flags and coverage rules that an installation starts from; afterwards the tables are the truth."""

from django.db import migrations

from huying.places.actions.setup import install_first_rows


def install(apps, schema_editor):
    install_first_rows(*(apps.get_model("places", name) for name in ("PlaceKind", "PlaceFlag", "CoverageRule")))


class Migration(migrations.Migration):
    dependencies = [("places", "0001_places_as_a_tree")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

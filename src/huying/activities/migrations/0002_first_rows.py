"""The first kinds, themes and units; a locality goes on from here by data."""

from django.db import migrations

from huying.activities.states import FIRST_KINDS, FIRST_THEMES, FIRST_UNITS

THEME = ("code", "name", "name_en", "group", "rule", "begins", "ends", "month", "day", "days_before", "days_after")


def load(apps, schema_editor):
    kind, theme, unit = (apps.get_model("activities", name) for name in ("ActivityKind", "Theme", "Unit"))
    kind.objects.bulk_create(kind(order=number * 10, **row._asdict()) for number, row in enumerate(FIRST_KINDS))
    theme.objects.bulk_create(
        theme(order=number * 10, **dict(zip(THEME, row, strict=True))) for number, row in enumerate(FIRST_THEMES)
    )
    unit.objects.bulk_create(
        unit(order=number * 10, code=code, name=name, name_en=english, digits=digits)
        for number, (code, name, english, digits) in enumerate(FIRST_UNITS)
    )


class Migration(migrations.Migration):
    replaces = [
        ("activities", "0002_first_kinds_themes_units"),
    ]
    dependencies = [("activities", "0001_tables")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

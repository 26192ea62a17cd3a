"""The kinds, flags and coverage rules that an installation starts from; afterwards the tables are the truth."""

from django.db import migrations

from huying.places.states import FIRST_FLAGS, FIRST_KINDS, FIRST_RULES


def install(apps, schema_editor):
    kinds, flags, rules = (apps.get_model("places", name) for name in ("PlaceKind", "PlaceFlag", "CoverageRule"))
    for order, kind in enumerate(FIRST_KINDS):
        row = {k: v for k, v in kind._asdict().items() if k != "parents"}
        kinds.objects.create(
            **row, is_division=kind.level is not None, may_be_top="-" in kind.parents.split(), order=order
        )
    for kind in FIRST_KINDS:
        kinds.objects.get(code=kind.code).parents.set([code for code in kind.parents.split() if code != "-"])
    for order, (code, name, name_en, group, tone) in enumerate(FIRST_FLAGS):
        flags.objects.create(code=code, name=name, name_en=name_en, group=group, tone=tone, order=order)
    for container, site in FIRST_RULES:
        rules.objects.create(container_id=container, site_id=site)


class Migration(migrations.Migration):
    dependencies = [("places", "0001_places_as_a_tree")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

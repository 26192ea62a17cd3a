from django.db import migrations

FIRST = [
    ("minutes", "minutes", "服务时长", "Hours of service", "分钟", "minutes"),
    ("points", "points", "积分", "Points", "分", "points"),
    ("fen", "money", "资金", "Money", "元", "yuan"),
]


def forward(apps, editor):
    asset = apps.get_model("ledger", "Asset")
    for code, kind, name, name_en, unit, unit_en in FIRST:
        facts = {"kind": kind, "name": name, "name_en": name_en, "unit": unit, "unit_en": unit_en}
        asset.objects.get_or_create(code=code, defaults=facts)


class Migration(migrations.Migration):
    replaces = [
        ("ledger", "0003_first_assets"),
    ]
    dependencies = [("ledger", "0002_writers")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

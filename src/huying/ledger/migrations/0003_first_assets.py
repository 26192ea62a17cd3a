from django.db import migrations

FIRST = [
    ("minutes", "minutes", "服务时长", "Hours of service", "分钟"),
    ("points", "points", "积分", "Points", "分"),
    ("fen", "money", "资金", "Money", "分钱"),
]


def forward(apps, editor):
    asset = apps.get_model("ledger", "Asset")
    for code, kind, name, english, unit in FIRST:
        asset.objects.get_or_create(code=code, defaults={"kind": kind, "name": name, "name_en": english, "unit": unit})


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_one_writer")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

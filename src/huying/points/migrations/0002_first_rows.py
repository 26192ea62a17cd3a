"""How long each step of an objection may take, and a proposal to take back (decision 0048)."""

from django.db import migrations

DOMAIN = "领域资料第 3 节"
FIRST = [
    ("file", 15, False, DOMAIN),
    ("mark", 1, True, DOMAIN),
    ("first", 5, True, DOMAIN),
    ("second", 10, True, DOMAIN),
    ("freeze", 15, False, DOMAIN),
    ("reversal", 10, True, "决策 0048"),
]


def forward(apps, editor):
    term = apps.get_model("points", "Term")
    for code, days, working, source in FIRST:
        term.objects.get_or_create(code=code, version=1, defaults={"days": days, "working": working, "source": source})


class Migration(migrations.Migration):
    replaces = [
        ("points", "0002_first_terms"),
    ]
    dependencies = [("points", "0001_tables")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

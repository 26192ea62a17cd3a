from django.db import migrations

SOURCE = "领域资料第 3 节"
FIRST = [("file", 15, False), ("mark", 1, True), ("first", 5, True), ("second", 10, True), ("freeze", 15, False)]


def forward(apps, editor):
    term = apps.get_model("points", "Term")
    for code, days, working in FIRST:
        term.objects.get_or_create(code=code, version=1, defaults={"days": days, "working": working, "source": SOURCE})


class Migration(migrations.Migration):
    dependencies = [("points", "0001_points_that_thank")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

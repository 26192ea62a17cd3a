from django.db import migrations

from huying.figures.actions.setup import install_first_rows


def forward(apps, editor):
    install_first_rows(apps.get_model("figures", "Unit"), apps.get_model("figures", "Metric"))


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_first_tables")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

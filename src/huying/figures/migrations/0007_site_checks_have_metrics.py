"""The metrics of checks of sites, where the first metrics were written before there were any."""

from django.db import migrations

from huying.figures.actions.setup import install_first_rows


def forward(apps, editor):
    install_first_rows(apps.get_model("figures", "Unit"), apps.get_model("figures", "Metric"))


class Migration(migrations.Migration):
    dependencies = [("figures", "0006_files_made_again")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

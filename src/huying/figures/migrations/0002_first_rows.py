"""The register of units and metrics that the product brings."""

from django.db import migrations

from huying.figures.actions.setup import install_first_rows


def forward(apps, editor):
    install_first_rows(apps.get_model("figures", "Unit"), apps.get_model("figures", "Metric"))


class Migration(migrations.Migration):
    replaces = [
        ("figures", "0002_first_units_and_metrics"),
        ("figures", "0007_site_checks_have_metrics"),
        ("figures", "0008_shares_of_what_was_due"),
        ("figures", "0010_first_guards"),
        ("figures", "0013_guards_once_more"),
        ("figures", "0015_three_rates"),
    ]
    dependencies = [("figures", "0001_tables")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

from django.db import migrations

from huying.cockpit.actions.report_writing import install_first_templates


def forward(apps, editor):
    install_first_templates(apps.get_model("cockpit", "ReportTemplate"))


class Migration(migrations.Migration):
    replaces = [
        ("cockpit", "0003_first_report_templates"),
    ]
    dependencies = [("cockpit", "0001_tables")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

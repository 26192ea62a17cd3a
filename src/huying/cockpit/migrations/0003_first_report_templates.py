from django.db import migrations

from huying.cockpit.actions.report_writing import install_first_templates


def forward(apps, editor):
    install_first_templates(apps.get_model("cockpit", "ReportTemplate"))


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0002_reports")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

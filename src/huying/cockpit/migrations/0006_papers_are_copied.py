from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0005_templates_can_be_retired")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="copied_to",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]

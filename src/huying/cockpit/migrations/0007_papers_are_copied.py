from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0006_cases_of_edited_sentences")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="copied_to",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]

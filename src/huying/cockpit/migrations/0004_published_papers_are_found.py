from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0003_first_report_templates")]

    operations = [
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("is_public", True), ("state", "published")),
                fields=["-signed_at", "-id"],
                name="report_published",
            ),
        ),
    ]

"""Whether the file of a version carried its checksum."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packs", "0001_packs")]
    operations = [
        migrations.AddField(
            model_name="packversion",
            name="signed",
            field=models.BooleanField(default=False, help_text="the file carried its checksum, and it was true"),
        )
    ]

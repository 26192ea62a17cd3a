"""A file of a list is taken by who still holds the roles that it was made with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("figures", "0013_guards_once_more")]

    operations = [
        migrations.AddField(model_name="keptfile", name="roles", field=models.JSONField(default=list)),
    ]

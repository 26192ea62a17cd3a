"""A unit that is no longer offered stays with the results that are measured in it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0004_sane_clocks_and_reminders'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='active',
            field=models.BooleanField(default=True),
        ),
    ]

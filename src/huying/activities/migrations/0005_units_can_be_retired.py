"""A unit that is no longer offered stays with the results that are measured in it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0003_words_beside_the_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='active',
            field=models.BooleanField(default=True),
        ),
    ]

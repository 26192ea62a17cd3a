"""Earlier times of being a volunteer are kept when somebody joins again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('places', '0006_rows_offered_at_places'), ('volunteers', '0013_teams_want_people')]

    operations = [
        migrations.CreateModel(
            name='Stay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField()),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                ('volunteer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stays', to='volunteers.volunteer')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('left_at__gte', models.F('joined_at'))), name='stay_ends_after_it_begins')],
            },
        ),
    ]

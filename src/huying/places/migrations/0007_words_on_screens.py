import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0006_rows_offered_at_places'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=30)),
                ('pack', models.CharField(max_length=50)),
                ('on_at', models.DateTimeField()),
                ('zh', models.CharField(max_length=20)),
                ('en', models.CharField(blank=True, max_length=40)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('place', 'pack', 'key'), name='wording_once'), models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]*$'), models.Q(('zh', ''), _negated=True)), name='wording_says_something')],
            },
        ),
    ]

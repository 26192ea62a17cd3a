import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_purposes_that_guardians_agree_to'),
        ('points', '0006_told_in_person'),
    ]

    operations = [
        migrations.CreateModel(
            name='Printing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('booklet', models.PositiveSmallIntegerField(help_text='which one: a lost one is good no more')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('passbook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='printings', to='points.passbook')),
            ],
            options={
                'indexes': [models.Index(fields=['passbook', 'booklet', 'made_by'], name='points_printing_by')],
            },
        ),
    ]

"""The words of a step move beside it, where they can be taken away and never changed (decision 0012)."""

import django.db.models.deletion
from django.db import migrations, models


def move_words(apps, schema_editor):
    note = apps.get_model("volunteers", "ServiceNote")
    said = apps.get_model("volunteers", "ServiceEvent").objects.exclude(reason="").order_by("id")
    rows = (note(event_id=pk, text=reason) for pk, reason in said.values_list("pk", "reason").iterator())
    note.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('volunteers', '0006_profiles_teams_and_campaigns'),
    ]

    operations = [
        migrations.CreateModel(
            name='ServiceNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='volunteers.serviceevent')),
            ],
        ),
        migrations.RunPython(move_words, migrations.RunPython.noop),
        migrations.RemoveField(model_name='serviceevent', name='reason'),
    ]

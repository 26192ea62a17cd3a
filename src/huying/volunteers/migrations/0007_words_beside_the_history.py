"""The words of a step move beside it, where they can be taken away and never changed (decision 0012)."""

import django.db.models.deletion
from django.db import migrations, models

CHUNK = 5000


def move_words(apps, schema_editor):
    event, note = (apps.get_model("volunteers", name) for name in ("ServiceEvent", "ServiceNote"))
    said, last = event.objects.exclude(reason="").order_by("pk"), 0
    while rows := list(said.filter(pk__gt=last).values_list("pk", "reason")[:CHUNK]):
        note.objects.bulk_create(note(event_id=pk, text=reason) for pk, reason in rows)
        last = rows[-1][0]


def bring_back(apps, schema_editor):
    event, note = (apps.get_model("volunteers", name) for name in ("ServiceEvent", "ServiceNote"))
    last = 0
    while rows := list(note.objects.filter(event_id__gt=last).order_by("event_id").values_list("event_id", "text")[:CHUNK]):
        event.objects.bulk_update([event(pk=pk, reason=text) for pk, text in rows], ["reason"], batch_size=500)
        last = rows[-1][0]


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
        migrations.RunPython(move_words, bring_back),
        migrations.RemoveField(model_name='serviceevent', name='reason'),
    ]

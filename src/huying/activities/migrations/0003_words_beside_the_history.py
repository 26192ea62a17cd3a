"""The words of a step move beside it, where they can be taken away and never changed (decision 0012)."""

import django.db.models.deletion
from django.db import migrations, models


def move_words(apps, schema_editor):
    note = apps.get_model("activities", "ActivityNote")
    said = apps.get_model("activities", "ActivityEvent").objects.exclude(reason="").order_by("id")
    rows = (note(event_id=pk, text=reason) for pk, reason in said.values_list("pk", "reason").iterator())
    note.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0002_first_kinds_themes_units'),
    ]

    operations = [
        migrations.CreateModel(
            name='ActivityNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=200)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='activities.activityevent')),
            ],
        ),
        migrations.RunPython(move_words, migrations.RunPython.noop),
        migrations.RemoveField(model_name='activityevent', name='reason'),
    ]

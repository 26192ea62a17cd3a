import django.db.models.deletion
from django.db import migrations, models


def told_already(apps, _schema):
    """Proposals of before: whoever has an account could read of them; the others have to be told, so their time begins anew."""
    rows = apps.get_model("points", "Reversal").objects
    accounts = apps.get_model("people", "Account").objects.filter(is_active=True).values("person_id")
    ours = rows.filter(state="proposed", agreed_at__isnull=True).exclude(claim__person__in=accounts)
    ours.update(not_before=None)
    rows.exclude(pk__in=rows.filter(not_before__isnull=True).values("pk")).update(told_at=models.F("made_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_purposes_that_guardians_agree_to'),
        ('points', '0005_how_it_was_fetched'),
    ]

    operations = [
        migrations.AddField(
            model_name='ending',
            name='told_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AlterField(
            model_name='ending',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='ending',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='ending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_at__isnull', False), ('told_at__isnull', False)), models.Q(('ends_at__isnull', True), ('told_at__isnull', True), ('told_by__isnull', True)), _connector='OR'), name='points_ending_word_or_none'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='told_at',
            field=models.DateTimeField(blank=True, help_text='when its owner could read it, or was told', null=True),
        ),
        migrations.AddField(
            model_name='reversal',
            name='told_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AlterField(
            model_name='reversal',
            name='not_before',
            field=models.DateTimeField(blank=True, help_text='null until he was told', null=True),
        ),
        migrations.RunPython(told_already, migrations.RunPython.noop),
    ]

"""What a clock at a door says lies in our years; whoever was reminded is left out by the database."""

import datetime

from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Least

FIRST, LAST = (datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2000, 2200))


def mend_clocks(apps, schema_editor):
    """A moment that no clock can mean becomes the beginning of the session, a going that cannot be is not known."""
    here, session = apps.get_model("activities", "CheckIn"), apps.get_model("activities", "Session")
    here.objects.filter(Q(out_at__lt=FIRST) | Q(out_at__gte=LAST)).update(out_at=None, out_by=None)
    starts = Subquery(session.objects.filter(pk=OuterRef("session_id")).values("starts_at")[:1])
    here.objects.filter(Q(in_at__lt=FIRST) | Q(in_at__gte=LAST)).update(in_at=Least(starts, F("out_at")))


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0003_words_beside_the_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='signup',
            name='reminded_for',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(mend_clocks, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),  # nothing may wait for a changed table
        migrations.AddConstraint(
            model_name='checkin',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ('in_at__gte', FIRST),
                    ('in_at__lt', LAST),
                    models.Q(('out_at__isnull', True), ('out_at__lt', LAST), _connector='OR'),
                ),
                name='checkin_sane_years',
            ),
        ),
    ]

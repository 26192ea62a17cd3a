"""The three rates of 12345 (domain 2.3) are metrics: answered in time, solved when called back, satisfied.

Calls from before are told by ``huying figures check --mend``.
"""

from django.db import migrations
from django.db.models import Q

from huying.figures.actions.setup import install_first_rows
from huying.figures.states import FIRST_METRICS


def forward(apps, editor):
    metrics = apps.get_model("figures", "Metric")
    install_first_rows(apps.get_model("figures", "Unit"), metrics)
    for order, one in enumerate(sorted(FIRST_METRICS, key=lambda one: one.of is not None)):
        metrics.objects.filter(Q(code=one.code) | Q(part_of=one.code)).update(order=order)


class Migration(migrations.Migration):
    dependencies = [("figures", "0014_files_keep_roles")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

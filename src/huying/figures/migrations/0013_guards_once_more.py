"""Guards as they are now; exchanges of points are counted from the points used; metrics stand in the order of the register,
those that came later too.
"""

from importlib import import_module

from django.db import migrations
from django.db.models import Q

from huying.figures.actions.setup import guard, install_first_rows
from huying.figures.states import FIRST_METRICS

COUNTED = import_module("huying.figures.migrations.0010_first_guards").COUNTED


def forward(apps, editor):
    metrics = apps.get_model("figures", "Metric")
    install_first_rows(apps.get_model("figures", "Unit"), metrics)
    guard(FIRST_METRICS, metrics)
    with editor.connection.cursor() as cursor:
        cursor.execute(COUNTED, ["points_used", "points_exchanges"])
    for order, one in enumerate(sorted(FIRST_METRICS, key=lambda one: one.of is not None)):
        metrics.objects.filter(Q(code=one.code) | Q(part_of=one.code)).update(order=order)


class Migration(migrations.Migration):
    dependencies = [("figures", "0012_second_guard")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

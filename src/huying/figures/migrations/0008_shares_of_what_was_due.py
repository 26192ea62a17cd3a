"""Metrics of what was due; the share closed in time is one of what was due, no longer of what was closed (domain 2.2).

Calls from before are told by ``huying figures check --mend``.
"""

from django.db import migrations

from huying.figures.actions.setup import facts_of, install_first_rows
from huying.figures.states import FIRST_METRICS

RATE = "calls_on_time_rate"
TAKEN = ("counts", "counts_en", "numerator_id", "denominator_id")


def forward(apps, editor):
    metrics = apps.get_model("figures", "Metric")
    install_first_rows(apps.get_model("figures", "Unit"), metrics)
    facts = facts_of(next(one for one in FIRST_METRICS if one.code == RATE))
    metrics.objects.filter(pk=RATE).update(**{name: facts[name] for name in TAKEN})


def back(apps, editor):
    rate = apps.get_model("figures", "Metric").objects.filter(pk=RATE)
    rate.update(numerator_id="calls_on_time", denominator_id="calls_closed")


class Migration(migrations.Migration):
    dependencies = [("figures", "0007_site_checks_have_metrics")]

    operations = [migrations.RunPython(forward, back)]

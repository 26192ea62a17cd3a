"""The first metrics get their guards; claims, exchanges and weighings are counted from what is counted of them already."""

from django.db import migrations

from huying.figures.actions.setup import guard, install_first_rows
from huying.figures.states import FIRST_METRICS

COUNTED = """
WITH told AS (
    INSERT INTO figures_contribution (source, source_id, metric_id, place_id, day, amount)
    SELECT DISTINCT ON (c.source, c.source_id) c.source, c.source_id, n.number, c.place_id, c.day, 1
    FROM figures_contribution c JOIN figures_metric m ON m.number = c.metric_id CROSS JOIN figures_metric n
    WHERE m.code = %s AND n.code = %s AND c.amount <> 0 ON CONFLICT DO NOTHING
    RETURNING metric_id, place_id, day, amount
), numbered AS (SELECT *, row_number() OVER () / 10000 AS piece FROM told)
INSERT INTO figures_change (size, metrics, places, days, amounts)
SELECT count(*), array_agg(metric_id), array_agg(place_id), array_agg(day), array_agg(amount::bigint)
FROM numbered GROUP BY piece
"""
FROM = (("points_given", "points_claims"), ("gifts_worth", "gifts"), ("gifts_given", "gifts"), ("litter_grams", "litter_weighings"))


def forward(apps, editor):
    metrics = apps.get_model("figures", "Metric")
    install_first_rows(apps.get_model("figures", "Unit"), metrics)
    guard(FIRST_METRICS, metrics)
    with editor.connection.cursor() as cursor:
        for known, counted in FROM:
            cursor.execute(COUNTED, [known, counted])


class Migration(migrations.Migration):
    dependencies = [("figures", "0009_metrics_are_guarded")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

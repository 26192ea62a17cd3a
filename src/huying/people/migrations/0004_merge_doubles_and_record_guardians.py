"""A double leads to the person it was merged into; a tie written down by staff says which papers they saw."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("people", "0003_say_purposes_in_english")]

    operations = [
        migrations.AddField(
            "person",
            "merged_into",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="doubles",
                to="people.person",
            ),
        ),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(erased_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="person_merged_is_empty",
            ),
        ),
        migrations.AddField("guardianship", "proof", models.CharField(blank=True, max_length=200)),
    ]

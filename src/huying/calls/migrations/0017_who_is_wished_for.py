import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0016_services_done_since"),
        ("volunteers", "0012_nearest_first"),
    ]

    operations = [
        migrations.AddField("servicekind", "allow_preference", models.BooleanField(default=False, db_default=False)),
        migrations.AddField(
            "call",
            "language",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="volunteers.language",
            ),
        ),
        migrations.AddField(
            "call",
            "helper_sex",
            models.CharField(blank=True, choices=[("female", "女性"), ("male", "男性")], default="", db_default="", max_length=8),
        ),
        migrations.AddField(
            "call",
            "helper_age",
            models.CharField(blank=True, choices=[("younger", "45 岁以下"), ("older", "45 岁以上")], default="", db_default="", max_length=8),
        ),
        migrations.AddConstraint(
            "call", models.CheckConstraint(condition=Q(helper_sex__in=["", "female", "male"]), name="call_helper_sex")
        ),
        migrations.AddConstraint(
            "call", models.CheckConstraint(condition=Q(helper_age__in=["", "younger", "older"]), name="call_helper_age")
        ),
    ]

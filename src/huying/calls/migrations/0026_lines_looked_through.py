import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0023_one_name_for_a_hotline"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposalline",
            name="urgent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="proposalline",
            index=models.Index(
                models.F("proposal"),
                django.db.models.functions.comparison.Coalesce(
                    models.Case(
                        models.When(state="stale", then=models.Value(1)),
                        default=models.Value(0),
                        output_field=models.IntegerField(),
                    ),
                    models.Value(0),
                ),
                models.F("urgent"),
                models.F("call"),
                models.F("id"),
                name="line_shown",
            ),
        ),
    ]

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calls", "0015_a_no_waits_for_its_time")]

    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                fields=["delivered_at"], condition=Q(delivered_at__isnull=False), name="call_delivered"
            ),
        ),
    ]

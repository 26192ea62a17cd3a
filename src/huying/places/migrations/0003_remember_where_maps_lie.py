from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0002_first_kinds_flags_and_rules")]
    operations = [
        migrations.AddField("maplayer", side, models.FloatField(default=0), preserve_default=False)
        for side in ("west", "south", "east", "north")
    ]

"""Certificates that are there get their serial numbers in the order in which they were given."""

from django.db import migrations

CHUNK = 5000


def number(apps, schema_editor):
    certificate, counter = (apps.get_model("volunteers", name) for name in ("Certificate", "CertificateCounter"))
    row, _made = counter.objects.get_or_create(pk=1)
    waiting = certificate.objects.filter(serial__isnull=True).order_by("pk")
    while rows := list(waiting.only("pk")[:CHUNK]):
        for one in rows:
            row.last += 1
            one.serial = row.last
        certificate.objects.bulk_update(rows, ["serial"], batch_size=500)
    row.save()


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0008_seen_people_serials_and_refused_papers")]
    operations = [migrations.RunPython(number, migrations.RunPython.noop)]

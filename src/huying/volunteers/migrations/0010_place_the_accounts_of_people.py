"""Accounts of minutes that were opened without a place belong to the place of their person from now on."""

from django.db import migrations

PLACED = """
UPDATE ledger_account a SET place_path = p.path
FROM people_person o LEFT JOIN volunteers_volunteer v ON v.person_id = o.id
JOIN places_place p ON p.id = coalesce(o.home_place_id, v.base_place_id)
WHERE a.owner_type = 'people.Person' AND a.owner_id = o.id AND a.place_path = ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ('volunteers', '0009_number_the_certificates_there_are'),
        ('ledger', '0003_first_assets'),
        ('people', '0004_merge_doubles_and_record_guardians'),
    ]

    operations = [migrations.RunSQL(PLACED, migrations.RunSQL.noop)]

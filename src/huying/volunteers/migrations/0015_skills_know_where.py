"""Where each holder of a skill starts from, beside the skill: so that the nearest of them are found in one index.

The surface of the earth in cells of 0.0005 degrees (55 m from south to north), numbered row by row, is a column that the
database computes (-1: no position). The second foreign key carries it to the skills and along with every move: PostgreSQL
keeps it, nobody can forget it. A skill that was just written has no cell yet (NULL: not looked up, and found all the same).
Neither column is known to Django: nobody writes the one, and ``actions.place_skills`` alone the other.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE volunteers_volunteer ADD COLUMN cell bigint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN lon IS NULL OR lat IS NULL THEN -1
    ELSE floor((lat + 90) * 2000)::bigint * 1000000 + floor((lon + 180) * 2000)::bigint END) STORED;
ALTER TABLE volunteers_volunteer ADD CONSTRAINT volunteer_cell UNIQUE (id, cell);
ALTER TABLE volunteers_volunteer_skills ADD COLUMN cell bigint;
UPDATE volunteers_volunteer_skills s SET cell = v.cell FROM volunteers_volunteer v WHERE v.id = s.volunteer_id;
ALTER TABLE volunteers_volunteer_skills ADD CONSTRAINT volunteer_skill_cell
    FOREIGN KEY (volunteer_id, cell) REFERENCES volunteers_volunteer (id, cell) ON UPDATE CASCADE;
CREATE INDEX volunteer_skill_near ON volunteers_volunteer_skills (skill_id, cell, volunteer_id);
CREATE INDEX volunteer_skill_unplaced ON volunteers_volunteer_skills (volunteer_id) WHERE cell IS NULL;
"""
BACK = """
ALTER TABLE volunteers_volunteer_skills DROP COLUMN cell;
ALTER TABLE volunteers_volunteer DROP COLUMN cell;
"""


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0014_times_of_volunteering")]

    operations = [migrations.RunSQL(FORWARD, BACK)]

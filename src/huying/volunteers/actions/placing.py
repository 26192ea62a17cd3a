"""Skills learn where their holders start from, so that the nearest holders are found in one index (decision 0045)."""

from __future__ import annotations

from django.db import connection

from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.volunteers.models import Volunteer

BATCH = 5_000
WAITING = "SELECT DISTINCT volunteer_id FROM volunteers_volunteer_skills WHERE cell IS NULL ORDER BY 1 LIMIT %s"
# The cell of a volunteer is the database's; from here on its foreign key carries every move to the skills.
PLACED = """
UPDATE volunteers_volunteer_skills s SET cell = v.cell FROM volunteers_volunteer v
WHERE v.id = s.volunteer_id AND s.volunteer_id = ANY(%s) AND s.cell IS NULL
"""


def place_skills(*, actor: Actor) -> int:
    """Look up where the holders of newly written skills start from, in batches; how many skills. Run again it finds none.

    Skills that wait for it are found all the same, only not as quickly.
    """
    done = 0
    while placed := place_batch(actor):
        done += placed
    return done


def place_batch(actor: Actor) -> int:
    with begin(actor), connection.cursor() as cursor:
        cursor.execute(WAITING, [BATCH])
        keys = [key for (key,) in cursor.fetchall()]
        locks.many(Volunteer.objects.filter(pk__in=keys).only("pk"))  # whoever moves meanwhile is waited for
        return place(keys)


def place(volunteers: list[int]) -> int:
    """The skills of these volunteers, whose rows are locked or were written in this transaction."""
    if not volunteers:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(PLACED, [volunteers])
        return int(cursor.rowcount)

"""Messages to a person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from huying.kernel import clock, prepared
from huying.kernel.errors import NotFound
from huying.people.models import Notice


def my_notices(person_id: int | None) -> QuerySet[Notice]:
    """Messages that may be shown now (quiet hours over), unordered."""
    return Notice.objects.filter(person_id=person_id or 0, show_after__lte=clock.now())


def unread_notices(person_id: int | None) -> int:
    """How many messages wait unread; at most 100 are counted. Every page of a resident asks it."""
    return int(prepared.rows(UNREAD, {"person": person_id or 0, "at": clock.now()})[0][0])


UNREAD = """
    SELECT count(*) FROM (
        SELECT 1 FROM people_notice WHERE person_id = %(person)s AND show_after <= %(at)s AND read_at IS NULL LIMIT 100
    ) waiting
"""


def my_notice(person_id: int | None, public_id: UUID) -> Notice:
    """One message that shows now; NotFound for anybody else's."""
    found = my_notices(person_id).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found

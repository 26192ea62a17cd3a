"""Messages to a person."""

from __future__ import annotations

from django.db.models import QuerySet

from huying.kernel import clock
from huying.people.models import Notice


def my_notices(person_id: int | None) -> QuerySet[Notice]:
    """Messages that may be shown now (quiet hours over), unordered."""
    return Notice.objects.filter(person_id=person_id, show_after__lte=clock.now())


def unread_notices(person_id: int | None) -> int:
    """How many messages wait unread; at most 100 are counted."""
    return len(my_notices(person_id).filter(read_at__isnull=True).values_list("pk")[:100])

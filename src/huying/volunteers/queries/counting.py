"""What volunteers and their service add to figures: who is registered where, records and minutes that are confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from huying.figures.states import Word
from huying.kernel import clock
from huying.volunteers.models import ServiceRecord, Volunteer
from huying.volunteers.states import COUNTED

SERVICE = ServiceRecord._meta.label
JOINED, LEFT = Volunteer._meta.label, f"{Volunteer._meta.label}.left"


def words_of_record(record: ServiceRecord) -> list[Word]:
    """One record and its minutes, on the day the service began; nothing unless it is confirmed."""
    day, counts = clock.local(record.starts_at).date(), record.state in COUNTED
    return [
        Word(SERVICE, record.pk, "service_minutes", record.place_id, day, record.minutes if counts else 0),
        Word(SERVICE, record.pk, "service_records", record.place_id, day, int(counts)),
    ]


def words_of_volunteer(volunteer: Volunteer) -> list[Word]:
    """One more from the day he joined, one less from the day he left."""
    joined = clock.local(volunteer.joined_at).date()
    left = max(clock.local(volunteer.left_at).date(), joined) if volunteer.left_at else joined
    metric, at = "volunteers_registered", volunteer.base_place_id
    return [
        Word(JOINED, volunteer.pk, metric, at, joined, 1),
        Word(LEFT, volunteer.pk, metric, at, left, -1 if volunteer.left_at else 0),
    ]


def recounted_service() -> Iterator[Word]:
    """All words of all records of service, by record: a fresh count."""
    for record in ServiceRecord.objects.order_by("pk").iterator():
        yield from words_of_record(record)


def recounted_volunteers(source: str) -> Iterator[Word]:
    """All words of volunteers under this source (joined or left), by volunteer."""
    for volunteer in Volunteer.objects.order_by("pk").iterator():
        yield from (one for one in words_of_volunteer(volunteer) if one.source == source)

"""What volunteers and their service add to figures: who is registered where, records and minutes that are confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from huying.figures.states import Word
from huying.kernel import clock
from huying.volunteers.models import ServiceRecord, Stay, Volunteer
from huying.volunteers.states import COUNTED

SERVICE = ServiceRecord._meta.label
JOINED, LEFT = Volunteer._meta.label, f"{Volunteer._meta.label}.left"
STAYED, STAY_ENDED = Stay._meta.label, f"{Stay._meta.label}.left"


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


def words_of_stay(stay: Stay) -> list[Word]:
    """The same for an earlier time, where he served then."""
    joined = clock.local(stay.joined_at).date()
    left = max(clock.local(stay.left_at).date(), joined)
    return [
        Word(STAYED, stay.pk, "volunteers_registered", stay.place_id, joined, 1),
        Word(STAY_ENDED, stay.pk, "volunteers_registered", stay.place_id, left, -1),
    ]


def recounted_service() -> Iterator[Word]:
    """All words of all records of service, by record: a fresh count."""
    for record in ServiceRecord.objects.order_by("pk").iterator():
        yield from words_of_record(record)


def recounted_volunteers(source: str) -> Iterator[Word]:
    """All words of volunteers under this source (joined or left), by volunteer."""
    for volunteer in Volunteer.objects.order_by("pk").iterator():
        yield from (one for one in words_of_volunteer(volunteer) if one.source == source)


def recounted_stays(source: str) -> Iterator[Word]:
    """All words of earlier times under this source (began or ended), by stay."""
    for stay in Stay.objects.order_by("pk").iterator():
        yield from (one for one in words_of_stay(stay) if one.source == source)


def volunteers_of_stays(ids: Iterable[int]) -> dict[int, int]:
    """Key of a stay -> key of the volunteer whose it is."""
    return dict(Stay.objects.filter(pk__in=list(ids)).values_list("pk", "volunteer_id"))

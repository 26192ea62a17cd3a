"""Pictures that may stand in a paper: of sessions held at or below a place, with consent standing now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from huying.activities.models import Photo
from huying.activities.states import SessionState
from huying.kernel import attachments, clock
from huying.kernel.attachments.storage import files
from huying.kernel.models.attachment import Attachment
from huying.places.models import Place

MOST = 40


def with_consent(*, public: bool) -> QuerySet[Photo]:
    """Nobody can be known in it, or all agreed; for the public only what was released to it."""
    rows = Photo.objects.filter(Q(shows_people=False) | ~Q(consent=""))
    return rows.filter(is_public=True) if public else rows


def photos_between(place: Place, since: date, until: date, *, public: bool) -> list[tuple[Photo, Attachment]]:
    """Pictures of sessions held on these days (both included), the newest first, at most 40, each with its file."""
    first = datetime.combine(since, time(), clock.SHANGHAI)
    after = datetime.combine(until + timedelta(days=1), time(), clock.SHANGHAI)
    held = (SessionState.HELD, SessionState.RECORDED)
    rows = with_consent(public=public).filter(
        session__activity__place__path__startswith=place.path,
        session__state__in=held,
        session__starts_at__gte=first,
        session__starts_at__lt=after,
    )
    found = list(rows.select_related("session__activity").order_by("-session__starts_at", "-id")[:MOST])
    kept = attachments.of_many(Photo, [one.pk for one in found])
    return [(one, kept[one.pk][0]) for one in found if kept.get(one.pk)]


def files_still_standing(ids: Iterable[str], *, public: bool) -> dict[str, Attachment]:
    """Public key -> file, of those pictures that are there and whose consent stands now."""
    found = list(with_consent(public=public).filter(public_id__in=list(ids)))
    kept = attachments.of_many(Photo, [one.pk for one in found])
    return {str(one.public_id): kept[one.pk][0] for one in found if kept.get(one.pk)}


def photos_still_standing(ids: Iterable[str], *, public: bool) -> dict[str, bytes]:
    """The same with the pictures themselves (WebP)."""
    return {key: read(file) for key, file in files_still_standing(ids, public=public).items()}


def read(file: Attachment) -> bytes:
    with files().open(file.key) as opened:
        return bytes(opened.read())

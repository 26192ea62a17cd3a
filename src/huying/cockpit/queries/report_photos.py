"""Pictures of a round-up: of activities held in the period, with consent that stands at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from huying.activities import queries as activities
from huying.cockpit.rules.report_saying import day_words
from huying.figures.queries import Period
from huying.kernel import clock
from huying.places.models import Place


def chosen(place: Place, period: Period, most: int, *, public: bool) -> list[dict[str, Any]]:
    """The newest pictures: key, caption and the hash of the bytes, never the bytes."""
    found = activities.photos_between(place, period.since, period.until - timedelta(days=1), public=public)[:most]
    return [
        {
            "id": str(photo.public_id),
            "sha256": bytes(file.sha256).hex(),
            "caption": f"{photo.session.activity.title}（{day_words(clock.local(photo.session.starts_at).date())}）",
        }
        for photo, file in found
    ]


def standing(photos: Iterable[dict[str, Any]], *, public: bool) -> dict[str, bytes]:
    """Key -> the picture itself, of those that may still be shown."""
    return activities.photos_still_standing([one["id"] for one in photos], public=public)


def pictures_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every picture of a document, in order."""
    return [one for block in document["blocks"] if block["kind"] == "photos" for one in block["photos"]]

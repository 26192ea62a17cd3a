"""The helper sets a time, comes, and says what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.answering import came
from huying.calls.actions.clocks import start_clock
from huying.calls.actions.dispatching import own_offer
from huying.calls.actions.moving import move, step
from huying.calls.models import Call
from huying.calls.states import OfferState
from huying.kernel import attachments, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput


class TimePassed(InvalidInput):
    code = "time_passed"
    message = _("约定的时间已经过去，请选一个以后的时间。")


MAX_PHOTOS = 6
Photo: TypeAlias = "UploadedFile[Any] | attachments.Picture"


class TooManyPhotos(InvalidInput):
    code = "too_many_photos"
    message = _("最多上传 {most} 张照片。")


def schedule(*, actor: Actor, call: Call, at: datetime) -> Call:
    """Fix the time of the visit, agreed with the person; may be changed until it starts."""
    with step(actor, call, "schedule", at=at) as fresh:
        if at <= clock.now():
            raise TimePassed(fields={"at": TimePassed.message})
        fresh.scheduled_at = at
        start_clock(fresh)  # a new time for the same stage: the clock runs from it
        move(actor, fresh, "schedule", at=at.isoformat())
        return fresh


def start(*, actor: Actor, call: Call) -> Call:
    """The helper has come."""
    with step(actor, call, "start") as fresh:
        came(own_offer(actor, fresh, OfferState.ACCEPTED))
        move(actor, fresh, "start")
        return fresh


def deliver(*, actor: Actor, call: Call, note: str, photos: Sequence[Photo] = ()) -> Call:
    """Say what was done, with photos as evidence if the person agrees (never compulsory, domain 0.1)."""
    if len(photos) > MAX_PHOTOS:
        raise TooManyPhotos(fields={"photos": TooManyPhotos.message}, most=MAX_PHOTOS)
    with step(actor, call, "deliver", note=note) as fresh:
        for photo in photos:
            attachments.store(actor=actor, upload=photo, subject=fresh, place_path=fresh.place.path)
        move(actor, fresh, "deliver", note=note, photos=len(photos))
        return fresh

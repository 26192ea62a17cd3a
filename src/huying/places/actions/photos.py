"""Photos of a place: public pictures, redrawn by the kernel without their metadata."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import Place

MOST_PHOTOS = 12


def add_photo(*, actor: Actor, place: Place, upload: UploadedFile[Any]) -> attachments.Attachment:
    """Keep one public photo of the place. Forbidden; PictureRefused when it is no picture."""
    if not rules.can_keep(actor, place):
        raise Forbidden
    picture = attachments.redraw(upload)  # takes a while, so before any lock
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_keep(actor, place):
            raise Forbidden
        if attachments.of(place).count() >= MOST_PHOTOS:
            raise InvalidInput(_("照片太多了，最多 {most} 张。"), most=MOST_PHOTOS)
        return attachments.store(actor=actor, upload=picture, subject=place, place_path=place.path, is_public=True)


def remove_photo(*, actor: Actor, place: Place, public_id: UUID) -> None:
    """Take one photo of the place away. Forbidden, NotFound."""
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_keep(actor, place):
            raise Forbidden
        photo = attachments.of(place).filter(public_id=public_id).first()
        if photo is None:
            raise NotFound
        attachments.remove(actor=actor, attachment=photo)

"""Attachments come and go: bytes first, row second, so that a row never points at nothing; the sweep
takes what no row needs.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.attachments import storage
from huying.kernel.attachments.images import Picture, redraw
from huying.kernel.models.attachment import Attachment
from huying.kernel.transactions import begin

log = logging.getLogger("huying.files")
ORPHAN_AFTER = timedelta(days=1)  # longer than any request: its row may not be committed yet


def store(
    *,
    actor: Actor,
    upload: UploadedFile[Any] | Picture,
    subject: models.Model,
    place_path: str = "",
    is_public: bool = False,
) -> Attachment:
    """Keep a picture for ``subject`` (a saved row); PictureRefused when it is none.

    ``upload`` is what the browser sent, or the ``Picture`` that ``redraw`` made of it before the
    transaction began.
    """
    picture = upload if isinstance(upload, Picture) else redraw(upload)
    digest = hashlib.sha256(picture.full.body).digest()
    keys = [key_of(body) for body in (picture.full.body, picture.small.body)]
    with begin(actor):
        for key, body in zip(keys, (picture.full.body, picture.small.body), strict=True):
            share(key)
            storage.put(key, body)
        attachment = Attachment.objects.create(
            name=picture.name,
            content_type="image/webp",
            size=len(picture.full.body),
            width=picture.full.width,
            height=picture.full.height,
            sha256=digest,
            key=keys[0],
            small_key=keys[1],
            place_path=place_path,
            subject_type=subject._meta.label,
            subject_id=subject.pk,
            is_public=is_public,
            uploaded_by_id=actor.person_id,
            created_at=clock.now(),
        )
        audit.record(actor, "file.store", attachment, place_path=place_path, changes={"size": attachment.size})
    return attachment


def of(subject: models.Model) -> QuerySet[Attachment]:
    """The attachments of one row, oldest first."""
    return Attachment.objects.filter(subject_type=subject._meta.label, subject_id=subject.pk).order_by("id")


def of_many(model: type[models.Model], ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The attachments of many rows of one model, by row, in one query."""
    found: dict[int, list[Attachment]] = {}
    for row in Attachment.objects.filter(subject_type=model._meta.label, subject_id__in=list(ids)).order_by("id"):
        found.setdefault(row.subject_id, []).append(row)
    return found


def remove(*, actor: Actor, attachment: Attachment) -> None:
    """Take a picture away, its bytes too as soon as this is committed (if no other row has the same
    picture).
    """
    with begin(actor):
        row = locks.one(Attachment, pk=attachment.pk)
        keys = (row.key, row.small_key)
        audit.record(actor, "file.remove", row, place_path=row.place_path, changes={"size": row.size})
        row.delete()
        transaction.on_commit(lambda: drop_unneeded(keys))


def forget_names(person_id: int) -> int:
    """Take the file names away that this person gave his pictures: they may name somebody; how many."""
    return Attachment.objects.filter(uploaded_by_id=person_id).exclude(name="").update(name="")


def sweep() -> int:
    """Delete files older than a day that no row needs (left by requests that were rolled back); how many."""
    limit = clock.now() - ORPHAN_AFTER
    return drop_unneeded(key for key, written in storage.walk() if written < limit)


def drop_unneeded(keys: Iterable[str]) -> int:
    """Delete those of ``keys`` that no row needs. A key that somebody is just storing again is left alone."""
    gone = 0
    for key in keys:
        with transaction.atomic():
            if alone(key) and not Attachment.objects.filter(Q(key=key) | Q(small_key=key)).exists():
                storage.files().delete(key)
                gone += 1
    if gone:
        log.info("%s files that nothing needs were removed", gone)
    return gone


def key_of(body: bytes) -> str:
    """The storage name of these bytes."""
    name = hashlib.sha256(body).hexdigest()
    return f"{name[:2]}/{name[2:4]}/{name}.webp"


def lock_number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"huying.file.{key}".encode()).digest()[:8], signed=True)


def share(key: str) -> None:
    """Until this transaction ends, nobody deletes the file ``key``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_number(key)])


def alone(key: str) -> bool:
    """True when nobody is storing the file ``key``; then nobody can until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(key)])
        return bool(cursor.fetchone()[0])

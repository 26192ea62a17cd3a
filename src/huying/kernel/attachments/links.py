"""Short signed links to attachments: for one person (or for all, if the picture is public), for some
minutes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, signing
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.models.attachment import Attachment

PAYLOAD = struct.Struct("!BQQ")  # flags, end in seconds since 1970, person (0: anybody)
SMALL, DOWNLOAD = 1, 2
STEP = 300  # ends are rounded up, so that a page shown again finds its pictures in the browser's cache
MINUTES = timedelta(minutes=10)


class LinkExpired(DomainError):
    code = "link_expired"
    status = 410
    message = _("这个链接已经过期，请回到原来的页面再打开一次。")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows."""

    small: bool
    download: bool
    seconds_left: int


def url(
    attachment: Attachment,
    actor: Actor,
    *,
    small: bool = False,
    download: bool = False,
    lasts: timedelta = MINUTES,
) -> str:
    """A link that works for this actor only. The caller has made sure that the actor may see the subject.

    Public pictures get a link for everybody. An anonymous actor gets none for a private one: Forbidden.
    """
    audience = 0 if attachment.is_public else actor.person_id or 0
    if not audience and not attachment.is_public:
        raise Forbidden
    end = -(-int((clock.now() + lasts).timestamp()) // STEP) * STEP
    payload = PAYLOAD.pack(small * SMALL + download * DOWNLOAD, end, audience)
    token = signing.sign(payload, purpose(attachment.public_id))
    return reverse("file", args=[attachment.public_id, token])


def check(public_id: UUID, token: str, actor: Actor) -> Grant:
    """What the token allows this actor now: NotFound for a forged one, LinkExpired, Forbidden for another
    person's.
    """
    try:
        flags, end, audience = PAYLOAD.unpack(signing.unsign(token, purpose(public_id)))
    except (signing.BadSignature, struct.error):
        raise NotFound from None
    left = end - int(clock.now().timestamp())
    if left <= 0:
        raise LinkExpired
    if audience and audience != actor.person_id:
        raise Forbidden
    return Grant(bool(flags & SMALL), bool(flags & DOWNLOAD), left)


def purpose(public_id: UUID) -> str:
    return f"file:{public_id.hex}"

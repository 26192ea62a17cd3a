"""The one door through which stored files leave."""

from __future__ import annotations

import logging
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from huying.kernel.actor import ANONYMOUS
from huying.kernel.attachments import links, storage
from huying.kernel.errors import NotFound
from huying.kernel.models.attachment import Attachment

log = logging.getLogger("huying.files")


@require_safe
def serve(request: HttpRequest, public_id: UUID, token: str) -> HttpResponseBase:
    """The picture of a signed link: 404 forged or gone, 410 over, 403 another person's; never run or
    guessed at by browsers.
    """
    grant = links.check(public_id, token, getattr(request, "actor", ANONYMOUS))
    row = Attachment.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    tag = f'"{bytes(row.sha256).hex()[:32]}{"-s" if grant.small else ""}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        try:
            file = storage.files().open(row.small_key if grant.small else row.key)
        except FileNotFoundError:
            log.exception("the file of attachment %s is missing", row.pk)
            raise NotFound from None
        response = FileResponse(file, as_attachment=grant.download, filename=row.name, content_type=row.content_type)
    response.headers["ETag"] = tag
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = f"private, max-age={grant.seconds_left}, immutable"
    return response

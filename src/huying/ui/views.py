"""Pages of the design system itself: modes of reading, style page, web app manifest, service worker, offline page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from huying.ui import modes, pwa
from huying.ui.gallery import groups

LONGEST_WAY = 2000  # more is refused by what sends people on


@require_POST
def mode(request: HttpRequest) -> HttpResponseBase:
    """Remember a mode of reading and go back to the page it was asked on. Unknown values change nothing."""
    wanted = request.POST
    target = wanted.get("next", "/")
    if not (target.startswith("/") and len(target) <= LONGEST_WAY and url_has_allowed_host_and_scheme(target, None)):
        target = "/"
    response = HttpResponseRedirect(target, status=303)
    language = wanted.get("language", "")
    modes.remember(
        response,
        print=wanted.get("print", "") if wanted.get("print", "") in modes.PRINTS else "",
        contrast=wanted.get("contrast", "") if wanted.get("contrast", "") in modes.CONTRASTS else "",
        language=language if language in dict(settings.LANGUAGES) else "",
    )
    return response


# A mode is a cookie: repeating the request is harmless, and it must work while the database is away.
mode.idempotency_exempt = True  # type: ignore[attr-defined]


@require_GET
@cache_control(public=True, max_age=300)
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker keeps for the time without network."""
    return render(request, "ui/offline.html", {"pages": [reverse(name) for name in settings.HUYING_OFFLINE_PAGES]})


@require_GET
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest."""
    return JsonResponse(pwa.web_manifest(), content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker; allowed to look after the whole site from wherever it is served."""
    headers = {"Service-Worker-Allowed": "/"}
    return HttpResponse(pwa.worker(), content_type="text/javascript; charset=utf-8", headers=headers)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """The living style page: every registered component with its arguments, in the modes of the reader."""
    facts: dict[str, Any] = {"groups": groups(request)}
    return render(request, "ui/gallery.html", facts)

"""The request as views know it: with its actor and what htmx said."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from huying.kernel.actor import Actor
from huying.kernel.errors import SignInNeeded

LONGEST_WAY = 2000  # more is refused by what sends people on


class Request(HttpRequest):
    """Only a name for type checking: ``ActorMiddleware`` and ``HtmxMiddleware`` put these on every request."""

    actor: Actor
    htmx: HtmxDetails


def signed_in(request: Request) -> Actor:
    """The person who acts; SignInNeeded when nobody is signed in, which leads to the door and back to this page."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    return request.actor


def way_back(request: HttpRequest, default: str) -> str:
    """The address asked for as ``next`` if it is a path of this site, else ``default``.

    A word without its slash is no address, and neither is what browsers read as another host: ``//`` and ``/\\``.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or default
    ours = url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/") and len(wanted) <= LONGEST_WAY
    return wanted if ours else default

"""The request as views know it: with its actor and what htmx said."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from huying.kernel.actor import Actor
from huying.kernel.errors import SignInNeeded


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
    """The address asked for as ``next`` if it lies on this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or default
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else default

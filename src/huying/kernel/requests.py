"""The request as views know it: with its actor and what htmx said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import SignInNeeded
from huying.kernel.idempotency import Ticket

LONGEST_WAY = 2000  # more is refused by what sends people on
FRESH = "fresh"  # where a session keeps when its holder last showed who he is
FRESH_FOR = timedelta(minutes=10)
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class Request(HttpRequest):
    """Only a name for type checking: ``ActorMiddleware`` and ``HtmxMiddleware`` put these on every request, and
    ``IdempotencyMiddleware`` its key on a write of a view that takes the key by itself.
    """

    actor: Actor
    htmx: HtmxDetails
    ticket: Ticket


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


def is_fresh(request: HttpRequest) -> bool:
    """True when the password or code was given within the last ten minutes (half an hour while a form is open)."""
    grace = FRESH_FOR if request.method in {"GET", "HEAD"} else 3 * FRESH_FOR
    asked_at = float(request.session.get(FRESH, 0))
    return clock.now().timestamp() - asked_at <= grace.total_seconds()


def fresh(view: V) -> V:
    """A sensitive page or file: who signed in longer ago shows once more that it is him (security 5 no. 18)."""

    @wraps(view)
    def ask(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        signed_in(request)
        if is_fresh(request):
            return view(request, *args, **kwargs)
        where = request.path if request.method == "POST" else request.get_full_path()
        return HttpResponseRedirect(f"{settings.HUYING_CONFIRM_URL}?{urlencode({'next': where})}", status=303)

    return cast(V, ask)

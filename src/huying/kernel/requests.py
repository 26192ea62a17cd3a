"""The request as views know it: with its actor and what htmx said."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from huying.kernel.actor import Actor


class Request(HttpRequest):
    """Only a name for type checking: ``ActorMiddleware`` and ``HtmxMiddleware`` put these on every request."""

    actor: Actor
    htmx: HtmxDetails

"""Gives every request its actor: who is signed in, with the roles that hold now, loaded once."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from huying.kernel.actor import ANONYMOUS, Actor
from huying.people import queries
from huying.people.views import session


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self.actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def actor(self, request: HttpRequest) -> Actor:
        address = request.META.get("REMOTE_ADDR", "")
        channel = "api" if request.path.startswith("/api/") else "web"
        if not request.user.is_authenticated:
            return Actor(person_id=ANONYMOUS.person_id, channel=channel, address=address)
        return queries.actor_for(
            request.user,
            channel=channel,
            address=address,
            acting_for_id=request.session.get("acting_for"),
        )


class IdleMiddleware:
    """Ends the session of staff who left the desk (security page, threat 18); stands behind ActorMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            session.keep_alive(request)
        return self.get_response(request)

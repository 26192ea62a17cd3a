"""The server's side of the offline outbox: answers that a script can tell apart.

A form page answers a write with 303 (taken), 302 to the sign-in page (nobody signed in) or an error page. Fetch
hides redirects from scripts: a request that says ``X-Huying-Outbox: 1`` gets 201 {location} or 401 {sign_in} instead.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

HEADER = "X-Huying-Outbox"


class OutboxMiddleware:
    """Outermost but for static files and headers: it only re-words redirects."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or request.headers.get(HEADER) != "1":
            return response
        location = response.headers.get("Location", "")
        if response.status_code == 303:
            return self._plain({"location": location}, 201, response)
        if response.status_code == 302:
            return self._plain({"sign_in": location}, 401, response)
        return response

    def _plain(self, facts: dict[str, str], status: int, original: HttpResponse) -> HttpResponse:
        answer = JsonResponse(facts, status=status)
        answer.cookies = original.cookies
        return answer

"""Mounts the rooms' endpoints under /api/v1/ and turns input errors into the product's one shape of error."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyCookie

from huying.activities.api import router as activities
from huying.calls.api import hotline, offers, raising
from huying.calls.api import router as calls
from huying.cockpit.api import router as papers
from huying.figures.api import router as figures
from huying.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, SignInNeeded, Unreadable, answer
from huying.packs.api import router as packs
from huying.people.api import router as people
from huying.places.api import router as places
from huying.points.api import router as points

INPUT_ERRORS = {"body", "query", "path", "form", "header", "payload"}


class SignedIn(APIKeyCookie):
    """The same session as the pages; writes carry its CSRF token (X-CSRFToken) and an Idempotency-Key."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:
        """True for somebody signed in; SignInNeeded for others."""
        if request.actor.is_anonymous:  # type: ignore[attr-defined]
            raise SignInNeeded
        return True


class Described(NinjaAPI):
    """Its description is made once a process for each language: to make it takes most of a second."""

    @lru_cache(maxsize=8)  # noqa: B019 - there is one interface, and it lives as long as the process
    def _described(self, prefix: str, language: str | None) -> OpenAPISchema:
        return super().get_openapi_schema(path_prefix=prefix)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description in the language of the reader; not to be changed, for others get the same."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return self._described(prefix, get_language())


api = Described(title="呼应 Huying", version="1", auth=SignedIn(), urls_namespace="api", docs_url=None)
api.add_router("/calls/hotline", hotline)
api.add_router("/calls", offers)
api.add_router("/calls", raising)
api.add_router("/calls", calls)
api.add_router("/activities", activities)
api.add_router("/places", places)
api.add_router("/figures", figures)
api.add_router("/papers", papers)
api.add_router("/packs", packs)
api.add_router("/people", people)
api.add_router("/points", points)


@api.exception_handler(ValidationError)
def input_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name every field that is wrong by its path in the body."""
    fields: dict[str, Any] = {}
    for one in error.errors:
        path = [str(part) for part in one["loc"] if part not in INPUT_ERRORS]
        fields[".".join(path) or "body"] = str(one["msg"])
    return answer(request, InvalidInput(fields=fields))


@api.exception_handler(DomainError)
def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A rule said no."""
    return answer(request, error)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """No such thing, or none the caller may know of."""
    return answer(request, NotFound())


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON, or a missing CSRF token."""
    return answer(request, Forbidden() if error.status_code == 403 else Unreadable())

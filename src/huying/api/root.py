"""Mounts the rooms' endpoints under /api/v1/ and turns input errors into the product's one shape of error."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from huying.calls.api import router as calls
from huying.kernel.errors import DomainError, InvalidInput, SignInNeeded, answer
from huying.kernel.requests import Request
from huying.places.api import router as places


def signed_in(request: Request) -> bool:
    """The same session as the pages; writes carry its CSRF token and an Idempotency-Key."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    return True


api = NinjaAPI(title="呼应 Huying", version="1", auth=signed_in, urls_namespace="api", docs_url=None)
api.add_router("/calls", calls)
api.add_router("/places", places)


@api.exception_handler(ValidationError)
def input_error(request: Request, error: ValidationError) -> HttpResponse:
    """Name every field that is wrong, as the last part of its path."""
    fields: dict[str, Any] = {}
    for one in error.errors:
        path = [str(part) for part in one["loc"] if part not in {"body", "query", "path", "payload"}]
        fields[".".join(path) or "body"] = one["msg"]
    return answer(request, InvalidInput(fields=fields))


class Unreadable(DomainError):
    code = "bad_request"
    status = 400
    message = _("请求的格式不对。")


@api.exception_handler(HttpError)
def http_error(request: Request, error: HttpError) -> HttpResponse:
    refusal = Unreadable(str(error))
    refusal.status = error.status_code
    return answer(request, refusal)

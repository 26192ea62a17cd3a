"""Addresses that exist in tests only: each writes one mark, then answers or fails in its own way."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from huying.kernel import errors, idempotency, jobs
from huying.kernel.models import JobEffect

# What a test may put in the middle of a write: waits at a barrier, for example.
in_the_middle: list[Any] = []


class SeatsGone(errors.Conflict):
    code = "seats_gone"
    message = "只剩{left}个名额。"


def mark(request: HttpRequest) -> str:
    what = request.POST.get("what", "x")
    count = JobEffect.objects.filter(key__startswith=f"{what}-").count()
    jobs.effect(f"{what}-{count + 1}")
    for wait in in_the_middle:
        wait()
    return f"{what}-{count + 1}"


def write(request: HttpRequest) -> HttpResponse:
    made = mark(request)
    response = HttpResponseRedirect(f"/there/{made}/")
    response.status_code = 303
    return response


def write_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"made": mark(request), "sent": request.body.decode()}, status=201)


def upload(request: HttpRequest) -> HttpResponse:
    seen = b"".join(request.FILES["photo"].chunks())
    return JsonResponse({"made": mark(request), "bytes": len(seen)}, status=201)


def refuse(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"made": mark(request)}, status=422)


def raise_fact(request: HttpRequest) -> HttpResponse:
    mark(request)
    raise SeatsGone(left=2, fields={"seat": "已满"})


def raise_bug(request: HttpRequest) -> HttpResponse:
    mark(request)
    raise ValueError("a bug")


def large(request: HttpRequest) -> HttpResponse:
    return HttpResponse(mark(request) + "字" * idempotency.BODY_KEPT)


@idempotency.exempt
def free(request: HttpRequest) -> HttpResponse:
    return HttpResponse(mark(request))


RAISED: dict[str, Any] = {
    "fact": lambda: SeatsGone(left=1),
    "invalid": lambda: errors.InvalidInput(fields={"name": "请填写姓名"}),
    "missing": lambda: errors.NotFound(),
    "http404": lambda: Http404("secret detail"),
    "denied": lambda: PermissionDenied("secret detail"),
    "forbidden": lambda: errors.Forbidden(),
    "sign-in": lambda: errors.SignInNeeded(),
    "too-many": lambda: errors.TooMany(retry_after=90),
    "busy": lambda: OperationalError("canceling statement due to lock timeout: secret detail"),
    "too-big": lambda: RequestDataTooBig("secret detail"),
    "bug": lambda: ValueError("secret detail"),
}


def failing(request: HttpRequest, name: str) -> HttpResponse:
    raise RAISED[name]()


def sleepy(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse()


@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("write/", write),
    path("json/", write_json),
    path("upload/", upload),
    path("refuse/", refuse),
    path("raise-fact/", raise_fact),
    path("raise-bug/", raise_bug),
    path("large/", large),
    path("free/", free),
    path("failing/<str:name>/", failing),
    path("api/failing/<str:name>/", failing),
    path("sleepy/", sleepy),
    path("only-post/", only_post),
    path("api/only-post/", only_post),
    path("ui/", include("huying.ui.urls")),  # the error pages link there
]
handler400 = errors.handler400
handler403 = errors.handler403
handler404 = errors.handler404
handler500 = errors.handler500

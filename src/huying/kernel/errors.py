"""Expected failures are facts with names; here, in one place, they become pages, fragments and JSON."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("huying.errors")
Text = str | Promise


class DomainError(Exception):
    """A rule said no. ``code`` is stable for programs, ``message`` is for people, ``fields`` names what to mend."""

    code = "refused"
    status = 422
    message: Text = _("这一步现在不能做。")

    def __init__(self, message: Text | None = None, *, fields: Mapping[str, Text] | None = None, **facts: Any):
        self.facts = facts
        self.fields: Mapping[str, Text] = fields or {}
        if message is not None:
            self.message = message
        super().__init__(self.code)

    def __str__(self) -> str:
        text = str(self.message)
        return text.format(**self.facts) if self.facts else text


class InvalidInput(DomainError):
    code = "invalid_input"
    message = _("有几处需要改一改。")


class Unstorable(InvalidInput):
    code = "unstorable"
    message = _("填写的内容太长，或含有无法保存的字符，请修改后再试。")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    message = _("没有找到您要的内容。")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    message = _("您没有做这一步的权限。")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    message = _("这条内容刚刚有变化，请刷新后再试。")


class TooMany(DomainError):
    code = "too_many"
    status = 429
    message = _("操作太频繁，请稍后再试。")


class SignInNeeded(DomainError):
    code = "sign_in_needed"
    status = 401
    message = _("请先登录。")


class NotAllowed(DomainError):
    code = "method_not_allowed"
    status = 405
    message = _("不能这样操作")


class Unreadable(DomainError):
    code = "bad_request"
    status = 400
    message = _("这个请求看不懂")


class Broken(DomainError):
    code = "internal_error"
    status = 500
    message = _("我们已经记下这个问题。您可以稍后再试，急事请打电话。")


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    message = _("提交的内容太大，没有保存。请缩短文字或换小一些的文件再试。")


class Busy(DomainError):
    code = "busy"
    status = 503
    message = _("系统正忙，您填的内容没有丢，请过几秒再试。")


TITLES: dict[int, Text] = {
    400: _("这个请求看不懂"),
    401: _("请先登录"),
    403: _("没有权限"),
    404: _("没有找到"),
    405: _("不能这样操作"),
    409: _("内容有变化"),
    410: _("已经失效"),
    413: _("文件太大"),
    422: _("请检查填写的内容"),
    429: _("请稍等一会儿"),
    500: _("出错了"),
    503: _("系统正忙"),
}
BODIES: dict[int, Text] = {
    400: _("请返回上一页，刷新后再试一次。"),
    403: _("如果您认为应当可以，请联系本单位管理员。"),
    404: _("网址可能写错了，或者内容已经移走。"),
    405: _("请从页面上的按钮进入。"),
    413: _("请换一个小一些的文件。"),
    500: _("我们已经记下这个问题。您可以稍后再试，急事请打电话。"),
    503: _("请过几秒再试，急事请打电话。"),
}


def wants_json(request: HttpRequest) -> bool:
    """True for the REST interface and for scripts that ask for JSON first."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json")


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """One error as JSON ``{"error": {code, message, fields}}``, as an htmx fragment or as a page."""
    if wants_json(request):
        body = {
            "code": error.code,
            "message": str(error),
            "fields": {k: str(v) for k, v in error.fields.items()},
        }
        response: HttpResponse = JsonResponse({"error": body}, status=error.status)
    else:
        response = page(request, error.status, str(error))
    if error.status in {429, 503}:
        response.headers["Retry-After"] = str(error.facts.get("retry_after", 5))
    return response


def page(request: HttpRequest, status: int, body: str = "") -> HttpResponse:
    """An error page in the product's own look; needs no database."""
    context = {
        "status": status,
        "title": TITLES.get(status, TITLES[500]),
        "body": body or BODIES.get(status, ""),
        "request": request,
    }
    template = "ui/error_fragment.html" if getattr(request, "htmx", False) else "ui/error.html"
    return HttpResponse(render_to_string(template, context), status=status)


class ErrorMiddleware:
    """Turns named errors, and a database that is busy or away, into answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and (wants_json(request) or not getattr(response, "content", b"")):
            told = answer(request, NotAllowed()) if wants_json(request) else page(request, 405)
            told.headers["Allow"] = response.headers.get("Allow", "")
            return told
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        known = expected(request, exception)
        if known is not None:
            return known
        if wants_json(request) and isinstance(exception, Http404):
            return answer(request, NotFound())
        if wants_json(request) and isinstance(exception, PermissionDenied):
            return answer(request, Forbidden())
        return None


def expected(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """The answer to a named error or to a database that is busy or away; None for everything else."""
    if isinstance(exception, SignInNeeded) and not wants_json(request):
        return sign_in(request)
    if isinstance(exception, DomainError):
        return answer(request, exception)
    if isinstance(exception, OperationalError):
        log.error("database away or busy: %s", exception)
        return answer(request, Busy())
    if isinstance(exception, DataError | UnicodeEncodeError):  # NUL, halves of characters, more than a column holds
        log.warning("input that cannot be stored: %s", exception)
        return answer(request, Unstorable())
    return None


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send the visitor to sign in, and back to this page afterwards."""
    from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 - pulls in forms and models

    where = request.get_full_path() if request.method == "GET" else "/"
    response: HttpResponse = redirect_to_login(where)
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
    return response


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be read; one that is too large says so."""
    if isinstance(exception, RequestDataTooBig):
        return answer(request, TooLarge())
    return answer(request, Unreadable()) if wants_json(request) else page(request, 400)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, Forbidden()) if wants_json(request) else page(request, 403)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, NotFound()) if wants_json(request) else page(request, 404)


def handler500(request: HttpRequest) -> HttpResponse:
    """Called while the exception is handled; a middleware may have met a busy database or raised a named error."""
    known = expected(request, sys.exc_info()[1])
    if known is not None:
        return known
    return answer(request, Broken()) if wants_json(request) else page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or a browser without cookies: say so, do not blame."""
    return answer(request, Forbidden(_("页面打开太久，或浏览器不接受 Cookie。请返回刷新后再提交。")))

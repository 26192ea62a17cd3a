"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): services, requests and tokens, in XML and JSON.

Programs show a key and bring calls in; everybody may read what the keepers of the menu opened. Other programs know no
Idempotency-Key: without one, the same report again within a day is the same report.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from huying.calls import actions, queries
from huying.calls.actions import doors
from huying.calls.forms.open311 import ReportForm, Unclear, attributes_of, kind_asked, search_in
from huying.calls.models import Call, DoorKey
from huying.calls.queries.open311 import Shown
from huying.calls.states import Channel, told
from huying.calls.views import wire as writing
from huying.kernel import clock, idempotency
from huying.kernel.errors import Busy, DomainError, Unstorable
from huying.kernel.requests import Request
from huying.ui.naming import named

SPEC = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-22 00:00"
"""When what stands in the discovery document was changed last."""
RETRY = {429, 503}
View = Callable[..., HttpResponse]


def spoken(*methods: str) -> Callable[[View], View]:
    """A view of this interface: no session, no key of the page, and every refusal in the standard's own shape."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(request: Request, *args: Any, **given: Any) -> HttpResponse:
            form = given["wire"]
            if form not in writing.TYPES:
                return refusal("xml", [(404, _("只有 .xml 和 .json 两种格式。"))])
            if request.method not in methods and request.method != "HEAD":
                told = refusal(form, [(405, _("不能这样操作"))])
                told.headers["Allow"] = ", ".join(methods)
                return told
            try:
                jurisdiction(request)
                return view(request, *args, **given)
            except Unclear as unclear:
                return refusal(form, unclear.troubles)
            except OperationalError:
                return told_of(form, Busy())
            except (DataError, UnicodeEncodeError):
                return told_of(form, Unstorable())
            except DomainError as problem:
                return told_of(form, problem)

        return csrf_exempt(idempotency.exempt(answer))

    return wrap


def told_of(form: str, problem: DomainError) -> HttpResponse:
    """A refusal of a rule: what is wrong with each field, or one sentence."""
    said = [f"{name}: {text}" for name, text in problem.fields.items()] or [str(problem)]
    told = refusal(form, [(problem.status, one) for one in said])
    if problem.status in RETRY:
        told.headers["Retry-After"] = str(problem.facts.get("retry_after", 5))
    return told


def refusal(form: str, troubles: list[tuple[int, str]]) -> HttpResponse:
    """What is wrong, each fault with its code; the status is that of the first."""
    errors = [{"code": code, "description": said} for code, said in troubles]
    return writing.written(form, "errors", errors, status=troubles[0][0])


def jurisdiction(request: Request) -> None:
    """The jurisdiction that was asked for is this one, or none was; Unclear (404)."""
    asked = (request.POST if request.method == "POST" else request.GET).get("jurisdiction_id", "")
    ours = settings.HUYING_OPEN311_JURISDICTION
    if asked and ours and asked != ours:
        raise Unclear((404, _("没有这个 jurisdiction_id：%(asked)s") % {"asked": asked[:100]}))


@spoken("GET")
def discovery(request: Request, wire: str) -> HttpResponse:
    """Where this interface is, in which forms, and whom to ask for a key."""
    base = request.build_absolute_uri(reverse("calls:open311_services", args=["xml"])).removesuffix("/services.xml")
    endpoint = {
        "specification": SPEC,
        "url": base,
        "changeset": CHANGED,
        "type": "test" if settings.DEMO else "production",
        "formats": ["text/xml", "application/json"],
    }
    found = {
        "changeset": CHANGED,
        "contact": settings.HUYING_PHONE or _("请联系本地文明实践中心。"),
        "key_service": _("钥匙由文明实践中心的调度员发给，请联系本地文明实践中心。"),
        "endpoints": [endpoint],
    }
    return open_to_all(writing.written(wire, "discovery", found))


@spoken("GET")
def services(request: Request, wire: str) -> HttpResponse:
    """The service menu."""
    found = [
        {
            "service_code": one.code,
            "service_name": named(one),
            "description": named(one, "summary"),
            "metadata": bool(one.questions),
            "type": "realtime",
            "keywords": "",
            "group": "",
        }
        for one in queries.menu(request.actor)
    ]
    return open_to_all(writing.written(wire, "services", found))


@spoken("GET")
def service(request: Request, code: str, wire: str) -> HttpResponse:
    """What one kind asks: its questions as attributes."""
    kind = kind_asked(code)
    found = {"service_code": kind.code, "attributes": attributes_of(kind)}
    return open_to_all(writing.written(wire, "service_definition", found))


@spoken("GET", "POST")
def requests(request: Request, wire: str) -> HttpResponse:
    """GET: what was asked, and how far it is. POST: a new report."""
    if request.method == "POST":
        return report(request, wire)
    door = reader(request)
    found = queries.requests(door, search_in(request.GET))
    return kept_for(door, writing.written(wire, "service_requests", [as_request(one) for one in found]))


@spoken("GET")
def one_request(request: Request, number: str, wire: str) -> HttpResponse:
    """One request by its number."""
    door = reader(request)
    found = queries.request(door, number[:24])
    return kept_for(door, writing.written(wire, "service_requests", [as_request(found)]))


@spoken("GET")
def token(request: Request, token: str, wire: str) -> HttpResponse:
    """The number behind a token. Numbers are given at once here, so only a call's own id serves as one."""
    number = queries.number_of(reader(request), token)
    found = [{"service_request_id": number, "token": token}]
    return writing.written(wire, "service_requests", found)


def as_request(one: Shown) -> dict[str, Any]:
    """A call as anybody may read it; the description stays empty whoever asks."""
    call, at = one.call, one.at
    home = call.kind.visit
    return {
        "service_request_id": call.number,
        "status": "closed" if call.ended_at else "open",
        "status_notes": str(told(call.state).label),
        "service_name": named(call.kind),
        "service_code": call.kind.code,
        "description": None,
        "agency_responsible": named(at),
        "service_notice": None,
        "requested_datetime": call.submitted_at,
        "updated_datetime": one.updated,
        "expected_datetime": None if home else call.scheduled_at,
        "address": named(at),
        "address_id": str(at.public_id),
        "zipcode": None,
        "lat": None if home else at.lat,
        "long": None if home else at.lon,
        "media_url": None,
    }


# ── bringing in ─────────────────────────────────────────────────────────────
def report(request: Request, wire: str) -> HttpResponse:
    """A new report becomes a call; said again it gets the same answer."""
    door = doors.open_door(text=key_needed(request, request.POST), address=request.actor.address)
    form = ReportForm(request.POST, kind=kind_asked(request.POST.get("service_code", "")), door=door)
    if not form.is_valid():
        raise Unclear(*form.troubles())
    actor = doors.enter(key=door, channel=Channel.OPEN311, address=request.actor.address)
    ticket = ticket_of(request, door)

    def write(_request: HttpRequest) -> HttpResponse:
        call = actions.bring_in(actor=actor, what=form.ask(), name=form.name(), phone=form.cleaned_data["phone"])
        made = {"service_request_id": call.number, "service_notice": notice(call), "account_id": None}
        return writing.written(wire, "service_requests", [made], status=201)

    return idempotency.IdempotencyMiddleware(write).once(request, ticket)


def notice(call: Call) -> str:
    """What happens next; with the numbers to ring first where it is urgent or the words sound of danger."""
    numbers = queries.emergency_numbers(call.kind, urgent=call.urgent, words=f"{call.title} {call.details}")
    said = _("已收到，由%(place)s受理。") % {"place": named(call.place)}
    if numbers:
        said += _("有危险请先打：%(numbers)s。") % {"numbers": _("、").join(one.value for one in numbers)}
    return said


def ticket_of(request: Request, door: DoorKey) -> idempotency.Ticket:
    """The key of this write: the one that was sent, else one made of the report, which holds for a day."""
    scope, digest = f"door:{door.pk}", idempotency.digest_of(request)
    if "Idempotency-Key" in request.headers or idempotency.FIELD in request.POST:
        return idempotency.Ticket(scope, idempotency.key_of(request), digest)
    today = clock.today()
    keys = [f"same-{day:%Y%m%d}-{digest.hex()[:60]}" for day in (today - timedelta(days=1), today)]
    repeats = idempotency.was_kept(scope, keys[0], clock.now() - timedelta(days=1))
    return idempotency.Ticket(scope, keys[0 if repeats else 1], digest)


# ── keys ────────────────────────────────────────────────────────────────────
def reader(request: Request) -> DoorKey | None:
    """The key a reader shows; none is needed, a wrong one and one whose holder is on duty no longer are refused."""
    text, address = key_shown(request, request.GET), request.actor.address
    if not text:
        doors.look_in(address=address)
        return None
    door = doors.open_door(text=text, address=address)
    doors.held(key=door, channel=Channel.OPEN311, address=address)
    return door


def key_needed(request: Request, data: QueryDict) -> str:
    text = key_shown(request, data)
    if not text:
        raise Unclear((403, _("没有给出 api_key。")))
    return text


def key_shown(request: Request, data: QueryDict) -> str:
    """In the header X-Api-Key, which is not kept in logs as addresses are, or as ``api_key``."""
    return request.headers.get(idempotency.PROGRAM, "") or data.get("api_key", "") or request.GET.get("api_key", "")


def open_to_all(response: HttpResponse) -> HttpResponse:
    """Pages of other sites may read it, and it may be kept for a minute."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def kept_for(door: DoorKey | None, response: HttpResponse) -> HttpResponse:
    """What a key shows is for its program alone."""
    if door is None:
        return open_to_all(response)
    response.headers["Cache-Control"] = "private, no-store"
    return response

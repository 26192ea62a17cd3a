"""Pages of service: my hours, one record with its steps, what waits for a word, and the list with its file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import exports, paging
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui.naming import named
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.service import QueueForm, RecordsForm, StepForm, YearForm
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import TOLD, TRANSITIONS
from huying.volunteers.views.joining import BOTH, PAGE, go, show
from huying.volunteers.views.qr import square

NEWEST = ("-starts_at", "-id")
MINE = (
    exports.Column[ServiceRecord](gettext_lazy("活动名称"), "title"),
    exports.Column[ServiceRecord](gettext_lazy("开始"), "starts_at"),
    exports.Column[ServiceRecord](gettext_lazy("结束"), "ends_at"),
    exports.Column[ServiceRecord](gettext_lazy("地点"), lambda row: named(row.place), "place"),
    exports.Column[ServiceRecord](gettext_lazy("服务内容"), "content"),
    exports.Column[ServiceRecord](gettext_lazy("服务时长（分钟）"), "minutes"),
    exports.Column[ServiceRecord](gettext_lazy("活动组织单位"), "host"),
    exports.Column[ServiceRecord](gettext_lazy("活动负责人"), "in_charge"),
    exports.Column[ServiceRecord](gettext_lazy("证明方式"), "get_evidence_display", "evidence"),
    exports.Column[ServiceRecord](gettext_lazy("状态"), "get_state_display", "state"),
)
KEPT = (
    exports.Column[ServiceRecord](gettext_lazy("志愿者"), "person.name", "volunteer"),
    *MINE,
    exports.Column[ServiceRecord](gettext_lazy("登记人"), "entered_by.name", "entered_by"),
    exports.Column[ServiceRecord](gettext_lazy("登记时间"), "recorded_at"),
    exports.Column[ServiceRecord](gettext_lazy("超期登记"), "is_late"),
)


def called(value: exports.Column[ServiceRecord]) -> exports.Column[ServiceRecord]:
    """Columns that are methods of the row (``get_…_display``) give their answer."""
    getter = value.getter()
    return exports.Column(value.heading, lambda row: got() if callable(got := getter(row)) else got, value.called())


@require_safe
@never_cache
def mine(request: Request) -> HttpResponse:
    """My service: the hours that stand in the ledger, by year, and the records behind each number."""
    actor = signed_in(request)
    year = asked_year(request)
    page = paging.page(queries.my_records(actor, year), NEWEST, request.GET.get("cursor"), PAGE)
    return show(
        request,
        "service/mine",
        minutes=queries.minutes_of(actor.person_id),
        years=[
            (one, f"{reverse('volunteers:my_service')}?year={one.year}") for one in queries.years_of(actor.person_id)
        ],
        year=year,
        page=page,
        volunteer=queries.profile_of(actor),
        files=exports.addresses("volunteers:my_service_file"),
    )


def asked_year(request: Request) -> int | None:
    form = YearForm(request.GET)
    return form.cleaned_data["year"] if form.is_valid() else None


@require_safe
@never_cache
def my_file(request: Request, kind: str) -> HttpResponseBase:
    """My records to take along."""
    actor = signed_in(request)
    rows = queries.my_records(actor, asked_year(request)).order_by("-starts_at", "-id")
    columns = [called(column) for column in MINE]
    return exports.respond(actor=actor, name=_("我的服务记录"), kind=exports.kind_of(kind), columns=columns, rows=rows)


@require_safe
@never_cache
def record(request: Request, public_id: UUID) -> HttpResponse:
    """One record: what was done, how it is proven, everything that happened to it, and what I may do."""
    return recorded(request, queries.record_story(signed_in(request), public_id), {}, 200)


def recorded(request: Request, story: queries.RecordStory, refused: dict[str, str], status: int) -> HttpResponse:
    """The page of a record; ``refused``: verb to what was wrong with it just now."""
    steps = [
        {"verb": verb, "step": TRANSITIONS[verb], "form": StepForm.for_step(verb, story_values(story))}
        for verb in story.verbs
    ]
    history = [
        {
            "title": TOLD[event.verb],
            "at": event.at,
            "who": event.by.name if event.by else "",
            "body": event.reason,
            "tone": "pine",
        }
        for event in story.events
    ]
    refusal = next(iter(refused.values()), "")
    check = request.build_absolute_uri(reverse("ledger:receipt", args=[story.receipt])) if story.receipt else ""
    return show(
        request,
        "service/record",
        status,
        desk=not story.mine,
        check=check,
        picture=square(check, scale=4) if check else "",
        story=story,
        record=story.record,
        steps=steps,
        history=history,
        refusal=refusal,
    )


def story_values(story: queries.RecordStory) -> dict[str, Any]:
    return {"minutes": story.record.minutes, "starts_at": story.record.starts_at, "ends_at": story.record.ends_at}


@require_POST
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Take one step with a record, or (``object``) say as its volunteer that it is wrong."""
    actor = signed_in(request)
    story = queries.record_story(actor, public_id)
    form = StepForm(request.POST)
    if not form.is_valid():
        return recorded(
            request, story, {verb: " ".join(str(one) for rows in form.errors.values() for one in rows)}, 422
        )
    try:
        taken(request, story.record, verb, form)
    except (InvalidInput, actions.LongDay, actions.ServiceOverlaps) as error:
        return recorded(request, story, {verb: str(error)}, error.status)
    messages.success(request, _("已办好。"))
    return go("volunteers:record", public_id)


def taken(request: Request, record: ServiceRecord, verb: str, form: StepForm) -> None:
    """Call the action of this verb."""
    given = form.cleaned_data
    actor, reason = request.actor, given["reason"]
    if verb == "object":
        actions.object_to(actor=actor, record=record, words=reason)
    elif verb == "resubmit":
        actions.resubmit(actor=actor, record=record, minutes=given["minutes"] or 0, reason=reason)
    elif verb == "correct":
        actions.correct(
            actor=actor,
            record=record,
            starts_at=given["starts_at"] or record.starts_at,
            ends_at=given["ends_at"] or record.ends_at,
            minutes=form.corrected_minutes(),
            reason=reason,
        )
    elif verb in TRANSITIONS:
        plain = {
            "confirm": actions.confirm,
            "give_back": actions.give_back,
            "withdraw": actions.withdraw,
            "accept": actions.accept,
            "keep": actions.keep,
        }
        plain[verb](actor=actor, record=record, reason=reason)
    else:
        raise NotFound


# ── what waits for a word ───────────────────────────────────────────────────
@require_http_methods(BOTH)
@never_cache
def queue(request: Request) -> HttpResponse:
    """Records that wait for my word; tick and confirm many at once, open one to give it back."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    form = QueueForm(request.POST, ids=request.POST.getlist("who")) if request.method == "POST" else None
    if form is not None and form.is_valid():
        return confirmed(request, form.cleaned_data["who"])
    page = paging.page(queries.waiting_records(actor), ("starts_at", "id"), request.GET.get("cursor"), PAGE)
    ticked = request.POST.getlist("who") if form else [str(one.public_id) for one in page.rows]
    late = queries.overdue(actor)
    heads = [_("志愿者"), _("活动名称"), _("时间"), _("时长"), _("地点"), _("登记人"), _("证明")]
    facts: dict[str, Any] = {"page": page, "form": form, "ticked": ticked, "heads": heads, "late": late}
    facts["files"] = exports.addresses("volunteers:queue_file")
    return show(request, "service/queue", 422 if form else 200, desk=True, **facts)


def confirmed(request: Request, wanted: list[UUID]) -> HttpResponse:
    """Confirm what was ticked and say what could not be."""
    done, refused = actions.confirm_many(actor=request.actor, records=queries.waiting_by_ids(request.actor, wanted))
    if done:
        text = ngettext("已确认 %(n)d 条，时长已入账。", "已确认 %(n)d 条，时长已入账。", len(done))
        messages.success(request, text % {"n": len(done)})
    for row, error in refused:
        messages.warning(request, _("%(title)s：%(why)s") % {"title": row.title, "why": error})
    if not done and not refused:
        messages.info(request, _("没有勾选任何记录。"))
    return go("volunteers:queue")


@require_safe
@never_cache
def records(request: Request) -> HttpResponse:
    """All records of my teams and places, to look through; never sums or ranks of persons (promise 3)."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    asked, rows = narrowed(request)
    page = paging.page(rows, NEWEST, request.GET.get("cursor"), PAGE)
    heads = [_("志愿者"), _("活动名称"), _("时间"), _("时长"), _("证明"), _("状态")]
    asking = {name: value for name, value in request.GET.items() if value and name in asked.fields}
    facts: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "heads": heads,
        "narrowed": bool(asking),
        "files": exports.addresses("volunteers:records_file", query=urlencode(asking)),
    }
    return show(request, "service/records", desk=True, **facts)


def narrowed(request: Request) -> tuple[RecordsForm, Any]:
    form = RecordsForm(request.GET)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {"q": "", "state": "", "late": False}
    rows = queries.records_kept(request.actor, state=given["state"], words=given["q"], late=given["late"])
    return form, rows


@require_safe
@never_cache
@fresh
def file(request: Request, kind: str) -> HttpResponseBase:
    """The same list as a file."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    rows = narrowed(request)[1].order_by("-starts_at", "-id")
    columns = [called(column) for column in KEPT]
    return exports.respond(actor=actor, name=_("服务记录"), kind=exports.kind_of(kind), columns=columns, rows=rows)


@require_safe
@never_cache
@fresh
def queue_file(request: Request, kind: str) -> HttpResponseBase:
    """What waits for my word, as a file."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    rows = queries.waiting_records(actor).order_by("starts_at", "id")
    columns = [called(column) for column in KEPT]
    return exports.respond(actor=actor, name=_("待确认的服务"), kind=exports.kind_of(kind), columns=columns, rows=rows)

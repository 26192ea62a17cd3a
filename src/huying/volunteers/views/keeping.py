"""Pages of proofs and checks, campaigns, and counts of people kept apart."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.figures.queries import Period
from huying.figures.templatetags.figures import number_address
from huying.kernel import attachments, clock, exports, imports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.keeping import (
    CampaignForm,
    CheckForm,
    CountsForm,
    ExternalForm,
    InsuranceForm,
    JudgeForm,
    ProofForm,
)
from huying.volunteers.states import Measure
from huying.volunteers.views.joining import BOTH, PAGE, go, refused, show

COLUMNS = {
    "place": ("区划代码", "代码", "code"),
    "registered": ("注册志愿者", "注册"),
    "recruited": ("入队志愿者", "招募", "入队"),
    "active": ("活跃志愿者", "活跃"),
    "teams": ("志愿服务队", "队伍"),
}


class RowUnclear(InvalidInput):
    code = "row_unclear"


# ── proofs ──────────────────────────────────────────────────────────────────
@require_http_methods(BOTH)
@never_cache
def proofs(request: Request) -> HttpResponse:
    """My papers: what they prove, until when, and whether somebody has looked at them."""
    actor = signed_in(request)
    volunteer = queries.profile_of(actor)
    if volunteer is None or volunteer.left_at is not None:
        return go("volunteers:me")
    posted = request.method == "POST"
    form = ProofForm(request.POST, request.FILES) if posted else ProofForm()
    if posted and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_proof(
                actor=actor,
                skill=form.rows[given["skill"]],
                picture=given["picture"],
                valid_until=given["valid_until"],
            )
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, _("已交，等站点核对。"))
            return go("volunteers:proofs")
    rows = drawn(actor, queries.proofs_of(volunteer))
    return show(request, "keeping/proofs", 422 if posted else 200, form=form, proofs=rows)


def drawn(actor: Actor, rows: list[queries.Proof]) -> list[dict[str, Any]]:
    """Proofs with the address of their picture for this reader."""
    return [
        {"row": one.row, "expired": one.expired, "url": attachments.url(one.picture, actor) if one.picture else ""}
        for one in rows
    ]


@require_http_methods(BOTH)
@never_cache
def volunteer(request: Request, public_id: UUID) -> HttpResponse:
    """One volunteer for the keeper of his place: papers to look at, check, insurance, numbers elsewhere."""
    actor = signed_in(request)
    story = queries.volunteer_story(actor, public_id)
    data = request.POST if request.method == "POST" else None
    act = request.POST.get("act", "")
    forms: dict[str, Any] = {
        "check": CheckForm(data if act == "check" else None),
        "insurance": InsuranceForm(data if act == "insurance" else None, initial=insurance_of(story)),
        "external": ExternalForm(data if act == "external" else None),
    }
    if data is not None and kept(request, story, act, forms.get(act)):
        messages.success(request, _("已保存。"))
        return go("volunteers:volunteer", public_id)
    rows = drawn(actor, story.proofs)
    return show(request, "keeping/volunteer", 422 if data is not None else 200, story=story, proofs=rows, **forms)


def insurance_of(story: queries.VolunteerStory) -> dict[str, Any]:
    return {"until": story.volunteer.insured_until, "note": story.volunteer.insurance_note}


def kept(request: Request, story: queries.VolunteerStory, act: str, form: Any) -> bool:
    """Carry out one press on the keeper's page; False when the form has faults to show."""
    actor, who = request.actor, story.volunteer
    if act in {"verify", "refuse"}:
        judged(request, story, act)
        return True
    if form is None:
        raise InvalidInput
    if not form.is_valid():
        return False
    call = {
        "check": actions.record_check,
        "insurance": actions.record_insurance,
        "external": actions.link_external,
    }[act]
    try:
        call(actor=actor, volunteer=who, **form.cleaned_data)  # type: ignore[operator]
    except (InvalidInput, Conflict) as error:
        refused(form, error)
        return False
    return True


def judged(request: Request, story: queries.VolunteerStory, act: str) -> None:
    """A paper is accepted, or refused with a reason."""
    form = JudgeForm(request.POST)
    chosen = next((one.row for one in story.proofs if str(one.row.public_id) == request.POST.get("proof")), None)
    if chosen is None or not form.is_valid():
        raise InvalidInput
    if act == "verify":
        actions.verify_proof(actor=request.actor, proof=chosen)
    else:
        actions.refuse_proof(actor=request.actor, proof=chosen, reason=form.cleaned_data["reason"])


# ── campaigns ───────────────────────────────────────────────────────────────
@require_safe
@never_cache
def campaigns(request: Request) -> HttpResponse:
    """Teams that look for people around me, and those of my own teams."""
    actor = signed_in(request)
    page = paging.page(queries.campaigns(actor), ("closes_at", "id"), request.GET.get("cursor"), PAGE)
    files = exports.addresses("volunteers:campaigns_file")
    return show(request, "keeping/campaigns", page=page, organises=rules.is_organiser(actor), files=files)


@require_http_methods(BOTH)
@never_cache
def new_campaign(request: Request) -> HttpResponse:
    """Write a notice."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    form = CampaignForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            made = actions.start_campaign(actor=actor, notice=form.notice())
        except InvalidInput as error:
            refused(form, error)
        else:
            return go("volunteers:campaign", made.public_id)
    return show(request, "keeping/campaign_new", 422 if form.is_bound else 200, desk=True, form=form)


@require_http_methods(BOTH)
@never_cache
def campaign(request: Request, public_id: UUID) -> HttpResponse:
    """One notice; a volunteer joins here, its leader may stop it."""
    actor = signed_in(request)
    story = queries.campaign_story(actor, public_id)
    if request.method != "POST":
        return show(request, "keeping/campaign", story=story)
    if request.POST.get("act") == "stop":
        actions.stop_campaign(actor=actor, campaign=story.campaign)
        messages.success(request, _("招募已停止。"))
    else:
        actions.join_campaign(actor=actor, campaign=story.campaign)
        messages.success(request, _("已加入%(team)s。") % {"team": story.campaign.team.name})
    return go("volunteers:campaign", public_id)


# ── counts ──────────────────────────────────────────────────────────────────
@require_safe
@never_cache
def counts(request: Request) -> HttpResponse:
    """Registered, recruited, active: our own counts beside those that other systems report, never mixed."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    period = Period.year(clock.today().year)
    rows = [
        {"place": place, "counts": [(one, behind(one, place, period)) for one in queries.counts_of(place)]}
        for place in queries.kept_places(actor)
    ]
    columns = [_("口径"), {"label": _("本平台"), "end": True}, _("外部报数")]
    files = exports.addresses("volunteers:counts_file")
    return show(request, "keeping/counts", rows=rows, columns=columns, files=files)


def behind(one: queries.Counted, place: Place, period: Period) -> str:
    """Where a count leads: the page of its number where it is a metric, else the list of what it counts."""
    if one.measure == Measure.REGISTERED:
        return number_address("volunteers_registered", place, period)
    listed, only = ("teams", Measure.ACTIVE) if one.measure == Measure.TEAMS else ("list", one.measure)
    return f"{reverse(f'volunteers:{listed}')}?{urlencode({'within': place.public_id, 'only': only.value})}"


@require_http_methods(BOTH)
@never_cache
def import_counts(request: Request) -> HttpResponse:
    """Take in a table of counts with its source and day; all rows or none."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    posted = request.method == "POST"
    form = CountsForm(request.POST, request.FILES) if posted else CountsForm()
    if posted and form.is_valid():
        try:
            made = actions.report_counts(actor=actor, counts=read(form.cleaned_data))
        except DomainError as error:
            form.add_error("table", str(error))
        else:
            messages.success(request, _("已记下 %(n)d 个数。") % {"n": len(made)})
            return go("volunteers:counts")
    return show(request, "keeping/counts_import", 422 if posted else 200, form=form)


def read(given: dict[str, Any]) -> list[actions.Count]:
    """The numbers of the table; RowUnclear says where the first one is that cannot be read."""
    found = []
    for row in imports.records(given["table"], COLUMNS, required=("place",)):
        place = place_queries.by_code(row.values["place"])
        if place is None:
            raise RowUnclear(_("第 %(row)d 行：没有这个区划代码。") % {"row": row.number})
        for measure in Measure:
            text = row.values[measure].replace(",", "")
            if not text:
                continue
            if not (text.isascii() and text.isdigit() and len(text) <= 12):
                raise RowUnclear(_("第 %(row)d 行：人数要写整数。") % {"row": row.number})
            found.append(actions.Count(place, measure, int(text), given["as_of_date"], given["source"]))
    return found

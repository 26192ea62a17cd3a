"""How calls go: shares with what they are made of, the calls behind each number, and the score of teams."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.measuring import BehindForm, FiguresForm, ScoreForm, SpanForm
from huying.calls.forms.words import refused
from huying.calls.queries.listing import EXPORTED
from huying.calls.queries.measuring.figures import Line
from huying.calls.queries.measuring.formulas import Value
from huying.calls.queries.measuring.shares import SHARES
from huying.calls.views import cards
from huying.calls.views.desk import asked, on_duty, see
from huying.calls.views.listing import HEADS, SIZE
from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui import when
from huying.ui.naming import named

KEEP = ("place", "kind", "channel", "since", "until", "by", "own")
GROUPS = (
    (gettext_lazy("办得快不快"), ("responded", "on_time", "on_time_net")),
    (gettext_lazy("办结和解决"), ("closed", "confirmed", "solved", "solved_proxy", "called_solved", "called_differs")),
    (gettext_lazy("满意不满意"), ("satisfied", "satisfied_proxy", "called_satisfied", "silent")),
    (gettext_lazy("有没有反复"), ("reopened", "returned", "extended", "voided", "transferred")),
)
SHARE_HEADS = (
    gettext_lazy("指标"),
    {"label": gettext_lazy("百分比"), "end": True},
    {"label": gettext_lazy("分子 / 分母（件）"), "end": True},
    gettext_lazy("怎么算"),
)
IN_TABLE = ("responded", "on_time", "closed", "confirmed", "solved", "satisfied", "silent", "reopened", "returned")
"""Shares that a table of parts shows side by side; the file has all of them."""


@require_safe
def figures(request: Request) -> HttpResponse:
    """All shares of a period, as a whole and in parts, each number a way to its calls."""
    actor = on_duty(request)
    form = FiguresForm(request.GET, actor=actor)
    good = form.is_valid()
    report = queries.measured(actor, form.asked())
    kept = asked(request, KEEP)
    context = {
        "form": form,
        "kept": kept,
        "report": report,
        "groups": [(name, [shown(code, report.whole, kept) for code in codes]) for name, codes in GROUPS],
        "heads": [
            _("分项"),
            {"label": _("全部"), "end": True},
            *({"label": SHARES[c].name, "end": True} for c in IN_TABLE),
        ],
        "share_heads": SHARE_HEADS,
        "rows": [row_of(line, kept, report.asked.by) for line in report.lines],
        **filters(actor, form),
        "span": span_in_words(form),
        "at": report.at,
        "files": files("calls:figures_export", kept),
    }
    return render(request, "calls/figures/figures.html", context, status=200 if good else 422)


def filters(actor: Any, form: SpanForm) -> dict[str, Any]:
    """The places and kinds to choose from."""
    here = form.where.path if form.where else ""
    return {"kinds": queries.kinds_on_desk, "places": queries.places_on_desk(actor, here), "place": form.where}


def span_in_words(form: SpanForm) -> str:
    """10月1日 周四 to 10月30日 周五, as counted."""
    since, until = form.days({} if form.errors else form.cleaned_data)
    return _("%(since)s至%(until)s") % {
        "since": when.day_text(since, year=True),
        "until": when.day_text(until, year=True),
    }


def shown(code: str, line: Line, kept: Mapping[str, str]) -> dict[str, Any]:
    """One share in words: percent, what it is made of, and the addresses of both numbers."""
    one, value = SHARES[code], line.values[code]
    return {
        "code": code,
        "name": one.name,
        "says": one.says,
        "percent": percent(value),
        "part": number(value),
        "whole": value.whole,
        "everything": with_those_left_out(code, line, kept),
        "part_href": cards.address("calls:figures_calls", kept, share=code, by=""),
        "whole_href": cards.address("calls:figures_calls", kept, share=code, whole="on", by=""),
    }


def with_those_left_out(code: str, line: Line, kept: Mapping[str, str]) -> dict[str, Any] | None:
    """The same share with the calls that were left out; None where that makes no difference to it."""
    value = line.everything.get(code, line.values[code])
    if value == line.values[code]:
        return None
    asked_for = {"share": code, "all": "on", "by": ""}
    return {
        "percent": percent(value),
        "part": number(value),
        "whole": value.whole,
        "part_href": cards.address("calls:figures_calls", kept, **asked_for),
        "whole_href": cards.address("calls:figures_calls", kept, whole="on", **asked_for),
    }


def percent(value: Value) -> str:
    """93.72 %, or a dash where nothing was counted."""
    return "–" if value.percent is None else f"{number_format(value.percent, 2)}%"


def number(value: Value) -> str:
    """The part as counted; with a decimal only where a weight makes one."""
    part = value.part
    return str(part) if part.denominator == 1 else number_format(float(part), 1)


def row_of(line: Line, kept: Mapping[str, str], by: str) -> dict[str, Any]:
    """One part of a report; its name leads to the same report about it alone."""
    narrowed = narrowing(line, kept, by)
    values = [shown(code, line, narrowed) for code in IN_TABLE]
    return {
        "name": part_name(line, by),
        "total": line.total,
        "out": line.out,
        "href": cards.address("calls:figures", narrowed),
        "values": values,
    }


def narrowing(line: Line, kept: Mapping[str, str], by: str) -> dict[str, str]:
    """The filters of the whole and the one that leaves this part."""
    found = {**kept, "by": ""}
    if by == "place" and not line.key:
        found["own"] = "on"
    if by in {"place", "kind", "channel"} and line.key:
        found[by] = line.key
    if by in {"week", "month"}:
        first, last = when_counted(line.key, by)
        found["since"], found["until"] = max(first, kept.get("since", "")), min(last, kept.get("until") or last)
    return found


def when_counted(first: str, by: str) -> tuple[str, str]:
    """First and last day of the week or month that begins on ``first`` (ISO days)."""
    begins = date.fromisoformat(first)
    last = 7 if by == "week" else monthrange(begins.year, begins.month)[1]
    return first, (begins + timedelta(days=last - 1)).isoformat()


def part_name(line: Line, by: str) -> str:
    if by == "place" and not line.key:
        return _("本级")
    if by in {"week", "month"}:
        first, last = when_counted(line.key, by)
        return first[:7] if by == "month" else f"{first}–{last[5:]}"
    return line.name


@require_safe
def behind(request: Request) -> HttpResponse:
    """The calls that one number counts."""
    actor = on_duty(request)
    form = behind_form(request, actor)
    one, whole = SHARES[form.cleaned_data["share"]], form.cleaned_data["whole"]
    rows = queries.behind(actor, form.asked(), one, whole=whole)
    page = paging.page(rows, ("-id",), request.GET.get("cursor"), SIZE)
    context = {
        "share": one,
        "whole": whole,
        "everything": form.cleaned_data["all"],
        "span": span_in_words(form),
        "page": page,
        "rows": [cards.listed_row(queries.card(call, clock.now()), cards.said()) for call in page.rows],
        "heads": HEADS,
        "back": cards.address("calls:figures", asked(request, KEEP)),
        "files": exports.addresses("calls:figures_calls_file", query=request.GET.urlencode()),
    }
    return render(request, "calls/figures/calls.html", context)


def behind_form(request: Request, actor: Actor) -> BehindForm:
    """What number is asked about; InvalidInput."""
    form = BehindForm(request.GET, actor=actor)
    if not form.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in form.errors.values() for words in errors))
    return form


@require_safe
@fresh
def behind_file(request: Request, form: str) -> HttpResponseBase:
    """The same calls as a file."""
    actor = on_duty(request)
    kind, asked_for = exports.kind_of(form), behind_form(request, actor)
    given = asked_for.cleaned_data
    rows = queries.behind(actor, asked_for.asked(), SHARES[given["share"]], whole=given["whole"]).order_by("-id")
    path = asked_for.where.path if asked_for.where else ""
    name = str(SHARES[given["share"]].name)
    return exports.respond(actor=actor, name=name, kind=kind, columns=EXPORTED, rows=rows, place_path=path)


def files(name: str, kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same report as files: (kind, address)."""
    query = cards.address("calls:figures", kept).partition("?")[2]
    return [(kind, f"{reverse(name, args=[kind])}{'?' if query else ''}{query}") for kind in exports.TYPES]


@require_safe
@fresh
def export(request: Request, form: str) -> HttpResponseBase:
    """The report as a file: one line a share and part, with what it is made of and what it means."""
    actor = on_duty(request)
    filters = checked(FiguresForm(request.GET, actor=actor), form)
    report = queries.measured(actor, filters.asked())
    whole = (_("合计"), report.whole)
    parts = [whole, *((part_name(line, report.asked.by), line) for line in report.lines)]
    rows = [(name, code, line.values[code], line.everything[code]) for name, line in parts for code in SHARES]
    path = filters.where.path if filters.where else ""
    kind = cast(exports.Kind, form)
    return exports.respond(
        actor=actor, name=_("办得怎样"), kind=kind, columns=SHARE_COLUMNS, rows=rows, place_path=path
    )


SHARE_COLUMNS: tuple[Column[Any], ...] = (
    Column(gettext_lazy("分项"), lambda row: row[0], "group"),
    Column(gettext_lazy("指标"), lambda row: str(SHARES[row[1]].name), "share"),
    Column(gettext_lazy("分子（件）"), lambda row: plain(row[2]), "part"),
    Column(gettext_lazy("分母（件）"), lambda row: row[2].whole, "whole"),
    Column(gettext_lazy("百分比"), lambda row: row[2].percent, "percent"),
    Column(gettext_lazy("怎么算"), lambda row: str(SHARES[row[1]].says), "counts"),
    Column(gettext_lazy("含剔除的分子（件）"), lambda row: plain(row[3]), "part_with_excluded"),
    Column(gettext_lazy("含剔除的分母（件）"), lambda row: row[3].whole, "whole_with_excluded"),
    Column(gettext_lazy("含剔除的百分比"), lambda row: row[3].percent, "percent_with_excluded"),
)


def plain(value: Value) -> int | float:
    return int(value.part) if value.part.denominator == 1 else float(value.part)


def checked(form: Any, kind: str) -> Any:
    """A valid form and a kind of file there is; NotFound or InvalidInput."""
    if kind not in exports.TYPES:
        raise NotFound
    if not form.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in form.errors.values() for words in errors))
    return form


@require_safe
def teams(request: Request) -> HttpResponse:
    """The score of teams with all that goes into it, in the order of their places."""
    actor = on_duty(request)
    form = SpanForm(request.GET, actor=actor)
    good = form.is_valid()
    kept = asked(request, KEEP)
    context = {
        "form": form,
        "kept": kept,
        "rows": [team_row(line) for line in team_lines(actor, form)],
        "heads": TEAM_HEADS,
        "rule": queries.score_rule(),
        "may_set": rules.can_keep_menu(actor),
        **filters(actor, form),
        "span": span_in_words(form),
        "files": files("calls:teams_export", kept),
    }
    return render(request, "calls/figures/teams.html", context, status=200 if good else 422)


def team_lines(actor: Any, form: SpanForm) -> Sequence[queries.TeamLine]:
    return queries.team_lines(actor, *form.span(), form.where.path if form.where else "")


TEAM_HEADS = (
    gettext_lazy("队伍"),
    gettext_lazy("地方"),
    {"label": gettext_lazy("得分"), "end": True},
    {"label": gettext_lazy("评价"), "end": True},
    {"label": gettext_lazy("按期"), "end": True},
    {"label": gettext_lazy("接单"), "end": True},
    {"label": gettext_lazy("没有重办"), "end": True},
    {"label": gettext_lazy("按时补录"), "end": True},
)


def team_row(line: queries.TeamLine) -> dict[str, Any]:
    """One team in words: every share with what it is made of."""
    work = line.work
    return {
        "name": line.team.name,
        "where": named(line.team.place),
        "score": _("暂不评") if line.score is None else number_format(line.score, 1),
        "ratings": stars(work.ratings, work.stars),
        "shares": [(label, made_of(value)) for label, value in shares_of(line)],
    }


def shares_of(line: queries.TeamLine) -> tuple[tuple[Any, Value], ...]:
    work = line.work
    values = (work.on_time, work.accepted, work.lasting, work.recorded)
    return tuple((head["label"], value) for head, value in zip(TEAM_HEADS[4:], values, strict=True))


def stars(ratings: int, whole: int) -> str:
    """4.60 星（12 条）."""
    if not ratings:
        return _("没有评价")
    return _("%(mean)s 星（%(n)d 条）") % {"mean": number_format(whole / ratings, 2), "n": ratings}


def made_of(value: Value) -> str:
    return f"{number(value)}/{value.whole} = {percent(value)}" if value.whole else "–"


@require_safe
@fresh
def export_teams(request: Request, form: str) -> HttpResponseBase:
    """The scores as a file, every part of each score beside it."""
    actor = on_duty(request)
    filters = checked(SpanForm(request.GET, actor=actor), form)
    rows = team_lines(actor, filters)
    path = filters.where.path if filters.where else ""
    kind = cast(exports.Kind, form)
    return exports.respond(actor=actor, name=_("队伍得分"), kind=kind, columns=TEAM_COLUMNS, rows=rows, place_path=path)


TEAM_COLUMNS: tuple[Column[Any], ...] = (
    Column(gettext_lazy("队伍"), "team.name", "team"),
    Column(gettext_lazy("地方"), lambda line: named(line.team.place), "place"),
    Column(gettext_lazy("得分"), lambda line: _("暂不评") if line.score is None else line.score, "score"),
    Column(gettext_lazy("评价条数"), "work.ratings", "ratings"),
    Column(gettext_lazy("评价星数合计"), "work.stars", "stars"),
    Column(
        gettext_lazy("区县平均星数"),
        lambda line: None if line.mean is None else round(float(line.mean), 2),
        "mean_stars",
    ),
    Column(gettext_lazy("按期（件）"), lambda line: plain(line.work.on_time), "on_time"),
    Column(gettext_lazy("做完（件）"), lambda line: line.work.on_time.whole, "finished"),
    Column(gettext_lazy("没有重办（件）"), lambda line: plain(line.work.lasting), "not_reopened"),
    Column(gettext_lazy("接单（件）"), lambda line: plain(line.work.accepted), "accepted"),
    Column(gettext_lazy("应答复（件）"), lambda line: line.work.accepted.whole, "asked"),
    Column(gettext_lazy("按时补录（条）"), lambda line: plain(line.work.recorded), "recorded_in_time"),
    Column(gettext_lazy("服务记录（条）"), lambda line: line.work.recorded.whole, "recorded"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: Request) -> HttpResponse:
    """How teams are scored; a change counts from now on."""
    actor = signed_in(request)
    if not rules.can_keep_menu(actor):
        raise Forbidden(_("评分办法由中心的调度员和业务管理员设定。"))
    form = ScoreForm(request.POST if request.method == "POST" else None, rule=queries.score_rule())
    if form.is_bound and form.is_valid():
        try:
            actions.set_score_rule(actor=actor, facts=form.facts())
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, _("已保存，从现在起按新的算。"))
            return see(reverse("calls:figures_rule"))
    return render(request, "calls/figures/rule.html", {"form": form}, status=422 if form.is_bound else 200)

"""One number by itself: what it counts, what it is now, how it splits, and the short code that opens this page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huying.figures import actions, queries, rules
from huying.figures.forms import PeriodForm
from huying.figures.models import Metric
from huying.figures.queries import Period
from huying.figures.states import Grain, MetricKind
from huying.figures.templatetags.figures import address, in_words
from huying.kernel import clock, exports
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound, SignInNeeded
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.places import rules as place_rules
from huying.places.models import Place
from huying.ui.naming import named

STAFF, PUBLIC = "ui/staff.html", "ui/resident.html"
MOST_SHOWN = 200
MOST_DAYS, MOST_MONTHS = 62, 3 * 366
SPLIT = (_("地方"), {"label": _("数"), "end": True})
RECORDS = (_("记录"), _("是什么"), _("哪一天"), _("地方"), {"label": _("算多少"), "end": True})
TIMES = (_("什么时候"), {"label": _("数"), "end": True})


@dataclass(frozen=True)
class Asked:
    """A number as it is asked for, by somebody who may see it."""

    actor: Actor
    metric: Metric
    place: Place
    form: PeriodForm

    @property
    def period(self) -> Period:
        return self.form.period()

    @property
    def reads(self) -> bool:
        """Sees everything, not only what is public."""
        return rules.can_read(self.actor, self.place)


def asked(request: Request, public_id: UUID, metric: str) -> Asked:
    """SignInNeeded for those who might see it once they have signed in, NotFound for others who may not."""
    of, place = queries.metric(metric), place_queries.by_public_id(public_id)
    if not rules.can_see(request.actor, of, place):
        raise SignInNeeded if request.actor.is_anonymous else NotFound
    return Asked(request.actor, of, place, PeriodForm(request.GET, ended=not rules.can_read(request.actor, place)))


@require_safe
@never_cache
def number(request: Request, public_id: UUID, metric: str) -> HttpResponse:
    """Definition, value, split by place and time; small numbers stay hidden from the public (decision 0026)."""
    what, refusal = asked(request, public_id, metric), None
    parts: dict[str, Any] = {}
    if what.form.is_valid():
        try:
            parts = worked_out(what) | behind(what, request.GET.get("cursor"))
        except queries.PeriodOdd as odd:
            refusal = odd
            what.form.add_error(None, str(odd.message))
    staff = place_rules.works_here(what.actor)
    context = {
        "layout": STAFF if staff else PUBLIC,
        "staff": staff,
        "metric": what.metric,
        "place": what.place,
        "period": what.period,
        "files": files(what),
        "values_files": value_files(what),
        "form": what.form,
        "definition": definition(what.metric, what.place, what.period),
        "spans": spans(what),
        "reads": what.reads,
        "heads": (SPLIT, TIMES, RECORDS),
        **parts,
    }
    good = what.form.is_valid() and refusal is None
    return render(request, "figures/number.html", context, status=200 if good else 422)


def worked_out(what: Asked, *, most: int | None = MOST_SHOWN) -> dict[str, Any]:
    """The value, its split by place where it may be split, and over time. PeriodOdd where the public asks for odd days or
    for what has not ended.
    """
    actor, of, place, period = what.actor, what.metric, what.place, what.period
    grain, today, eye = Grain.MONTH if not what.reads else grain_of(period), clock.today(), queries.Eye()
    found: dict[str, Any] = {
        "value": queries.value(actor, of, place, period, eye),
        "number": queries.cited(of, place, period),
        "over": [
            {"words": at_words(day, grain), "period": stretch(day, grain, period), "value": value}
            for day, value in queries.over_time(actor, of, place, period, grain, eye)
            if day <= today  # what is still to come is not nothing, and no stock yet
        ],
    }
    if of.additive:
        lines = queries.by_child(actor, of, place, period, eye).lines
        found["lines"] = [one for one in lines if one.place or one.value not in NOTHING][:most]
        found["more"] = max(0, len(lines) - 1 - (most or len(lines)))
    return found


def behind(what: Asked, cursor: str | None) -> dict[str, Any]:
    """A page of the records behind it, for who reads the place; a ratio has those of its two sums."""
    if not what.reads or what.metric.kind == MetricKind.RATIO:
        return {}
    page = queries.records(what.actor, what.metric, what.place, what.period, cursor or None)
    hidden = ngettext("这一页还有 %(n)d 条记录您不能看。", "这一页还有 %(n)d 条记录您不能看。", page.hidden)
    return {"page": page, "hidden": hidden % {"n": page.hidden} if page.hidden else ""}


class ShownValue(NamedTuple):
    """One line of what the page shows; ``place`` None is what was counted at the place itself and at none below it."""

    words: str
    place: Place | None
    period: Period
    value: queries.Value


def shown_values(what: Asked) -> Iterator[ShownValue]:
    """The whole, its parts by place (all of them), and over time. PeriodOdd."""
    found = worked_out(what, most=None)
    yield ShownValue(gettext("合计"), what.place, what.period, found["value"])
    for one in found.get("lines", ()):
        words = named(one.place) if one.place else gettext("%(name)s本级") % {"name": named(what.place)}
        yield ShownValue(words, one.place, what.period, one.value)
    for one in found["over"]:
        yield ShownValue(one["words"], what.place, one["period"], one["value"])


def values_of(of: Metric) -> tuple[exports.Column[ShownValue], ...]:
    """Columns of the values of one metric."""
    unit = named(of.unit)
    return (
        exports.Column(_("哪一部分"), "words", "part_of"),
        exports.Column(_("地方编号"), lambda one: one.place.public_id if one.place else "", "place_id"),
        exports.Column(_("从"), "period.since", "since"),
        exports.Column(_("到哪天之前"), "period.until", "until"),
        exports.Column(
            _("数"), lambda one: one.value.amount if one.value.whole is None else one.value.percent, "value"
        ),
        exports.Column(_("单位"), lambda _one: unit, "unit"),
        exports.Column(_("分子"), "value.part", "part"),
        exports.Column(_("分母"), "value.whole", "whole"),
        exports.Column(_("不公开"), "value.hidden", "hidden"),
    )


def value_files(what: Asked) -> list[tuple[str, str]]:
    """Addresses of the values as files, for everybody who sees them."""
    days = urlencode({"since": what.period.since, "until": what.period.until})
    return exports.addresses("figures:number_values", what.place.public_id, what.metric.pk, query=days)


def files(what: Asked) -> list[tuple[str, str]]:
    """Addresses of the records as files."""
    if not what.reads or what.metric.kind == MetricKind.RATIO:
        return []
    days = urlencode({"since": what.period.since, "until": what.period.until})
    args = [what.place.public_id, what.metric.pk]
    return [(kind, f"{reverse('figures:number_export', args=[*args, kind])}?{days}") for kind in exports.TYPES]


NOTHING = (queries.Value(0), queries.Value(None, 0, 0))
"""Not worth a line of its own where nothing hangs."""


def grain_of(period: Period) -> Grain:
    """Days up to two months, months up to three years, else years."""
    days = (period.until - period.since).days
    return Grain.DAY if days <= MOST_DAYS else Grain.MONTH if days <= MOST_MONTHS else Grain.YEAR


def stretch(day: date, grain: Grain, within: Period) -> Period:
    """The part of a stretch that lies in the period."""
    whole = {Grain.DAY: Period(day, date.fromordinal(day.toordinal() + 1)), Grain.YEAR: Period.year(day.year)}
    found = whole.get(grain) or Period.month(day)
    return Period(max(found.since, within.since), min(found.until, within.until))


def at_words(day: date, grain: Grain) -> str:
    if grain == Grain.DAY:
        return day.isoformat()
    return in_words(Period.month(day) if grain == Grain.MONTH else Period.year(day.year))


def definition(of: Metric, place: Place, period: Period) -> list[tuple[Any, Any]]:
    """What the number is, line by line: name, value."""
    lines: list[tuple[Any, Any]] = [
        (_("指标"), named(of)),
        (_("数什么"), named(of, "counts")),
        (_("单位"), named(of.unit)),
        (_("怎么算"), MetricKind(of.kind).label),
    ]
    if of.numerator and of.denominator:
        lines.append((_("分子"), named(of.numerator)))
        lines.append((_("分母"), named(of.denominator)))
    lines += [
        (_("哪里"), named(place)),
        (_("时间"), in_words(period)),
        (_("好坏"), of.get_direction_display()),
        (_("谁能看"), seen_by(of)),
        (_("代码"), of.pk),
    ]
    return lines


def seen_by(of: Metric) -> str:
    """Who sees the number, and from which size on."""
    if not of.is_public:
        return gettext("管这个地方的人")
    past = gettext("所有人，过完的月份和年份")
    if of.least_public:
        past = gettext("%(who)s；小于 %(n)d 的不公开，管这个地方的人都能看") % {"who": past, "n": of.least_public}
    for one in filter(None, (of.guard, of.second_guard)):
        past = gettext("%(who)s；“%(guard)s”不公开的，这个数也不公开") % {"who": past, "guard": named(one)}
    return past


def spans(what: Asked) -> Iterable[dict[str, Any]]:
    """This and the last year and month, one press each; for everybody those that have ended."""
    today, now = clock.today(), what.period
    month = Period.month(today)
    before = Period.month(date.fromordinal(month.since.toordinal() - 1))
    asked = (
        (_("今年"), Period.year(today.year)),
        (_("去年"), Period.year(today.year - 1)),
        (_("本月"), month),
        (_("上月"), before),
    )
    return [
        {"label": label, "url": address(what.metric, what.place, period), "current": period == now}
        for label, period in asked
        if what.reads or queries.ended(period)
    ]


@require_safe
@never_cache
def cited(request: Request, code: str) -> HttpResponse:
    """From the code on paper to the page of the number; who may not see it there is asked to sign in, or sees nothing."""
    found = queries.number_by_code(code)
    if found.metric is not None:
        if not rules.can_see(request.actor, found.metric, found.place):
            raise SignInNeeded if request.actor.is_anonymous else NotFound
        days = urlencode({"since": found.since, "until": found.until})
        at = reverse("figures:number", args=[found.place.public_id, found.metric_id])
        return HttpResponseRedirect(f"{at}?{days}", status=303)
    figure = queries.reported_figure(signed_in(request), found.reported.public_id) if found.reported else None
    if figure is None:
        raise NotFound
    return HttpResponseRedirect(reverse("figures:reported", args=[figure.public_id]), status=303)


@require_POST
def cite(request: Request, public_id: UUID, metric: str) -> HttpResponse:
    """Give the number a code; the days stand in the form."""
    actor = signed_in(request)
    of, place, form = queries.metric(metric), place_queries.by_public_id(public_id), PeriodForm(request.POST)
    if not rules.can_see(actor, of, place):
        raise NotFound
    if not form.is_valid():
        raise InvalidInput(fields={name: str(errors[0]) for name, errors in form.errors.items()})
    made = actions.cite(actor=actor, metric=of.pk, place=place, period=form.period())
    messages.success(request, gettext("引用码：%(code)s") % {"code": made.code})
    return HttpResponseRedirect(address(of, place, form.period()), status=303)


@require_POST
def cite_reported(request: Request, public_id: UUID) -> HttpResponse:
    """Give the word of somebody else a code."""
    actor = signed_in(request)
    figure = queries.reported_figure(actor, public_id)
    made = actions.cite_reported(actor=actor, figure=figure)
    messages.success(request, gettext("引用码：%(code)s") % {"code": made.code})
    return HttpResponseRedirect(reverse("figures:reported", args=[figure.public_id]), status=303)

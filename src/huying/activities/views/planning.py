"""Rhythm plans: what must happen in every beat, and where the gaps are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.activities import actions, forms, queries, rules
from huying.activities.models import RhythmPlan
from huying.activities.queries import Gap, Kept
from huying.activities.rules import Beat
from huying.activities.states import Span, Wanted
from huying.activities.views import pages
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.ui.naming import named

MOST_GAPS = 60
SEASONS = (
    "",
    gettext_lazy("第一季度"),
    gettext_lazy("第二季度"),
    gettext_lazy("第三季度"),
    gettext_lazy("第四季度"),
)
SAID = {
    Span.DAY: gettext_lazy("已经开始的 %(all)d 天里做到 %(kept)d 天"),
    Span.WEEK: gettext_lazy("已经开始的 %(all)d 周里做到 %(kept)d 周"),
    Span.MONTH: gettext_lazy("已经开始的 %(all)d 个月里做到 %(kept)d 个月"),
    Span.SEASON: gettext_lazy("已经开始的 %(all)d 季里做到 %(kept)d 季"),
    Span.YEAR: gettext_lazy("已经开始的 %(all)d 年里做到 %(kept)d 年"),
}


@require_safe
@never_cache
def plans(request: Request) -> HttpResponse:
    """All plans the reader may see, each with how it is kept."""
    actor = signed_in(request)
    if not rules.is_organiser(actor) and not queries.plans(actor).exists():
        raise Forbidden
    shown = list(queries.plans(actor)[:50])
    kept = queries.gaps_of(shown)
    rows = [{"plan": one, "kept": summary(kept[one.pk])} for one in shown]
    return pages.show(request, "plans", rows=rows, may_plan=bool(queries.my_plan_places(actor)))


def summary(kept: list[Kept]) -> tuple[int, int]:
    """Beats kept of beats begun, over all rules: beats are counted, not activities."""
    return sum(one.kept for one in kept), sum(one.beats for one in kept)


@require_safe
@never_cache
def plan(request: Request, public_id: UUID) -> HttpResponse:
    """One plan: every rule, how it is kept, its gaps and its named themes."""
    found = queries.plan(signed_in(request), public_id)
    return pages.show(
        request,
        "plan",
        plan=found,
        kept=[rule_block(one) for one in queries.gaps(found)],
        may_plan=rules.can_plan(request.actor, found.place),
    )


def rule_block(kept: Kept) -> dict[str, Any]:
    """A rule in words, its share, and what is missing."""
    late = [one for one in kept.gaps if one.over]
    ahead = [one for one in kept.gaps if not one.over]
    return {
        "kept": kept,
        "title": rule_words(kept),
        "said": SAID[Span(kept.rule.every)] % {"all": kept.beats, "kept": kept.kept},
        "share": f"{kept.kept * 100 // kept.beats}%" if kept.beats else "—",
        "late": [gap_words(one) for one in late[:MOST_GAPS]],
        "ahead": [gap_words(one) for one in ahead[:12]],
        "more": max(0, len(late) - MOST_GAPS),
        "focuses": [
            {"name": beat_words(beat), "day": beat.starts, "every": beat.every, "focus": focus}
            for beat, focus in kept.focuses
        ],
        "tone": "pine" if kept.kept == kept.beats else "kaki",
    }


def rule_words(kept: Kept) -> str:
    """ "每周至少 1 场 理论宣讲", "每月有主题"."""
    rule = kept.rule
    every = str(Span(rule.every).label)
    if rule.wants == Wanted.FOCUS:
        return _("%(every)s有主题") % {"every": every}
    what = " ".join(part for part in (named(rule.kind), named(rule.theme)) if part) or _("活动")
    words = _("%(every)s至少 %(n)d 场%(what)s") % {"every": every, "n": rule.minimum, "what": what}
    return _("%(words)s（每个%(kind)s）") % {"words": words, "kind": named(rule.site_kind)} if rule.site_kind else words


def beat_words(beat: Beat) -> str:
    """A beat as people name it."""
    match beat.every:
        case Span.WEEK:
            return _("第 %(n)d 周（%(day)s 起）") % {"n": beat.number, "day": f"{beat.starts:%m-%d}"}
        case Span.MONTH:
            return _("%(year)d 年 %(n)d 月") % {"year": beat.starts.year, "n": beat.number}
        case Span.SEASON:
            return f"{beat.starts.year} {SEASONS[beat.number]}"
        case Span.YEAR:
            return str(beat.starts.year)
        case _:
            return f"{beat.starts:%Y-%m-%d}"


def gap_words(gap: Gap) -> dict[str, Any]:
    """A gap as one line: when, where, how many of how many."""
    return {"when": beat_words(gap.beat), "where": named(gap.place), "there": gap.there, "minimum": gap.minimum}


@require_http_methods(pages.BOTH)
@never_cache
def edit(request: Request, public_id: UUID | None = None) -> HttpResponse:
    """Write a plan."""
    actor = signed_in(request)
    found = queries.plan(actor, public_id) if public_id else None
    places = queries.my_plan_places(actor)
    if not places or (found and not rules.can_plan(actor, found.place)):
        raise Forbidden
    form = forms.PlanForm(pages.posted(request), places=places, plan=found)
    made: list[RhythmPlan] = []

    def act() -> None:
        made.append(actions.save_plan(actor=actor, facts=form.facts(), plan=found))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已保存。"), "plan", made[0].public_id, request=request)
    back = reverse("activities:plan", args=[found.public_id]) if found else reverse("activities:plans")
    return pages.show(request, "plan_edit", pages.status_of(form), form=form, plan=found, back=back)


@require_POST
def focus(request: Request, public_id: UUID) -> HttpResponse:
    """Name the theme of a season or the focus of a month."""
    found = queries.plan(signed_in(request), public_id)
    form = forms.FocusForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(fields={name: str(errors[0]) for name, errors in form.errors.items()})
    given = form.cleaned_data
    words = {"title": given["title"], "title_en": given["title_en"]}
    actions.name_focus(actor=request.actor, plan=found, every=Span(given["every"]), day=given["day"], **words)
    return pages.go(_("已保存。"), "plan", found.public_id, request=request)

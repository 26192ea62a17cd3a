"""Rhythm plans: which beats of a year must have what, and the themes that were named for them; the own calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.writing import FARTHEST
from huying.activities.models import ActivityKind, CalendarKey, Focus, RhythmPlan, RhythmRule, Theme
from huying.activities.rules.beats import start_of
from huying.activities.states import Span, Wanted
from huying.kernel import audit, chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, SignInNeeded
from huying.kernel.transactions import begin
from huying.places.models import Place, PlaceKind

LONGEST_PLAN_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """Each beat must have so many activities (of a kind, with a theme, at each site of a kind), or a named focus."""

    every: Span
    wants: Wanted = Wanted.ACTIVITY
    minimum: int = 1
    kind: ActivityKind | None = None
    theme: Theme | None = None
    site_kind: PlaceKind | None = None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan of a place from one day to another, both included."""

    place: Place
    name: str
    begins: date
    ends: date
    rules: Sequence[RuleFacts] = ()
    name_en: str = ""


def save_plan(*, actor: Actor, facts: PlanFacts, plan: RhythmPlan | None = None) -> RhythmPlan:
    """Write a plan, new or again; its focuses stay. Raises Forbidden, InvalidInput."""
    if abs(facts.begins - clock.today()) > FARTHEST:
        raise InvalidInput(fields={"begins": _("请写前后五年以内的日期。")})
    if not 0 <= (facts.ends - facts.begins).days <= LONGEST_PLAN_DAYS:
        raise InvalidInput(fields={"ends": _("结束日期要在开始之后，最长三年。")})
    if not facts.rules:
        raise InvalidInput(fields={"rules": _("请至少写一条节奏。")})
    with begin(actor):
        fresh = locks.one(RhythmPlan, pk=plan.pk) if plan else RhythmPlan(created_by_id=actor.person_id)
        if not rules.can_plan(actor, facts.place) or (plan and not rules.can_plan(actor, fresh.place)):
            raise Forbidden
        fresh.place, fresh.name, fresh.name_en = facts.place, facts.name.strip(), facts.name_en.strip()[:100]
        fresh.begins, fresh.ends = facts.begins, facts.ends
        try:
            with transaction.atomic():
                fresh.save()
        except IntegrityError:
            raise InvalidInput(fields={"name": _("这里已有同名的计划。")}) from None
        fresh.rules.all().delete()
        RhythmRule.objects.bulk_create(
            RhythmRule(
                plan=fresh,
                every=one.every,
                wants=one.wants,
                minimum=one.minimum,
                kind=one.kind,
                theme=one.theme,
                site_kind=one.site_kind,
                order=order,
            )
            for order, one in enumerate(facts.rules)
        )
        audit.record(actor, "rhythm.save", fresh, place_path=fresh.place.path, changes={"rules": len(facts.rules)})
        return fresh


def name_focus(
    *, actor: Actor, plan: RhythmPlan, every: Span, day: date, title: str, title_en: str = ""
) -> Focus | None:
    """Name the theme of the season or the focus of the month that holds ``day``; an empty title takes it away."""
    with begin(actor):
        fresh = locks.one(RhythmPlan, pk=plan.pk)
        if not rules.can_plan(actor, fresh.place):
            raise Forbidden
        starts = start_of(every, day)
        rows = Focus.objects.filter(plan=fresh, every=every, starts_on=starts)
        audit.record(actor, "rhythm.focus", fresh, place_path=fresh.place.path, changes={"on": starts.isoformat()})
        if not title.strip():
            rows.delete()
            return None
        made, _made = Focus.objects.update_or_create(
            plan=fresh,
            every=every,
            starts_on=starts,
            defaults={"title": title.strip()[:60], "title_en": title_en.strip()[:80]},
        )
        return made


def new_calendar_key(*, actor: Actor) -> CalendarKey:
    """A fresh secret address for one's own calendar; the old one stops working at once."""
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        key, _made = CalendarKey.objects.update_or_create(
            person_id=actor.person_id, defaults={"token": chance.token(24), "made_at": clock.now()}
        )
        audit.record(actor, "calendar.key", key)
        return key

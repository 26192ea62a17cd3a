"""The door for mechanisms of a locality: themes, kinds of activities, and a rhythm as a plan of the year at a place."""

from __future__ import annotations

from datetime import date
from typing import Any

from huying.activities.actions.planning import PlanFacts, RuleFacts, name_focus, save_plan
from huying.activities.models import ActivityKind, Focus, RhythmPlan, Theme
from huying.activities.rules.beats import start_of
from huying.activities.states import FIRST_KINDS, FIRST_THEMES, Span, Wanted
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.actions.packing import Facts, Rows, by_code
from huying.places.models import Place, PlaceKind

DAYS = ("month", "day", "days_before", "days_after")
TABLES: dict[str, Rows] = {
    "themes": Rows(Theme, plain=("group", "rule", "order", *DAYS), blank=("begins", "ends")),
    "activity_kinds": Rows(ActivityKind, plain=("icon", "tone", "is_large", "order")),
}
FIRST: dict[str, frozenset[str]] = {
    "themes": frozenset(str(one[0]) for one in FIRST_THEMES),
    "activity_kinds": frozenset(one.code for one in FIRST_KINDS),
}


def keep_rhythm(*, actor: Actor, place: Place, facts: Facts, since: date, held: str = "") -> str:
    """The plan of this calendar year as the pack says it; ``held`` is the one kept before, ended or not. Its key.

    A new plan asks for nothing before ``since``, the day the pack came into force there. A plan of an earlier year stays
    as it was. Raises InvalidInput for a name that another plan of the place has.
    """
    year = clock.today().year
    name = f"{facts['name']['zh'][:50]}（{year}）"
    plan = RhythmPlan.objects.filter(public_id=held, begins__year=year).first() if held else None
    lines = [rule_of(one) for one in facts["rules"]]
    begins = plan.begins if plan else min(max(date(year, 1, 1), since), clock.today())
    english = f"{facts['name']['en']} ({year})" if facts["name"]["en"] else ""
    wanted = PlanFacts(place=place, name=name, begins=begins, ends=date(year, 12, 31), rules=lines, name_en=english)
    kept = save_plan(actor=actor, facts=wanted, plan=plan)
    named = {(one["every"], start_of(Span(one["every"]), day_in(year, one["at"]))) for one in facts["focuses"]}
    for focus in Focus.objects.filter(plan=kept):
        if (focus.every, focus.starts_on) not in named:
            name_focus(actor=actor, plan=kept, every=Span(focus.every), day=focus.starts_on, title="")
    for one in facts["focuses"]:
        every, day = Span(one["every"]), day_in(year, one["at"])
        title, title_en = one["title"]["zh"], one["title"]["en"]
        name_focus(actor=actor, plan=kept, every=every, day=day, title=title, title_en=title_en)
    return str(kept.public_id)


def end_rhythm(*, held: str) -> None:
    """The plan asks for nothing from today on; what it found until now stays."""
    plan = RhythmPlan.objects.filter(public_id=held).first()
    if plan is not None and plan.ends >= clock.today():
        plan.ends = max(plan.begins, clock.today())
        plan.save(update_fields=["ends"])


def rule_of(facts: dict[str, Any]) -> RuleFacts:
    links = {"kind": ActivityKind, "theme": Theme, "site_kind": PlaceKind}
    found = {name: by_code(model, [facts[name]])[0] if facts[name] else None for name, model in links.items()}
    return RuleFacts(every=Span(facts["every"]), wants=Wanted(facts["wants"]), minimum=facts["minimum"], **found)


def day_in(year: int, text: str) -> date:
    """``02-29`` is the last of February in most years."""
    month, day = (int(part) for part in text.split("-"))
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def rhythms_at(place: Place) -> list[Facts]:
    """The plans of this place that hold today, as a pack says them; ``code`` is their public id."""
    today = clock.today()
    found = []
    for row in RhythmPlan.objects.filter(place=place, begins__lte=today, ends__gte=today).order_by("id"):
        rules = [
            {
                "every": one.every,
                "wants": one.wants,
                "minimum": one.minimum,
                "kind": one.kind.code if one.kind else None,
                "theme": one.theme.code if one.theme else None,
                "site_kind": one.site_kind_id,
            }
            for one in row.rules.select_related("kind", "theme").order_by("order", "id")
        ]
        focuses = [
            {"every": one.every, "at": f"{one.starts_on:%m-%d}", "title": {"zh": one.title, "en": one.title_en}}
            for one in row.focuses.order_by("every", "starts_on")
        ]
        year = row.begins.year
        name = {"zh": row.name.removesuffix(f"（{year}）"), "en": row.name_en.removesuffix(f" ({year})")[:80]}
        found.append({"code": str(row.public_id), "name": name, "rules": rules, "focuses": focuses})
    return found

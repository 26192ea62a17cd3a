"""The door for mechanisms of a locality: lines of the service menu with their clocks, and the rings of a place."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.calls.actions.rings import facts_of
from huying.calls.models import Clock, Ring, ServiceKind
from huying.calls.states import Stage
from huying.kernel import audit
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict
from huying.places.actions.packing import Facts, Rows, by_code
from huying.places.models import Place
from huying.volunteers.models import ServiceCategory, Skill, TeamKind


def asked(row: Any) -> Facts:
    """Questions, numbers and clocks as a pack says them."""
    clocks = [
        {"stage": one.stage, "minutes": one.minutes, "mode": one.mode, "urgent": one.urgent} for one in row.clocks.all()
    ]
    return {
        "emergency": row.emergency.split(),
        "questions": [question_out(one) for one in row.questions],
        "clocks": sorted(clocks, key=lambda one: (Stage.values.index(one["stage"]), one["urgent"])),
    }


def ask_so(row: Any, facts: Facts) -> None:
    row.emergency = " ".join(facts["emergency"])
    row.questions = [question_in(one) for one in facts["questions"]]
    row.save(update_fields=["emergency", "questions"])
    wanted = {(one["stage"], one["urgent"]): one for one in facts["clocks"]}
    for clock in row.clocks.all():
        if (clock.stage, clock.urgent) not in wanted:
            clock.delete()
    for (stage, urgent), one in wanted.items():
        values = {"minutes": one["minutes"], "mode": one["mode"]}
        Clock.objects.update_or_create(kind=row, stage=stage, urgent=urgent, defaults=values)


def question_out(kept: dict[str, Any]) -> Facts:
    choices = [{"code": code, "name": {"zh": zh, "en": en}} for code, zh, en in kept.get("choices", ())]
    return {
        "code": kept["key"],
        "label": {"zh": kept["label"], "en": kept.get("label_en", "")},
        "type": kept["type"],
        "required": bool(kept.get("required")),
        "min": kept.get("min"),
        "max": kept.get("max"),
        "choices": choices,
    }


def question_in(given: Facts) -> dict[str, Any]:
    """As ``forms.questions`` reads it."""
    kept: dict[str, Any] = {"key": given["code"], "label": given["label"]["zh"], "type": given["type"]}
    if given["label"]["en"]:
        kept["label_en"] = given["label"]["en"]
    if given["required"]:
        kept["required"] = True
    kept |= {name: given[name] for name in ("min", "max") if given[name] is not None}
    if given["choices"]:
        kept["choices"] = [[one["code"], one["name"]["zh"], one["name"]["en"]] for one in given["choices"]]
    return kept


TABLES: dict[str, Rows] = {
    "service_kinds": Rows(
        ServiceKind,
        words=("name", "summary", "example"),
        plain=(
            "icon",
            "tone",
            "people_needed",
            "answered_by",
            "visit",
            "urgent",
            "public",
            "allow_preference",
            "order",
        ),
        one={"category": ServiceCategory},
        many={"skills": Skill},
        more=asked,
        save=ask_so,
    )
}


class RingInTheWay(Conflict):
    code = "ring_in_the_way"
    message = _(
        "{place}自己加了第 {order} 圈“{name}”，机制包的圈放不进去。请先在“逐圈呼叫的规则”里改它的次序或删去它。"
    )


def keep_rings(*, actor: Actor, place: Place, rings: list[Facts], held: str = "") -> str:
    """The rings of a place as the pack says them, in their order; ``held`` are the keys of those kept before. The new keys;
    none when the place has rings of its own or of another pack: those stay in force. Raises RingInTheWay.
    """
    wanted = [ring_of(place, order, facts) for order, facts in enumerate(rings, start=1)]
    mine = list(Ring.objects.filter(pk__in=[int(key) for key in held.split()]).order_by("order"))
    if mine and [facts_of(one) for one in mine] == [facts_of(one) for one in wanted]:
        return held
    others = Ring.objects.filter(place=place).exclude(pk__in=[one.pk for one in mine])
    if not mine and others.exists():
        return ""
    if met := others.filter(order__lte=len(wanted)).order_by("order").first():
        raise RingInTheWay(place=place.name, order=met.order, name=met.name)
    drop_rings(held=held)
    made = []
    for order, ring in enumerate(wanted, start=1):
        ring.save()
        made.append(ring.pk)
        audit.record(actor, "menu.ring", ring, place_path=place.path, changes={"order": order, "name": ring.name})
    return " ".join(str(key) for key in made)


def ring_of(place: Place, order: int, facts: Facts) -> Ring:
    """A ring that is not saved yet."""
    ring = Ring(place=place, order=order, name=facts["name"]["zh"], name_en=facts["name"]["en"])
    for name in ("asks", "reach_km", "minutes", "urgent_minutes", "mode", "per_seat", "duty"):
        setattr(ring, name, facts[name])
    ring.level = facts["level"] or ""
    ring.team_kind = by_code(TeamKind, [facts["team_kind"]])[0] if facts["team_kind"] else None
    return ring


def drop_rings(*, held: str) -> None:
    """Take away the rings a pack brought; those changed by hand since go too, for they are the pack's still."""
    Ring.objects.filter(pk__in=[int(key) for key in held.split()]).delete()


def rings_at(place: Place) -> list[Facts]:
    """The rings of this place itself, in their order, as a pack says them."""
    return [
        {
            "code": f"ring{one.order}",
            "name": {"zh": one.name, "en": one.name_en},
            "asks": one.asks,
            "reach_km": one.reach_km,
            "team_kind": one.team_kind.code if one.team_kind else None,
            "minutes": one.minutes,
            "urgent_minutes": one.urgent_minutes,
            "mode": one.mode,
            "per_seat": one.per_seat,
            "duty": one.duty,
            "level": one.level or None,
        }
        for one in Ring.objects.filter(place=place).select_related("team_kind").order_by("order")
    ]

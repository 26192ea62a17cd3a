"""The shares of a period, by place, kind, channel, week or month; and the calls behind each number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import CharField, Count, F, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, TruncMonth, TruncWeek

from huying.calls import rules
from huying.calls.models import Call, ScoreRule, ServiceKind
from huying.calls.queries.board import desk_calls, with_offers
from huying.calls.queries.measuring import formulas
from huying.calls.queries.measuring.shares import SHARES, Share, counting, left_out, marked
from huying.calls.states import Channel
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.rules.reach import ROOT
from huying.places.models import Place
from huying.ui.naming import named

BY = ("place", "kind", "channel", "week", "month")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: calls that count in [since, until), below a place, of a kind, through a channel; empty is all.

    ``own``: those at the place itself only, and at none below it. ``everything``: those that were left out as well.
    """

    since: datetime
    until: datetime
    place_path: str = ""
    kind: str = ""
    channel: str = ""
    by: str = ""
    own: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report: ``key`` narrows to it (a place's public id, a code, a first day); "" for the whole.

    ``values`` and ``total`` are without the calls that were left out; ``out`` says how many those are, ``everything``
    holds the shares as they are with them.
    """

    key: str
    name: str
    total: int
    values: dict[str, formulas.Value]
    out: int = 0
    everything: dict[str, formulas.Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole, its parts in their own order (never by how good they are), and when it was counted."""

    asked: Asked
    whole: Line
    lines: list[Line]
    at: datetime


def score_rule() -> ScoreRule:
    """The rule that counts now; the defaults where nobody has set one."""
    return ScoreRule.objects.order_by("-id").first() or ScoreRule(set_at=clock.now())


def measured(actor: Actor, asked: Asked, rule: ScoreRule | None = None) -> Report:
    """All shares of the period, in one statement for however many calls, and one more for the names of the parts.

    ``rule``: the rule that counts now, for those who ask for several periods and know it already.
    """
    rows = cohort(actor, replace(asked, everything=True)).annotate(part=part_of(actor, asked), left_out=left_out())
    counted: Any = rows.values("part", "left_out").annotate(total=Count("id"), **counts(SHARES.values()))
    weight = (rule or score_rule()).middling
    kept, out = dict[Any, Line](), dict[Any, Line]()
    for one in counted.order_by("part"):
        (out if one["left_out"] else kept)[one["part"]] = line(one, weight)
    names = names_of(asked.by, [*kept, *(part for part in out if part not in kept)])
    both = {part: beside(kept.get(part), out.get(part)) for part in names}
    lines = [replace(both[part], key=key, name=name) for part, (key, name) in names.items()]
    whole = beside(added(kept.values()), added(out.values()))
    return Report(asked, whole, lines if asked.by else [], clock.now())


def beside(kept: Line | None, out: Line | None) -> Line:
    """The calls that count, and beside them how it is with those that were left out."""
    kept, out = kept or added([]), out or added([])
    return replace(kept, out=out.total, everything=added([kept, out]).values)


def cohort(actor: Actor, asked: Asked) -> QuerySet[Call]:
    """Calls on the reader's desk that count in the period: those that ended in it, and those not done that were late;
    without those that were left out, unless they are asked for, and without those that a place raised for itself.
    """
    rows = Call.objects.filter(rules.on_desk(actor)).filter(counting(asked.since, asked.until), raised_for=None)
    if asked.own:
        rows = rows.filter(place__path=asked.place_path or own_root(actor))
    elif asked.place_path:
        rows = rows.filter(place__path__startswith=asked.place_path)
    if asked.kind:
        rows = rows.filter(kind__code=asked.kind)
    if asked.channel:
        rows = rows.filter(channel=asked.channel)
    if not asked.everything:
        rows = rows.exclude(left_out())
    return marked(rows, asked.since, asked.until)


def behind(actor: Actor, asked: Asked, share: Share, *, whole: bool) -> QuerySet[Call]:
    """The calls of one number, as far as the reader sees them, with what a row of the list shows."""
    part = share.part | share.weighted if share.weighted and score_rule().middling else share.part
    keys = cohort(actor, asked).filter(share.whole if whole else part).values("pk")
    return with_offers(desk_calls(actor).filter(pk__in=keys))


def counts(shares: Iterable[Share]) -> dict[str, Count]:
    """One counted column a part and a whole."""
    found: dict[str, Count] = {}
    for share in shares:
        found[f"{share.code}__part"] = Count("id", filter=share.part)
        found[f"{share.code}__whole"] = Count("id", filter=share.whole)
        if share.weighted is not None:
            found[f"{share.code}__weighted"] = Count("id", filter=share.weighted)
    return {name.replace("__", "_of_"): one for name, one in found.items()}


def line(row: dict[str, Any], weight: int) -> Line:
    """A row of the database as shares; ``weight`` of the middling in percent."""
    values = {
        code: formulas.satisfaction(
            row[f"{code}_of_part"], row.get(f"{code}_of_weighted", 0), row[f"{code}_of_whole"], weight
        )
        for code in SHARES
    }
    return Line("", "", row["total"], values)


def added(lines: Iterable[Line]) -> Line:
    """The parts together: every call stands in one part."""
    lines = list(lines)
    nothing = formulas.Value(Fraction(0), 0)
    values = {code: sum((one.values[code] for one in lines), nothing) for code in SHARES}
    return Line("", "", sum(one.total for one in lines), values)


def part_of(actor: Actor, asked: Asked) -> Any:
    """What splits the calls: the place below the one asked for, kind, channel, week or month in China."""
    if asked.by == "place":
        return below(asked.place_path or own_root(actor))
    if asked.by in {"week", "month"}:
        trunc = TruncWeek if asked.by == "week" else TruncMonth
        return trunc("moment", tzinfo=clock.SHANGHAI)
    return {"kind": F("kind_id"), "channel": F("channel")}.get(asked.by, Value(0, output_field=IntegerField()))


def below(path: str) -> Any:
    """Key of the place right below ``path`` in which a call lies; "" for calls at ``path`` itself."""
    depth = len(path.strip("/").split("/")) if path.strip("/") else 0
    return Cast(Func(F("place__path"), Value("/"), Value(depth + 2), function="split_part"), CharField())


def own_root(actor: Actor) -> str:
    """The one place of the reader, or the top of the tree when he has several."""
    held = people_rules.held(actor, rules.READERS)
    return held[0] if len(held) == 1 else ROOT


def names_of(by: str, parts: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Each part with its key and name, in the order in which a report shows them."""
    parts = list(parts)
    if by == "place":
        keys = [int(part) for part in parts if part]
        places = Place.objects.filter(pk__in=keys).only("public_id", "name", "name_en").order_by("sort_key", "id")
        found = {str(one.pk): (str(one.public_id), named(one)) for one in places}
        return found | ({"": ("", "")} if "" in parts else {})
    if by == "kind":
        kinds = ServiceKind.objects.filter(pk__in=parts).order_by("order", "id")
        return {one.pk: (one.code, named(one)) for one in kinds}
    if by == "channel":
        return {one.value: (one.value, str(one.label)) for one in Channel if one.value in parts}
    return {part: (f"{clock.local(part):%Y-%m-%d}", "") for part in sorted(parts)} if by else {}

"""Everything the dispatcher sees of one call beside the board: facts, who could help, the same matter asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Max, Q, QuerySet, Value
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huying.calls import rules
from huying.calls.models import Call, CallEvent
from huying.calls.queries.asking import emergency_numbers
from huying.calls.queries.board import Card, card
from huying.calls.queries.calls import may_be_same, same_matter, why_same
from huying.calls.queries.candidates import Candidate, candidates, spot_of
from huying.calls.queries.preferring import wish_in_words
from huying.calls.queries.story import Story, story
from huying.calls.states import OPEN_STATES, ReachedBy, State, Target
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.places.queries import Picture, mini_map
from huying.places.queries.maps import Spot
from huying.ui import when
from huying.ui.naming import named

WIDTH, HEIGHT = 352, 150
NAMED = 6


@dataclass(frozen=True, slots=True)
class Panel:
    """One call for those on duty. ``numbers`` are the emergency numbers to think of first, in order; empty when
    it is neither urgent nor of a dangerous kind; ``earlier`` are other calls of the same person or place, newest first.
    ``version`` grows with every step and word.
    """

    story: Story
    card: Card
    facts: list[tuple[str, str]]
    candidates: list[Candidate]
    duplicates: list[Call]
    earlier: list[Call]
    numbers: list[Target]
    several: int
    picture: Picture | None
    version: int

    @property
    def call(self) -> Call:
        return self.story.call


def panel(actor: Actor, call: Call) -> Panel:
    """The panel about ``call`` for this actor; people are only searched for when he may dispatch now."""
    told = story(actor, call)
    handles = "staff" in told.parties
    who = candidates(actor, call) if "dispatch" in told.steps else []
    free = handles and call.state in OPEN_STATES and not call.accepted_count
    same, earlier = beside(actor, call, free) if handles else ([], [])
    return Panel(
        story=told,
        card=card(call, clock.now()),
        facts=facts(told),
        candidates=who,
        duplicates=same,
        earlier=earlier,
        numbers=numbers(call) if "transfer" in told.steps else [],
        several=max(1, call.people_needed - call.accepted_count),
        version=told.events[-1].pk if handles and told.events else version(call),
        picture=mini_map(call.place, WIDTH, HEIGHT, spots(call, who)),
    )


def version(call: Call) -> int:
    """Key of the call's newest event: every step, word and photo leaves one."""
    return CallEvent.objects.filter(call=call).aggregate(newest=Max("id"))["newest"] or 0


def beside(actor: Actor, call: Call, free: bool) -> tuple[list[Call], list[Call]]:
    """Calls that may be the same matter (while nobody has accepted this one), each with its ``why``,
    and earlier ones of the person, or of the place that raised it: never private ones of the officer who pressed.
    """
    mine = calls_of(actor, call.requester) if call.raised_for_id is None else raised_by(actor, call.raised_for_id)
    earlier = mine.exclude(pk=call.pk).annotate(sure=Value(None, BooleanField()))[:3]
    rows: list[Any] = list(may_be_same(actor, call).union(earlier, all=True) if free else earlier)
    same = same_matter(call, [one for one in rows if one.sure is not None])
    for one in same:
        one.why = why_same(call, one)  # type: ignore[attr-defined]
    return same, sorted((one for one in rows if one.sure is None), key=lambda one: -one.pk)


def spots(call: Call, who: list[Candidate]) -> list[Spot]:
    """The neighbourhood of the call, and where those who could come start from; the call's own address is not drawn."""
    around = {one.spot: Spot(*one.spot, name=one.where) for one in who if one.spot}
    here = spot_of(call.place)
    if here is None:
        return list(around.values())
    around.pop(here, None)
    return [*around.values(), Spot(*here, name=named(call.place), here=True)]


def numbers(call: Call) -> list[Target]:
    """Numbers to think of first for this call: by its kind, its urgency and its words."""
    return emergency_numbers(call.kind, urgent=call.urgent, words=f"{call.title} {call.details}")


def calls_of(actor: Actor, person: Person) -> QuerySet[Call]:
    """Calls of one person on this actor's desk, newest first."""
    rows = Call.objects.filter(rules.on_desk(actor), Q(requester=person, raised_for=None))
    return rows.select_related("kind", "place", "requester", "raised_for").order_by("-id")


def raised_by(actor: Actor, place_id: int) -> QuerySet[Call]:
    """Calls raised in the name of one place on this actor's desk, newest first."""
    rows = Call.objects.filter(rules.on_desk(actor), raised_for_id=place_id)
    return rows.select_related("kind", "place", "requester", "raised_for").order_by("-id")


def facts(told: Story) -> list[tuple[str, str]]:
    """Pairs (name, words) of what is known; address and number stand apart, they are opened with a reason."""
    call = told.call
    pairs = [
        (_("求助人"), who_in_words(call)),
        (_("时间"), time_in_words(call)),
        (_("约定"), when.moment_text(call.scheduled_at, clock.now()) if call.scheduled_at else ""),
        (_("地方"), named(call.place)),
        *answered(call),
        (_("留意"), call.details),
        (_("怎么告诉他"), "" if call.reached_by == ReachedBy.PHONE else call.get_reached_by_display()),
        (_("需要"), needed_in_words(call)),
        (_("想请"), wish_in_words(call)),
        (_("物资"), goods_in_words(call)),
        (_("去的人"), some_names([str(one.team or one.volunteer) for one in told.helpers])),
        (_("在问"), some_names([str(one.team or one.volunteer) for one in told.asked])),
        (_("转到"), call.get_transferred_to_display() if call.transferred_to else ""),
        (_("评价"), rating_in_words(call)),
    ]
    return [(name, words) for name, words in pairs if words]


def some_names(names: Sequence[str]) -> str:
    """The names, of a crowd the first ones and how many there are."""
    if len(names) <= 1:
        return "".join(names)
    first = _("、").join(names[:NAMED])
    return first if len(names) <= NAMED else _("%(names)s等 %(n)d 位") % {"names": first, "n": len(names)}


def who_in_words(call: Call) -> str:
    """陈桂英 · 82 岁 · 王敏代办; 青禾街道吹哨 · 林知远."""
    if call.raised_for is not None:
        return _("%(place)s吹哨 · %(name)s") % {"place": named(call.raised_for), "name": call.requester.name}
    parts = [call.requester.name]
    if call.requester.birth_date:
        age = people_rules.age_on(call.requester.birth_date, clock.today())
        parts.append(_("%(age)d 岁") % {"age": age})
    if call.asked_by_id != call.requester_id:
        parts.append(_("%(name)s代办") % {"name": call.asked_by.name})
    return " · ".join(parts)


def time_in_words(call: Call) -> str:
    """今天 15:00 to 17:00, or whenever it suits."""
    if call.wanted_to is not None and (call.wanted_from is None or call.limit_at):
        return _("%(when)s前") % {"when": when.moment_text(call.wanted_to, clock.now())}
    if call.wanted_from is None:
        return _("尽快，时间都可以")
    since = when.moment_text(call.wanted_from, clock.now())
    if call.wanted_to is None:
        return since
    until: datetime = call.wanted_to
    same = clock.local(call.wanted_from).date() == clock.local(until).date()
    return f"{since}–{when.clock_text(until) if same else when.moment_text(until, clock.now())}"


def answered(call: Call) -> list[tuple[str, str]]:
    """The answers to the questions of the kind, in words; questions that have been dropped since keep their key."""
    asked = {one["key"]: one for one in call.kind.questions}
    dropped = [key for key in call.answers if key not in asked]
    return [
        (label(asked[key]) if key in asked else key, answer(asked.get(key), call.answers[key]))
        for key in [*asked, *dropped]
        if key in call.answers
    ]


def answer(question: dict[str, Any] | None, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    for choice in (question or {}).get("choices", ()):
        if choice[0] == value:
            return in_language(choice[1], choice[2] if len(choice) > 2 else "")
    return str(value)


def label(question: dict[str, Any]) -> str:
    return in_language(question["label"], question.get("label_en", ""))


def in_language(chinese: str, english: str) -> str:
    return chinese if (get_language() or "zh").startswith("zh") else english or chinese


def needed_in_words(call: Call) -> str:
    """需要 2 人，已有 1 人; nothing for a call that one person can answer."""
    if call.people_needed == 1:
        return ""
    facts = {"needed": call.people_needed, "found": call.accepted_count}
    return _("%(needed)d 人，已有 %(found)d 人") % facts


def goods_in_words(call: Call) -> str:
    """冲锋舟 6 艘、饮用水 200 箱; nothing where only people are sought."""
    lines = call.goods.order_by("order") if call.raised_for_id else ()
    return _("、").join(f"{one.name} {one.amount} {one.unit}" for one in lines)


def rating_in_words(call: Call) -> str:
    if call.score is None:
        return _("到期未评价") if call.state == State.CLOSED else ""
    solved = _("已解决") if call.solved else _("没解决")
    return _("%(score)d 星 · %(solved)s") % {"score": call.score, "solved": solved}

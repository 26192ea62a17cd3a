"""What is done while a call goes out ring by ring: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from huying.calls import actions
from huying.calls.models import Call, Offer, Ring
from huying.calls.queries.due import turns
from huying.calls.states import Asks, State
from huying.calls.tests.factories import START, Cast, actor, person, team, volunteer
from huying.volunteers.models import Team, TeamKind, Volunteer
from tests.crash.calls_stepping import CLOCKS, again, what
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules


def going_out(name: str, act: Callable[[Cast, Call], Any]) -> Callable[[Cast], Operation]:
    """An operation on a call that is out in its first ring: Li and the others of the station are asked; one more lives
    elsewhere in the street.
    """

    def build(cast: Cast) -> Operation:
        volunteer(person("石晓岚", cast.street), cast.street, lon=120.06, lat=30.29)
        ring(1, Asks.OWN)
        ring(2, Asks.OFFICE, level="office")
        duty = TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})[0]
        guard = team("值班队", cast.county, cast.leader)
        Team.objects.filter(pk=guard.pk).update(kind=duty)
        ring(3, Asks.DUTY, team_kind=duty, level="centre")

        def prepare() -> Any:
            call = actions.widen(actor=actor(cast.keeper), call=cast.call(State.POOLED), people=2)
            return keyed(name, CLOCKS, lambda: act(cast, again(call)))

        return Operation(name, prepare, broken_rules)

    return build


def ring(order: int, asks: str, **more: Any) -> Ring:
    facts = {"name": f"第{order}圈", "minutes": 60, "mode": "natural", "per_seat": 5} | more
    return Ring.objects.create(order=order, asks=asks, **facts)


def next_ring(cast: Cast, call: Call) -> bool:
    """The first ring is over, nobody answered."""
    Offer.objects.filter(call=call).update(answer_due_at=START)
    Call.objects.filter(pk=call.pk).update(ring_due_at=START)
    actions.expire(actor=CLOCKS, call=call)
    return actions.ask_next(actor=CLOCKS, call=again(call))


def bound(cast: Cast, call: Call) -> bool:
    """Only the unit on duty is left, and nobody has time to answer any more."""
    Offer.objects.filter(call=call, state="offered").update(state="expired", answered_at=START)
    Call.objects.filter(pk=call.pk).update(ring=2, ring_due_at=START)
    return actions.ask_next(actor=CLOCKS, call=call)


def time_up(cast: Cast, call: Call) -> bool:
    """A place raised it, and the moment until which it wanted them is over."""
    Call.objects.filter(pk=call.pk).update(
        raised_for=cast.county, wanted_from=START - timedelta(hours=2), wanted_to=START - timedelta(hours=1)
    )
    return actions.ask_next(actor=CLOCKS, call=call)


def widen(cast: Cast) -> Operation:
    keeper = actor(cast.keeper)
    ring(1, Asks.OWN)

    def prepare() -> Any:
        call = cast.call(State.POOLED)
        return keyed("widen", keeper, lambda: actions.widen(actor=keeper, call=again(call), people=2))

    return Operation("widen", prepare, broken_rules)


def push(cast: Cast, call: Call) -> Call:
    """Somebody on duty does not wait for the end of the first ring."""
    return actions.ask_next_ring(actor=actor(cast.keeper), call=call)


def seek_more(cast: Cast) -> Operation:
    """A call for two is filled by Li and the leader, and two more are sought."""
    keeper = actor(cast.keeper)
    ring(1, Asks.OWN)

    def prepare() -> Any:
        call = actions.dispatch(
            actor=keeper, call=cast.call(State.POOLED, people_needed=2), volunteers=[cast.li, cast.leader]
        )
        for one in (cast.li, cast.leader):
            call = actions.accept(actor=actor(one.person), call=call)
        return keyed("seek_more", keeper, lambda: actions.seek_more(actor=keeper, call=again(call), people=4))

    return Operation("seek_more", prepare, broken_rules)


def raise_call(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)
    ring(1, Asks.OWN)
    goods = [actions.Goods("冲锋舟", 6, "艘"), actions.Goods("饮用水", 200, "箱")]
    asked = replace(what(cast), place=cast.street, people_needed=3)

    def prepare() -> Any:
        return keyed(
            "raise", boss, lambda: actions.raise_call(actor=boss, what=asked, raised_for=cast.county, goods=goods)
        )

    return Operation("raise_call", prepare, broken_rules)


def with_goods(cast: Cast) -> Operation:
    """Li says yes to a call that a place raised, and brings something."""
    boss, li = actor(cast.dispatcher), actor(cast.li.person)
    ring(1, Asks.OWN)
    asked = replace(
        what(cast), place=cast.street, people_needed=3, wanted_from=None, wanted_to=None
    )  # he has time again

    def prepare() -> Any:
        goods = [actions.Goods("冲锋舟", 6, "艘")]
        call = actions.raise_call(actor=boss, what=asked, raised_for=cast.county, goods=goods)
        return keyed("accept", li, lambda: actions.accept(actor=li, call=again(call), goods={1: 2}))

    return Operation("accept with goods", prepare, broken_rules)


def reserve(name: str, act: Callable[[Cast, Call], Any]) -> Callable[[Cast], Operation]:
    """A call that Li has and He was released from; He stands by already where that is not what is killed."""

    def build(cast: Cast) -> Operation:
        def prepare() -> Any:
            call = cast.call(State.POOLED)
            actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
            call = actions.accept(actor=actor(cast.li.person), call=call)
            if name != "stand_by":
                actions.stand_by(actor=actor(cast.he.person), call=call)
            return keyed(name, CLOCKS, lambda: act(cast, again(call)))

        return Operation(name, prepare, broken_rules)

    return build


def stand_by(cast: Cast, call: Call) -> Any:
    return actions.stand_by(actor=actor(cast.he.person), call=call)


def step_back(cast: Cast, call: Call) -> Any:
    return actions.step_back(actor=actor(cast.he.person), call=call)


def drop_out(cast: Cast, call: Call) -> Any:
    return actions.hand_back(actor=actor(cast.li.person), call=call, reason="临时出差")


def put_off(cast: Cast) -> Operation:
    me = actor(cast.li.person)

    def prepare() -> Any:
        call = cast.call(State.DISPATCHED)
        return keyed("later", me, lambda: actions.later(actor=me, call=again(call), at=START + timedelta(minutes=5)))

    return Operation("later", prepare, broken_rules)


def remind(cast: Cast) -> Operation:
    def prepare() -> Any:
        offer = cast.call(State.DISPATCHED).offers.get()
        Offer.objects.filter(pk=offer.pk).update(remind_at=START)
        return keyed("remind", CLOCKS, lambda: actions.remind(actor=CLOCKS, offer_id=offer.pk))

    return Operation("remind", prepare, broken_rules)


def partly(verb: str, who: str, *before: str) -> Callable[[Cast], Operation]:
    """A call for five to which Li has said yes, and He is asked; ``before``: steps Li has taken since."""

    def build(cast: Cast) -> Operation:
        person = getattr(cast, who)
        doer = actor(getattr(person, "person", person))

        def prepare() -> Any:
            call = cast.call(State.POOLED, people_needed=5)
            call = actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
            call = actions.accept(actor=actor(cast.li.person), call=call)
            for step in before:
                call = getattr(actions, step)(actor=actor(cast.li.person), call=call)
            return keyed(verb, doer, lambda: getattr(actions, verb)(actor=doer, call=again(call)))

        return Operation(verb, prepare, broken_rules)

    return build


def save_ring(cast: Cast) -> Operation:
    boss, orders = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        facts = {"order": next(orders), "name": "本站", "asks": Asks.OWN, "place": cast.home}
        return keyed("save_ring", boss, lambda: actions.save_ring(actor=boss, ring=Ring(**facts)))

    return Operation("save_ring", prepare, broken_rules)


def drop_ring(cast: Cast) -> Operation:
    boss, orders = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        old = ring(next(orders), Asks.OWN)
        return keyed("drop", boss, lambda: actions.drop_ring(actor=boss, ring=Ring.objects.get(pk=old.pk)))

    return Operation("drop_ring", prepare, broken_rules)


def use_usual_rings(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        Ring.objects.all().delete()
        return keyed("usual", boss, lambda: actions.use_usual_rings(actor=boss))

    return Operation("use_usual_rings", prepare, broken_rules)


def look(cast: Cast) -> Operation:
    """The minute's look at four clocks, each of another sort; killed, the next look does what is left, and each once."""
    ring(1, Asks.OWN, per_seat=1)
    ring(2, Asks.OFFICE, level="office")
    made: list[Call] = []
    Volunteer.objects.update(weekly_limit=50)  # each death leaves open questions behind, and those are load

    def prepare() -> Any:
        actions.look(actor=CLOCKS)  # what the one before left when it was killed
        made[:] = [cast.call(State.SUBMITTED), cast.call(State.DISPATCHED), cast.call(State.POOLED)]
        made.append(actions.widen(actor=actor(cast.keeper), call=cast.call(State.POOLED), people=1))
        Call.objects.filter(pk__in=[made[0].pk, made[2].pk]).update(lift_at=START, stage_due_at=START)
        Offer.objects.filter(call=made[1]).update(answer_due_at=START)
        Call.objects.filter(pk=made[3].pk).update(ring_due_at=START)
        Offer.objects.filter(call=made[3]).update(remind_at=START)
        return lambda key: actions.look(actor=CLOCKS)

    def again() -> list[str]:
        actions.look(actor=CLOCKS)
        wrong = [f"{turn} is still due" for turn in turns(START)]
        verbs = ("escalate", "expire", "dispatch")
        steps = [[one.events.filter(verb=verb).count() for verb in verbs] for one in made]
        if steps != [[1, 0, 0], [0, 1, 2], [0, 0, 1], [1, 0, 2]]:
            wrong.append(f"steps taken {steps}")
        return wrong

    return Operation("look", prepare, broken_rules, keyed=False, again=again)


RINGS: dict[str, Callable[[Cast], Operation]] = {
    "ask_next ring": going_out("next ring", next_ring),
    "ask_next_ring": going_out("push", push),
    "bind": going_out("bind", bound),
    "time_up": going_out("time is up", time_up),
    "widen": widen,
    "seek_more": seek_more,
    "raise_call": raise_call,
    "accept with goods": with_goods,
    "stand_by": reserve("stand_by", stand_by),
    "step_back": reserve("step_back", step_back),
    "hand_back reserve": reserve("hand_back", drop_out),
    "later": put_off,
    "remind": remind,
    "look": look,
    "arrive": partly("arrive", "li"),
    "enough": partly("enough", "keeper"),
    "leave": partly("leave", "li", "arrive"),
    "save_ring": save_ring,
    "drop_ring": drop_ring,
    "use_usual_rings": use_usual_rings,
}

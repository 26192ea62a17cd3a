"""Two large calls of the demonstration: one went out yesterday, ring by ring, and has filled by more than half; the other
an office raised in its own name this morning, with boats.

Played by the real actions at the times of the rings' own clocks, like the other scenes (``calls.py``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import SEEKING, OfferState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.sealed import normal_phone
from huying.people.models import Person
from huying.people.states import RoleKind

WORKER = Actor.system("demo")
BEGAN = timedelta(hours=26)
PEOPLE, COMING, LATER, ARRIVED = 24, 14, 3, 5
SCENE: dict[str, Any] = {
    "kind": "other",
    "title": "雨季前清沟排水",
    "details": "沿河低洼处的沟渠要在雨季前清一遍，工具都备好了，请穿雨靴。",
    "channel": "phone",
    "urgent": False,
    "wanted": [20, 24],
}

RAISED = timedelta(hours=2)
FLOOD: dict[str, Any] = {
    "title": "汛期巡堤，沿河住户转移",
    "details": "上游水库今天下午泄洪，沿河低洼处的住户要在天黑前转移到学校。会开船、会划船的请说明，救生衣现场也发。",
    "people_needed": 20,
    "urgent": True,
    "address": "渡口桥头",
}
GOODS = (actions.Goods("冲锋舟", 6, "艘"), actions.Goods("救生衣", 60, "件"))
BRING: tuple[dict[int, int], ...] = ({1: 2, 2: 10}, {}, {2: 8}, {}, {1: 1}, {}, {2: 6}, {})
"""What those who answer first bring, by the lines of the goods."""


def play(theatre: Any) -> None:
    """Ask, send out, and let the rings run until now; helpers answer a while after they were asked."""
    now = theatre.now
    with clock.frozen(now - BEGAN):
        call = theatre.ask(SCENE)
        theatre.tell(True, call)
        duty = theatre.on_duty(call.place)
        call = actions.pool(actor=duty, call=call)
        call = actions.widen(actor=duty, call=call, people=PEOPLE)
        theatre.tell(True, call)
    at = now - BEGAN
    for _turn in range(6):
        at = min(at + timedelta(hours=2), now - timedelta(minutes=20))
        answer(theatre, call, at)
        call.refresh_from_db()
        if call.state not in SEEKING:
            break
        with clock.frozen(at):
            actions.ask_next(actor=WORKER, call=call)
            theatre.tell(True, call)
        call.refresh_from_db()
    come(theatre, call, now)


def answer(theatre: Any, call: Call, at: Any) -> None:
    """Of those who are asked every second one comes, as long as enough are still missing."""
    asked = list(call.offers.filter(state=OfferState.OFFERED, volunteer__isnull=False).order_by("id"))
    with clock.frozen(at):
        for offer in asked[::2]:
            if call.offers.filter(state=OfferState.ACCEPTED).count() >= COMING:
                return
            assert offer.volunteer is not None
            actions.accept(actor=theatre.actor(offer.volunteer.person_id), call=call)
        theatre.tell(True, call)


def come(theatre: Any, call: Call, now: Any) -> None:
    """Some have come already, some want to be asked again in an hour."""
    with clock.frozen(now - timedelta(minutes=3)):
        for offer in call.offers.filter(state=OfferState.ACCEPTED).order_by("id")[:ARRIVED]:
            assert offer.volunteer is not None
            actions.arrive(actor=theatre.actor(offer.volunteer.person_id), call=call)
        theatre.tell(True, call)
    for offer in Offer.objects.filter(call=call, state=OfferState.OFFERED, volunteer__isnull=False)[:LATER]:
        assert offer.volunteer is not None
        soon = now + timedelta(hours=1)
        if offer.answer_due_at is None or soon < offer.answer_due_at:
            actions.later(actor=theatre.actor(offer.volunteer.person_id), call=call, at=soon)


def blow(theatre: Any) -> None:
    """An office raises a call in its own name; some have answered, with what they bring."""
    began = theatre.now - RAISED
    office = next(one for one in theatre.roles if one.kind == RoleKind.OFFICE)
    actor, phone = theatre.actor(office.person_id), normal_phone("0571-88881234")
    with clock.frozen(began):
        what = actions.Ask(
            kind=theatre.kinds["other"],
            place=office.place,
            requester=Person(),
            contact_phone=phone,
            lon=office.place.lon,
            lat=office.place.lat,
            wanted_to=theatre.now + timedelta(hours=5),
            **FLOOD,
        )
        call = actions.raise_call(actor=actor, what=what, raised_for=office.place, goods=GOODS)
        theatre.tell(True, call)
    asked = call.offers.filter(state=OfferState.OFFERED, volunteer__isnull=False).order_by("id")
    for minute, (offer, goods) in enumerate(zip(list(asked), BRING, strict=False), start=1):
        with clock.frozen(began + timedelta(minutes=4 * minute)):
            assert offer.volunteer is not None
            actions.accept(actor=theatre.actor(offer.volunteer.person_id), call=call, goods=goods)
            theatre.tell(True, call)

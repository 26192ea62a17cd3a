"""What comes in by other doors (worker, telephone, programs, tables of the hotline): each gives the operation that is killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from huying.calls import actions
from huying.calls.models import Call, DoorKey, HotlineDraft
from huying.calls.queries.doors import actor_of
from huying.calls.states import State
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from huying.kernel.models import RevealBudget
from huying.people import actions as people_actions
from huying.people.models import Person
from tests.crash.calls_stepping import CLOCKS, again, what
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules

_serial = count(1)


def ask_for_another(cast: Cast) -> Operation:
    doer = actor(cast.grid_worker).behalf(cast.resident.pk)
    return Operation("ask", lambda: keyed("ask", doer, lambda: actions.ask(actor=doer, what=what(cast))), broken_rules)


def take_call(cast: Cast) -> Operation:
    keeper, phones = actor(cast.keeper, channel="phone"), count(13800001000)

    def prepare() -> Any:
        caller = people_actions.Facts(name="来电人", phone=str(next(phones)), home_place=cast.home)
        asked = replace(what(cast), requester=Person(name="来电人"))
        return keyed("take", keeper, lambda: actions.take_call(actor=keeper, what=asked, caller=caller))

    return Operation("take_call", prepare, broken_rules)


def bring_in(cast: Cast) -> Operation:
    """A program brings in a call of somebody new: the person and the call, or neither."""
    key, _text = actions.give_key(actor=actor(cast.dispatcher), name="城市 App", place=cast.county)
    doer = actor_of(key, channel="open311", address="")
    asked = replace(what(cast), requester=Person(), door=key)

    def prepare() -> Any:
        phone = f"1390001{next(_serial):04d}"
        return keyed("bring_in", doer, lambda: actions.bring_in(actor=doer, what=asked, name="方小雨", phone=phone))

    return Operation("bring_in", prepare, broken_rules)


def give_key(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def give() -> Any:
        return actions.give_key(actor=doer, name="城市 App", place=cast.county)[0]

    return Operation("give_key", lambda: keyed("give_key", doer, give), broken_rules)


def end_key(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        key, _text = actions.give_key(actor=doer, name="城市 App", place=cast.county)
        return keyed("end_key", doer, lambda: actions.end_key(actor=doer, key=DoorKey.objects.get(pk=key.pk)))

    return Operation("end_key", prepare, broken_rules)


def tickets_of(cast: Cast) -> Any:
    """A table with three tickets that waits for decisions."""
    number = next(_serial)
    lines = [f"SJ{number}-{n},clinic,陪着去医院{n},和平社区,1390000{number:02d}{n:02d}" for n in range(3)]
    table = SimpleUploadedFile("工单.csv", "\n".join(["工单编号,服务,标题,社区,电话", *lines]).encode())
    doer = actor(cast.dispatcher)
    return actions.check_tickets(actor=doer, area=cast.county, source="12345", upload=table)


def check_tickets(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)
    return Operation("check_tickets", lambda: keyed("check_tickets", doer, lambda: tickets_of(cast)[0]), broken_rules)


def take_draft(cast: Cast) -> Operation:
    """Two new calls, one ticket of the same matter: all come in together."""
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        draft, _plan = tickets_of(cast)
        known = cast.call()
        wanted = {2: "new", 3: "new", 4: f"same:{known.public_id}"}

        def take() -> Any:
            fresh = HotlineDraft.objects.get(pk=draft.pk)
            return [one.number for one in actions.take_draft(actor=doer, draft=fresh, decisions=wanted)]

        return keyed("take_draft", doer, take)

    return Operation("take_draft", prepare, lambda: [*broken_rules(), *tickets_without_call()])


def take_tickets(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        number = next(_serial)
        rows = [
            {"row": n, "number": f"API{number}-{n}", "kind": "clinic", "place": "和平社区", "name": "方小雨"}
            for n in range(2)
        ]

        def take() -> Any:
            done = actions.take_tickets(actor=doer, area=cast.county, source="12345", rows=rows)
            return [one.number for one in done]

        return keyed("take_tickets", doer, take)

    return Operation("take_tickets", prepare, lambda: [*broken_rules(), *tickets_without_call()])


def tickets_without_call() -> list[str]:
    """Calls that came from a ticket which is not there."""
    lost = Call.objects.filter(channel="hotline", tickets=None)
    return [f"{call.number} has no ticket" for call in lost]


def make_slip(cast: Cast) -> Operation:
    doer = actor(cast.keeper)

    def prepare() -> Any:
        call = cast.call()
        return keyed("make_slip", doer, lambda: actions.make_slip(actor=doer, call=again(call)))

    return Operation("make_slip", prepare, broken_rules)


def read_slip(cast: Cast) -> Operation:
    doer = actor(cast.keeper)

    def prepare() -> Any:
        RevealBudget.objects.all().delete()
        call = cast.call()
        actions.make_slip(actor=doer, call=again(call))
        return keyed("read_slip", doer, lambda: len(actions.read_slip(actor=doer, call=again(call))))

    return Operation("read_slip", prepare, broken_rules)


def forget_drafts(cast: Cast) -> Operation:
    """The day of a table is over: it goes, and that of today stays."""

    def prepare() -> Any:
        old, _plan = tickets_of(cast)
        fresh, _plan = tickets_of(cast)
        assert old is not None and fresh is not None
        HotlineDraft.objects.filter(pk=old.pk).update(made_at=clock.now() - timedelta(days=2))
        return keyed("forget_drafts", CLOCKS, lambda: actions.forget_drafts(actor=CLOCKS))

    return Operation("forget_drafts", prepare, broken_rules)


def say_told(cast: Cast) -> Operation:
    doer = actor(cast.grid_worker)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED, reached_by="worker")
        return keyed("say_told", doer, lambda: actions.say_told(actor=doer, call=again(call)))

    return Operation("say_told", prepare, broken_rules)


DOORS: dict[str, Callable[[Cast], Operation]] = {
    "ask for another": ask_for_another,
    "take_call": take_call,
    "bring_in": bring_in,
    "give_key": give_key,
    "end_key": end_key,
    "check_tickets": check_tickets,
    "take_draft": take_draft,
    "take_tickets": take_tickets,
    "make_slip": make_slip,
    "read_slip": read_slip,
    "forget_drafts": forget_drafts,
    "say_told": say_told,
}

"""A person's own copy of his calls, being forgotten in them, and what becomes of calls when a volunteer leaves."""

from __future__ import annotations

import pytest

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.actions.rights import CannotEraseNow
from huying.people.models import Notice
from huying.volunteers import actions as volunteer_actions

pytestmark = pytest.mark.django_db
PRIVATE = {
    "address": "桂花里 3 幢 201 室",
    "contact_phone": "+8613800001001",
    "details": "一个人在家",
    "answers": {"mobility": "卧床"},
}


def copy_of(cast: Cast, who: object) -> dict[str, list[dict[str, object]]]:
    sections = people_actions.export_person(actor=actor(who), person_id=who.pk)
    return {section.code: section.rows for section in sections}


# ── a copy ──────────────────────────────────────────────────────────────────
def test_the_copy_holds_ones_calls_in_the_open_what_one_said_and_whom_one_helped(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED, **PRIVATE)
    actions.say(actor=actor(cast.resident), call=call, text="谢谢")

    asked, helped = copy_of(cast, cast.resident), copy_of(cast, cast.li.person)

    mine = asked["calls"][0]
    assert (mine["address"], mine["contact_phone"], mine["details"]) == (
        "桂花里 3 幢 201 室",
        "+8613800001001",
        "一个人在家",
    )
    assert [row["text"] for row in asked["messages"]] == ["谢谢"]
    assert [(row["number"], row["state"]) for row in helped["offers"]] == [(call.number, "已接单")]
    assert helped["calls"] == []
    assert "桂花里" not in str(helped)


def test_whoever_said_no_to_a_call_has_it_in_his_copy_as_over_and_then_like_silence(cast: Cast) -> None:
    call = actions.decline(actor=actor(cast.li.person), call=cast.call(State.DISPATCHED))

    assert [row["state"] for row in copy_of(cast, cast.li.person)["offers"]] == ["已过时"]
    actions.cancel(actor=actor(cast.resident), call=call, reason="不用了")
    assert [row["state"] for row in copy_of(cast, cast.li.person)["offers"]] == ["已撤回"], "as of whoever was silent"


def test_the_copy_of_the_one_who_asked_for_another_holds_no_address_of_his(cast: Cast) -> None:
    what = actions.Ask(
        cast.kind, cast.home, cast.resident, "代办", address="桂花里 3 幢", contact_phone="+8613800001001"
    )
    actions.ask(actor=actor(cast.grid_worker), what=what)

    row = copy_of(cast, cast.grid_worker)["calls"][0]

    assert (row["title"], row["address"], row["contact_phone"]) == ("代办", "", "")


# ── being forgotten ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [State.SUBMITTED, State.POOLED, State.ACCEPTED, State.SUSPENDED])
def test_nobody_goes_while_his_call_is_under_way(cast: Cast, state: str) -> None:
    cast.call(state)

    with pytest.raises(CannotEraseNow):
        people_actions.erase_person(actor=actor(cast.resident), person_id=cast.resident.pk)


def test_nobody_goes_while_somebody_waits_for_him(cast: Cast) -> None:
    cast.call(State.ACCEPTED)

    with pytest.raises(CannotEraseNow):
        people_actions.erase_person(actor=actor(cast.li.person), person_id=cast.li.person.pk)


def test_a_forgotten_persons_calls_keep_number_kind_place_and_times_only(cast: Cast) -> None:
    call = cast.call(State.CLOSED, title="陈桂英去复查", **PRIVATE)

    people_actions.erase_person(actor=actor(cast.resident), person_id=cast.resident.pk)

    kept = Call.objects.get(pk=call.pk)
    assert (kept.number, kept.kind, kept.place, kept.delivered_at, kept.score) == (
        call.number,
        cast.kind,
        cast.home,
        START,
        5,
    )
    assert (kept.title, kept.details, kept.answers, kept.comment) == (cast.kind.name, "", {}, "")
    assert (kept.address, kept.contact_phone, kept.contact_index, kept.lon, kept.lat) == (None, None, None, None, None)
    assert "陈桂英" not in kept.search_text
    assert "chenguiying" not in kept.search_text


def test_messages_about_a_forgotten_person_go_from_other_peoples_lists(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    for event in call.events.all():
        actions.tell(actor=Actor.system("test"), call_id=call.pk, event_id=event.pk)
    told = Notice.objects.filter(person=cast.li.person).count()
    actions.cancel(actor=actor(cast.resident), call=call, reason="不用了")

    people_actions.erase_person(actor=actor(cast.resident), person_id=cast.resident.pk)

    assert told == 1
    assert Notice.objects.filter(about=cast.resident).count() == 0


# ── a volunteer leaves ──────────────────────────────────────────────────────
def test_what_a_volunteer_held_goes_back_when_he_leaves_and_only_once(cast: Cast) -> None:
    held, asked = cast.call(State.SCHEDULED), cast.call(State.DISPATCHED)
    volunteer_actions.leave(actor=actor(cast.li.person))

    done = [actions.release(actor=Actor.system("calls.release"), volunteer_id=cast.li.pk) for _ in range(2)]

    held.refresh_from_db()
    asked.refresh_from_db()
    assert done == [2, 0]
    assert [(c.state, c.accepted_count, c.scheduled_at) for c in (held, asked)] == [(State.POOLED, 0, None)] * 2
    states = [Offer.objects.get(call=call).state for call in (held, asked)]
    assert states == [OfferState.HANDED_BACK, OfferState.WITHDRAWN]


def test_nothing_is_taken_from_a_volunteer_who_came_back_meanwhile(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)
    helper = actor(cast.li.person)
    volunteer_actions.leave(actor=helper)
    volunteer_actions.save_profile(actor=helper, profile=volunteer_actions.Profile(base_place=cast.home))

    done = actions.release(actor=Actor.system("calls.release"), volunteer_id=cast.li.pk)

    call.refresh_from_db()
    assert (done, call.state) == (0, State.ACCEPTED)

"""Emergency numbers where they are needed: in one order everywhere, also for words, also after somebody has gone there."""

from __future__ import annotations

import pytest

from huying.calls import actions, queries
from huying.calls.forms.menu import EMERGENCY
from huying.calls.models import Offer
from huying.calls.states import EMERGENCIES, State, Target
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast, actor, kind
from huying.calls.tests.stepping import see

pytestmark = pytest.mark.django_db
FIRST = ["120", "119", "110", "12345"]
OUT_THERE = [State.DISPATCHED, State.ACCEPTED, State.SCHEDULED, State.SERVING]


def test_the_hotline_stands_beside_the_three_numbers_everywhere(cast: Cast) -> None:
    urgent = kind("storm", urgent=True)
    home = browser(cast.resident).get("/ask/").content.decode()

    assert [one.value for one in EMERGENCIES] == FIRST == [code for code, _label in EMERGENCY]
    assert [one.value for one in queries.emergency_numbers(urgent)] == FIRST
    assert all(f'href="tel:{number}"' in home for number in FIRST)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("老人晕倒了", Target.MEDICAL),
        ("楼道冒烟", Target.FIRE),
        ("有人入室", Target.POLICE),
        ("陪我去医院复查", None),
        ("", None),
    ],
)
def test_words_of_danger_bring_their_number_first_and_the_others_after_it(
    cast: Cast, words: str, first: Target | None
) -> None:
    found = queries.emergency_numbers(cast.kind, words=words)

    assert found[:1] == ([first] if first else [])
    assert set(found) == (set(EMERGENCIES) if first else set())


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({}, False),
        ({"urgent": "on"}, True),
        ({"title": "奶奶昏迷了"}, True),
        ({"details": "厨房着火"}, True),
    ],
)
def test_the_phone_desk_shows_them_when_the_words_or_the_caller_are_in_a_hurry(
    cast: Cast, typed: dict[str, str], shown: bool
) -> None:
    page = browser(cast.keeper).post("/desk/phone/find/", {"kind": cast.kind.code, **typed}).content.decode()

    assert ("先问有没有危险" in page) is shown
    assert ("12345" in page) is shown


@pytest.mark.parametrize("state", OUT_THERE)
def test_danger_found_when_somebody_is_asked_or_there_is_shown_and_handed_on(cast: Cast, state: State) -> None:
    call = cast.call(state, urgent=True)
    desk = browser(cast.keeper)

    panel = desk.get(f"/desk/calls/{call.public_id}/").content.decode()
    answer = sent(desk, f"/calls/{call.public_id}/transfer/", target="120", note="老人倒地")

    call.refresh_from_db()
    assert "有危险先打电话" in panel
    assert [panel.index(f'href="tel:{number}"') for number in FIRST] == sorted(
        panel.index(f'href="tel:{number}"') for number in FIRST
    )
    assert (answer.status_code, call.state, call.transferred_to) == (303, State.TRANSFERRED, "120")
    assert (call.stage_due_at, call.lift_at, call.accepted_count) == (None, None, 0)
    assert set(Offer.objects.filter(call=call).values_list("state", flat=True)) == {"withdrawn"}
    assert call.events.get(verb="transfer").facts["released"]


def test_who_goes_there_has_the_numbers_on_his_page_and_nobody_else(cast: Cast) -> None:
    call = cast.call(State.SERVING)

    helper, resident = see(cast.li.person, call), see(cast.resident, call)

    assert all(f'href="tel:{number}"' in helper for number in FIRST)
    assert 'href="tel:119"' not in resident


def test_what_was_delivered_is_handed_on_by_nobody(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)

    with pytest.raises(actions.StepRefused):
        actions.transfer(actor=actor(cast.keeper), call=call, target="120")

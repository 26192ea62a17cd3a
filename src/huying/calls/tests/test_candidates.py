"""Who is proposed for a call, in which order, and with which reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import actions, queries
from huying.calls.models import Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor, person, run_out, skill, team, volunteer
from huying.kernel import clock

pytestmark = pytest.mark.django_db
KM = 1 / 111.195
"""One kilometre north, in degrees."""


def names(cast: Cast, call: object, who: object = None) -> list[str]:
    return [one.name for one in queries.candidates(actor(who or cast.keeper), call)]  # type: ignore[arg-type]


def test_those_who_can_do_it_come_first_then_the_nearest(cast: Cast) -> None:
    accompany = skill("accompany", "陪同就医")
    cast.kind.skills.add(accompany)
    call = cast.call(lon=120.05, lat=30.28)
    volunteer(person("远而会", cast.home), cast.home, accompany, lon=120.05, lat=30.28 + 2 * KM)
    volunteer(person("近而会", cast.home), cast.home, accompany, lon=120.05, lat=30.28 + 0.5 * KM)
    volunteer(person("不知道在哪", cast.home), cast.home, accompany)

    found = [name for name in names(cast, call) if name != "和平助老队"]

    assert found[:4] == ["近而会", "远而会", "不知道在哪", "李安和"]


def test_the_reasons_are_words_and_hold_no_score(cast: Cast) -> None:
    accompany, drive = skill("accompany", "陪同就医"), skill("drive", "驾驶")
    cast.kind.skills.set([accompany, drive])
    volunteer(person("张知秋", cast.home), cast.home, accompany, lon=120.05, lat=30.28 + 0.5 * KM)
    call = cast.call(lon=120.05, lat=30.28)

    found = next(one for one in queries.candidates(actor(cast.keeper), call) if one.name == "张知秋")

    assert (found.where, round(found.km or 0, 2), found.missing, found.open) == ("和平社区", 0.5, 1, 0)
    assert found.reasons == ["步行约 9 分钟", "会陪同就医", "没有登记：驾驶", "手上没有事"]
    assert not any("%" in reason for reason in found.reasons)


def test_a_team_says_how_far_it_is_and_how_many_it_has(cast: Cast) -> None:
    cast.kind.answered_by = "team"
    cast.kind.save()
    call = cast.call()

    found = queries.candidates(actor(cast.keeper), call)

    assert [(one.field, one.name, one.reasons) for one in found] == [
        ("teams", "和平助老队", ["约 0.1 公里", "队员 1 人", "手上没有事"])
    ]


def test_work_in_hand_moves_a_helper_back_as_half_a_kilometre_would(cast: Cast) -> None:
    call = cast.call(lon=120.05, lat=30.28)
    near = volunteer(person("近而忙", cast.home), cast.home, lon=120.05, lat=30.28 + 0.1 * KM)
    volunteer(person("稍远而闲", cast.home), cast.home, lon=120.05, lat=30.28 + 0.5 * KM)
    busy = cast.call(title="另一件")
    Offer.objects.create(call=busy, volunteer=near, state=OfferState.ACCEPTED, offered_at=START, answered_at=START)

    order = [name for name in names(cast, call) if name in {"近而忙", "稍远而闲"}]

    assert order == ["稍远而闲", "近而忙"]
    assert (
        next(c for c in queries.candidates(actor(cast.keeper), call) if c.name == "近而忙").reasons[-1] == "手上 1 件"
    )


def test_who_helped_this_person_before_is_said(cast: Cast) -> None:
    done = cast.call(State.CLOSED)
    assert done.state == State.CLOSED

    found = next(one for one in queries.candidates(actor(cast.keeper), cast.call()) if one.name == "李安和")

    assert found.reasons[-1] == "以前帮过这位居民"


def test_those_who_rest_left_or_have_their_hands_full_are_not_asked(cast: Cast) -> None:
    call = cast.call()
    today = clock.today()
    volunteer(person("在休息", cast.home), cast.home, paused_until=today)
    volunteer(person("昨天歇完", cast.home), cast.home, paused_until=today - timedelta(days=1))
    volunteer(person("已退出", cast.home), cast.home, left_at=START)
    volunteer(person("不接", cast.home), cast.home, weekly_limit=0)
    volunteer(person("住得远", cast.home), cast.home, lon=120.05, lat=30.28 + 5 * KM, travel_km=3)

    assert set(names(cast, call)) == {"昨天歇完", "李安和", "何晓燕", "吴长青", "和平助老队"}


def test_what_is_done_no_longer_fills_the_hands_and_last_week_is_not_this_week(cast: Cast) -> None:
    call = cast.call()
    free = volunteer(person("做完了", cast.home), cast.home, weekly_limit=1)
    full = volunteer(person("正忙着", cast.home), cast.home, weekly_limit=1)
    last_week = START - timedelta(days=7)
    for one, state in ((free, OfferState.DONE), (full, OfferState.ACCEPTED)):
        other = cast.call(title="上周的")
        Offer.objects.create(call=other, volunteer=one, state=state, offered_at=last_week, answered_at=last_week)

    found = {one.name: one.reasons for one in queries.candidates(actor(cast.keeper), call)}

    assert "正忙着" not in found
    assert found["做完了"] == ["手上没有事", "以前帮过这位居民"]


def test_nobody_is_proposed_for_his_own_call(cast: Cast) -> None:
    call = cast.call(requester=cast.resident)
    volunteer(cast.resident, cast.home)

    assert "陈桂英" not in names(cast, call)


def test_who_said_no_is_not_proposed_again_for_this_call_but_for_others(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    actions.decline(actor=actor(cast.li.person), call=call)

    assert "李安和" not in names(cast, call)
    run_out(call)
    assert "李安和" not in names(cast, call)
    assert "李安和" in names(cast, cast.call(title="另一件"))


def test_a_decline_changes_nothing_in_the_order_of_the_next_call(cast: Cast) -> None:
    """He is asked, which is load; what he says to it is none."""
    asked = cast.call(State.DISPATCHED)
    before = names(cast, cast.call(title="先"))

    actions.decline(actor=actor(cast.li.person), call=asked)

    assert names(cast, cast.call(title="后")) == before


def test_whoever_was_asked_and_taken_back_can_be_asked_again(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    actions.recall(actor=actor(cast.keeper), call=call, reason="换个人")

    assert "李安和" in names(cast, call)


def test_a_station_proposes_its_own_people_and_the_centre_those_around(cast: Cast) -> None:
    volunteer(person("隔壁街道", cast.away), cast.away)
    team("区应急队", cast.county)
    call = cast.call()

    assert "隔壁街道" not in names(cast, call)
    assert {"隔壁街道", "区应急队"} <= set(names(cast, call, cast.dispatcher))
    assert "区应急队" in names(cast, call)
    assert queries.candidates(actor(cast.outsider), call) == [] or "李安和" not in names(cast, call, cast.outsider)


def test_the_neighbourhood_is_looked_through_before_the_district(cast: Cast) -> None:
    for number in range(9):
        volunteer(person(f"邻居{number}", cast.home), cast.home)
    volunteer(person("隔壁街道", cast.away), cast.away)

    assert "隔壁街道" not in names(cast, cast.call(), cast.dispatcher)


def test_an_empty_neighbourhood_gives_an_empty_list(cast: Cast) -> None:
    call = cast.call(place=cast.away)

    assert queries.candidates(actor(cast.outsider), call) == []


def test_the_distance_is_within_half_a_percent_of_the_great_circle(cast: Cast) -> None:
    from math import asin, cos, radians, sin, sqrt

    call = cast.call(lon=120.0, lat=30.0)
    far = volunteer(person("远方", cast.home), cast.home, lon=120.9, lat=30.9, travel_km=200)

    found = next(one for one in queries.candidates(actor(cast.keeper), call) if one.public_id == far.public_id)

    half = sin(radians(0.45)) ** 2 + cos(radians(30)) * cos(radians(30.9)) * sin(radians(0.45)) ** 2
    assert found.km == pytest.approx(2 * 6371.0 * asin(sqrt(half)), rel=0.005)

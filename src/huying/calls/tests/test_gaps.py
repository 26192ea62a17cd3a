"""Calls that a proposal could give to nobody: why, and what would have to give way, or why no limit is worth bending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import Call, Proposal, ProposalGap
from huying.calls.queries import proposed, proposing
from huying.calls.states import ProposalState, State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind, person, skill, volunteer
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.matching.explaining import Bend
from huying.places.models import Place
from huying.volunteers.models import ServiceCategory, Volunteer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("calls.propose")


@pytest.fixture
def cast() -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def gaps(cast: Cast) -> list[proposing.Gap]:
    """What a proposal for the keeper's community leaves open."""
    asked = actions.propose(actor=actor(cast.keeper), place=cast.home)
    actions.calculate(actor=SYSTEM, proposal_id=asked.pk, turn=asked.turn)
    return proposed.gaps(asked).rows


def test_why_nobody_can_come_is_said_with_the_cheapest_way_out(cast: Cast) -> None:
    plumbing = skill("plumbing", "修水管")
    fixing, singing = kind("fixing"), kind("singing")
    fixing.skills.add(plumbing)
    singing.skills.add(skill("singing", "唱歌"))
    far = volunteer(person("秦安", cast.home), cast.home, plumbing, lon=120.05, lat=30.33, travel_km=3)
    cast.call(State.POOLED, kind=fixing)
    cast.call(State.POOLED, kind=singing)

    found = gaps(cast)

    assert [one.row.lack for one in found] == ["distance", "skill"]
    assert found[0].row.volunteer_id == far.pk
    assert found[0].way == "可以问秦安：比愿意走的远 2.5 公里"
    assert found[1].way == "放宽路程、时间都没有用：要先有人登记并通过需要的技能和检查"


def test_too_far_and_everybody_busy_in_the_plan_says_that_no_limit_is_worth_bending(cast: Cast) -> None:
    plumbing, fixing = skill("plumbing", "修水管"), kind("fixing")
    fixing.skills.add(plumbing)
    volunteer(person("秦安", cast.home), cast.home, plumbing, lon=120.05, lat=30.33, travel_km=3)
    for lat in (30.33, 30.28):
        cast.call(State.POOLED, kind=fixing, lon=120.05, lat=lat)

    (gap,) = gaps(cast)

    assert (gap.why, gap.people) == ("会做的人都离得太远", "1 人会做")
    assert gap.way == "放宽路程、时间都没有用：会做的 1 人在这份方案里都有安排了，可以改派其中一条，或等人空出来"


def test_everybody_full_is_said_and_who_would_have_to_take_one_more(cast: Cast) -> None:
    plumbing, fixing = skill("plumbing", "修水管"), kind("fixing")
    fixing.skills.add(plumbing)
    cast.li.skills.add(plumbing)
    cast.call(State.ACCEPTED)
    Volunteer.objects.filter(pk=cast.li.pk).update(weekly_limit=1)
    cast.call(State.POOLED, kind=fixing)

    (gap,) = gaps(cast)

    assert (gap.why, gap.way) == ("会做的人手上都满了", "可以问李安和：比自己定的多接 1 件")


def test_a_team_in_place_of_persons_is_named_as_one_and_never_where_each_must_be_known_by_name(cast: Cast) -> None:
    Volunteer.objects.update(left_at=clock.now())
    children = ServiceCategory.objects.filter(needs_check=True).first()
    cast.call(State.POOLED, kind=kind("alone", answered_by="volunteer"))
    cast.call(State.POOLED, kind=kind("minding", category=children))

    ways = [one.way for one in gaps(cast)]

    assert ways == [
        "可以问和平助老队：先在服务菜单里让队伍也能接这一项",
        "放宽路程、时间都没有用：要先有人登记并通过需要的技能和检查",
    ]


def test_every_rule_that_may_bend_has_words_of_its_own(cast: Cast) -> None:
    facts: dict[str, Any] = {"call": cast.call(State.POOLED), "lack": "distance", "volunteer": cast.li}

    said = [proposing.way_out(ProposalGap(**facts, bends=[[str(bend), 60]])) for bend in Bend]

    assert len(set(said)) == len(Bend)
    assert all(one.partition("：")[2] for one in said)


def test_a_call_without_a_position_is_told_to_get_one(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    Call.objects.filter(pk=call.pk).update(lon=None, lat=None)
    Place.objects.filter(pk=cast.home.pk).update(lon=None, lat=None)

    (gap,) = gaps(cast)

    assert not gap.people
    assert (gap.row.lack, gap.way) == ("position", "在求助里或地方的资料里补上位置，再重新计算")


def test_gaps_stand_on_the_page_with_their_way_out_and_the_rest_on_the_next(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    monkeypatch.setattr(proposed, "A_PAGE", 2)
    singing = kind("singing")
    singing.skills.add(skill("singing", "唱歌"))
    for n in range(5):
        cast.call(State.POOLED, kind=singing, title=f"第{n}件")
    gaps(cast)
    address, keeper = f"/desk/proposals/{Proposal.objects.get().public_id}/", browser(cast.keeper)

    ways = [""]
    pages = []
    for _turn in range(4):  # on, on, and one back again
        pages.append(keeper.get(f"{address}{ways[-1]}").content.decode())
        links = [unescape(one) for one in re.findall(r'href="([?]gaps=[^"]+#gaps)"', pages[-1])]
        ways.append(links[0] if len(pages) == 3 else links[-1])

    shown = [[n for n in range(5) if f"第{n}件" in html] for html in pages]
    assert shown == [[0, 1], [2, 3], [4], [2, 3]]
    assert keeper.get(f"{address}?gaps=4").status_code == 422
    assert "要先有人登记并通过需要的技能和检查" in pages[0]
    assert "一共 5 件" in pages[0]


def test_nothing_open_is_weighed_too_and_leaves_nothing(cast: Cast) -> None:
    assert gaps(cast) == []
    assert Proposal.objects.get().state == ProposalState.READY

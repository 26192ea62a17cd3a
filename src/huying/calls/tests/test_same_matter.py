"""The same matter asked twice is suggested: the same person, the same number, or like words at the same place and time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import queries
from huying.calls.models import Call
from huying.calls.queries.calls import likeness
from huying.calls.states import State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.people.models import Person

pytestmark = pytest.mark.django_db


def of(cast: Cast, who: Person, title: str, **more: object) -> Call:
    made = cast.call(title=title, **more)
    Call.objects.filter(pk=made.pk).update(requester=who, asked_by=who)
    return Call.objects.get(pk=made.pk)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("3 幢电梯坏了", "三号楼 3 幢电梯坏了没人修", True),
        ("楼道灯坏了", "楼道的灯坏了", True),
        ("楼道灯坏了", "陪我去医院复查", False),
        ("理发", "理发", True),
        ("理发", "修脚", False),
        ("灯", "灯", True),
        ("", "灯", False),
        ("ＡＢ栋漏水", "ab 栋漏水", True),
    ],
)
def test_likeness_of_words(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= 0.5) is alike
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


def test_like_words_at_the_same_place_are_suggested_and_the_page_says_why(cast: Cast) -> None:
    first = of(cast, cast.neighbour, "楼道灯坏了")
    second = cast.call(title="楼道的灯坏了")

    page = browser(cast.keeper).get(f"/desk/calls/{second.public_id}/").content.decode()

    assert queries.panel(actor(cast.keeper), second).duplicates == [first]
    assert "可能是同一件事" in page
    assert first.number in page
    assert "同一个地方，时间和说法相近" in page


def test_another_kind_place_matter_or_day_is_not_suggested(cast: Cast) -> None:
    wanted = START + timedelta(days=1)
    of(cast, cast.neighbour, "楼道灯坏了", kind=kind("repair"))
    of(cast, cast.neighbour, "陪我去医院")
    of(cast, cast.neighbour, "楼道灯坏了", wanted_from=wanted + timedelta(days=3))
    ended = of(cast, cast.neighbour, "楼道灯坏了")
    Call.objects.filter(pk=ended.pk).update(state=State.CANCELLED, ended_at=START)
    elsewhere = of(cast, cast.neighbour, "楼道灯坏了")
    Call.objects.filter(pk=elsewhere.pk).update(place=cast.away)
    mine = cast.call(title="楼道的灯坏了", wanted_from=wanted, wanted_to=wanted + timedelta(hours=2))

    assert queries.panel(actor(cast.dispatcher), mine).duplicates == []


def test_times_that_touch_or_are_near_fit(cast: Cast) -> None:
    wanted = START + timedelta(days=1)
    near = of(cast, cast.neighbour, "楼道灯坏了", wanted_from=wanted + timedelta(hours=20))
    mine = cast.call(title="楼道的灯坏了", wanted_from=wanted, wanted_to=wanted + timedelta(hours=2))

    assert queries.panel(actor(cast.keeper), mine).duplicates == [near]


def test_the_phone_desk_says_that_the_person_waits_for_the_same_kind(cast: Cast) -> None:
    call = cast.call(title="去医院复查")
    client = browser(cast.keeper)

    page = client.get(f"/desk/phone/for/{cast.kind.code}/?person={cast.resident.public_id}").content.decode()
    other = client.get(f"/desk/phone/for/{cast.kind.code}/?person={cast.neighbour.public_id}").content.decode()

    assert "这个人已有同类求助在办" in page
    assert call.number in page
    assert "这个人已有同类求助在办" not in other

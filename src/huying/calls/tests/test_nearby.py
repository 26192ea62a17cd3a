"""附近需要人: calls that fit one volunteer, the nearest first, with why; and seen from another place for one search."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.calls import actions
from huying.calls.models import Call, HelperSex
from huying.calls.queries import nearby
from huying.calls.queries.nearby import Sought
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, kind, place, skill
from huying.kernel.models import AuditLine
from huying.people.states import Sex
from huying.volunteers.models import Language, ServiceCategory, Volunteer

pytestmark = pytest.mark.django_db


def fits(cast: Cast, who: Volunteer | None = None, cursor: str = "", **sought: Any) -> list[str]:
    """Titles of what this volunteer (何晓燕) is shown."""
    one = Volunteer.objects.select_related("person", "base_place").get(pk=(who or cast.he).pk)
    page = nearby.near_home(actor(one.person), nearby.brings(one), Sought(**sought), cursor)
    return [near.call.title for near in page.rows]


def test_the_nearest_stands_first_and_what_is_too_far_is_not_there(cast: Cast) -> None:
    for title, lon in (("远", 120.09), ("近", 120.056), ("太远", 120.4), ("不知道在哪", None)):
        cast.call(State.POOLED, title=title, lon=lon, lat=lon and 30.283)
    Volunteer.objects.filter(pk=cast.he.pk).update(travel_km=10)

    assert fits(cast) == ["近", "不知道在哪", "远"]  # without a position of its own it is at its place
    assert fits(cast, every=True) == ["近", "不知道在哪", "远", "太远"]


def test_only_what_he_can_do_has_time_for_and_is_wished_for_is_there(cast: Cast) -> None:
    plumbing, hakka = skill("plumbing", "修水管"), Language.objects.create(code="hak", name="客家话")
    fixing, bath = kind("fixing"), kind("bath", allow_preference=True)
    fixing.skills.add(plumbing)
    cast.call(State.POOLED, title="修水管", kind=fixing)
    cast.call(State.POOLED, title="说客家话", language=hakka)
    cast.call(State.POOLED, title="想请男的", kind=bath, helper_sex=HelperSex.MALE)
    afternoon = START + timedelta(hours=5)
    cast.call(State.POOLED, title="下午", wanted_from=afternoon, wanted_to=afternoon + timedelta(hours=1))
    cast.call(State.POOLED, title="随时")
    cast.he.person.sex = Sex.FEMALE
    cast.he.person.save()
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=[3])  # on Tuesday mornings

    assert fits(cast) == ["随时"]
    assert fits(cast, every=True) == ["修水管", "下午", "随时"]  # what a step would refuse stays out

    cast.he.skills.add(plumbing)
    cast.he.languages.add(hakka)
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=[])
    cast.he.person.sex = Sex.MALE
    cast.he.person.save()
    assert fits(cast) == ["修水管", "说客家话", "想请男的", "下午", "随时"]


def test_what_he_promised_elsewhere_at_that_time_and_what_he_holds_is_not_there(cast: Cast) -> None:
    afternoon = START + timedelta(hours=5)
    wish = {"wanted_from": afternoon, "wanted_to": afternoon + timedelta(hours=1)}
    cast.call(State.ACCEPTED, title="答应了", **wish)
    cast.call(State.POOLED, title="同一时间", **wish)
    half = cast.call(State.DISPATCHED, title="要两人", people_needed=2)
    actions.accept(actor=actor(cast.li.person), call=half)
    Call.objects.filter(pk=half.pk).update(state=State.POOLED)

    assert fits(cast, cast.li) == []
    assert fits(cast, cast.he) == ["同一时间", "要两人"]


def test_a_kind_he_has_not_the_papers_for_is_never_there(cast: Cast) -> None:
    insured = ServiceCategory.objects.create(code="ladder", name="登高", needs_insurance=True)
    cast.call(State.POOLED, title="换灯泡", kind=kind("lamp", category=insured))

    assert fits(cast, every=True) == []
    Volunteer.objects.filter(pk=cast.he.pk).update(insured_until=START.date() + timedelta(days=9))
    assert fits(cast) == ["换灯泡"]


def test_every_row_says_two_reasons_and_none_leads_to_the_door(cast: Cast) -> None:
    fixing = kind("fixing")
    fixing.skills.add(skill("plumbing", "修水管"))
    cast.he.skills.add(skill("plumbing"))
    cast.call(State.POOLED, title="修", kind=fixing)
    cast.call(State.POOLED, title="走走", lon=120.0552, lat=30.2831)
    one = Volunteer.objects.select_related("person", "base_place").get(pk=cast.he.pk)

    page = nearby.near_home(actor(one.person), nearby.brings(one), Sought(), "")

    assert [(near.call.title, near.reasons) for near in page.rows] == [
        ("走走", ("离您500 米以内", "不用特别的技能")),
        ("修", ("离您500 米到 1 公里", "您会修水管")),
    ]
    html = browser(cast.he.person).get("/help/").content.decode()
    assert "离您500 米到 1 公里 · 您会修水管" in html
    assert "陈桂英" not in html


def test_by_kind_and_by_words_of_what_is_shown_but_not_by_the_name_of_who_asks(cast: Cast) -> None:
    cast.call(State.POOLED, title="去医院复查")
    cast.call(State.POOLED, title="说说话", kind=kind("chat", name="陪聊"))

    assert fits(cast, kind="chat") == ["说说话"]
    assert fits(cast, words="复查") == ["去医院复查"]
    assert fits(cast, words="陪聊") == ["说说话"]
    assert len(fits(cast, words="和平")) == 2
    assert fits(cast, words="陈桂英") == []
    assert "没有符合条件的求助" in browser(cast.he.person).get("/help/?q=找不到").content.decode()


def test_the_pages_go_on_and_back_and_ask_the_same_however_many(cast: Cast) -> None:
    for n in range(25):
        cast.call(State.POOLED, title=f"第{n}件")
    page = browser(cast.he.person)

    with CaptureQueriesContext(connection) as long:
        first = page.get("/help/").content.decode()
    second = page.get("/help/?cursor=20").content.decode()
    Call.objects.filter(title__startswith="第").exclude(title="第3件").update(state=State.CANCELLED, ended_at=START)
    with CaptureQueriesContext(connection) as short:
        page.get("/help/")

    assert [n for n in range(25) if f"第{n}件" in first] == list(range(20))
    assert [n for n in range(25) if f"第{n}件" in second] == list(range(20, 25))
    assert "cursor=0" in second
    assert len(long) == len(short)


def test_from_another_place_the_nearest_to_it_come_first_and_the_place_is_kept_nowhere(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    east = place("东头", cast.street, "community", lon=120.09, lat=30.28)
    home = {"lon": 120.0999, "lat": 30.2801}  # a home far from its place: only the place is measured to
    cast.call(State.POOLED, title="家门口", **home)
    Call.objects.filter(pk=cast.call(State.POOLED, title="东头的").pk).update(place=east)
    Volunteer.objects.filter(pk=cast.he.pk).update(travel_km=10)
    page, before = browser(cast.he.person), AuditLine.objects.count()

    with caplog.at_level(logging.DEBUG, "huying"), CaptureQueriesContext(connection) as asked:
        answer = sent(page, "/help/from/", place=str(east.public_id))
    html = answer.content.decode()

    assert html.index("东头的") < html.index("家门口")
    assert "离您3 到 10 公里" in html  # from the east end to the community, not to the home beside it
    assert AuditLine.objects.count() == before
    written = [one["sql"] for one in asked if one["sql"].split()[0] in {"INSERT", "UPDATE"}]
    assert not [one for one in written if str(east.public_id) in one or "120.09" in one]
    assert not [one for one in asked if str(east.public_id) in one["sql"]]
    assert str(east.public_id) not in caplog.text
    assert answer["Cache-Control"].count("no-store") == 1


def test_the_place_is_asked_for_and_only_places_of_the_neighbourhood_are_known(cast: Cast) -> None:
    page = browser(cast.he.person)

    shown = page.get("/help/from/").content.decode()
    wrong = sent(page, "/help/from/", place=str(cast.away.public_id))

    assert "和平社区" in shown
    assert "麦田社区" not in shown
    assert wrong.status_code == 422
    assert browser(cast.resident).get("/help/from/").status_code == 403

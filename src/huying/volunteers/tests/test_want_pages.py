"""Pages of wants: stated by a leader, volunteers asked by the staff, answered on a telephone, planned for all at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from huying.kernel import clock
from huying.volunteers import actions
from huying.volunteers.models import Allocation, Invitation, Membership, Want
from huying.volunteers.states import AllocationState, InvitationState, WantState
from huying.volunteers.tests.factories import START, Cast, browser, sent
from huying.volunteers.tests.test_allocations import SYSTEM, planned
from huying.volunteers.tests.test_wants import invited, wanted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def url(name: str, *args: Any) -> str:
    return reverse(f"volunteers:{name}", args=args)


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    given = {
        "team": str(cast.team.public_id),
        "words": "周三助餐缺人，来了先跟着走一趟",
        "headcount": "2",
        "place": str(cast.home.public_id),
        "skills": ["cook"],
        "slots": ["7"],
        "until_date": "2026-03-31",
    }
    return given | more


def test_a_leader_states_a_want_on_his_teams_page_and_a_form_with_faults_keeps_what_was_typed(cast: Cast) -> None:
    client = browser(cast.wu.person)
    address = f"{url('want_new')}?team={cast.team.public_id}"

    page = client.get(url("team", cast.team.public_id)).content.decode()
    wrong = sent(client, url("want_new"), **body(cast, until_date="2026-03-01"))
    done = sent(client, url("want_new"), **body(cast))

    assert address in page
    assert client.get(address).status_code == 200
    assert (wrong.status_code, done.status_code) == (422, 303)
    assert "周三助餐缺人，来了先跟着走一趟" in wrong.content.decode()
    assert "截止要在今天以后、一年以内。" in wrong.content.decode()
    made = Want.objects.get()
    assert (made.headcount, made.slots, [one.code for one in made.skills.all()]) == (2, [7], ["cook"])
    shown = client.get(done["Location"]).content.decode()
    assert "已入队 0 / 2 人" in shown
    assert "周三 下午" in shown
    assert "李安和" not in shown, "a leader does not look through volunteers"


def test_staff_tick_who_is_asked_and_the_volunteer_says_yes_on_his_page(cast: Cast) -> None:
    want = wanted(cast, headcount=2)
    desk, phone = browser(cast.keeper), browser(cast.li.person)

    page = desk.get(url("want", want.public_id)).content.decode()
    nothing = sent(desk, url("want", want.public_id), act="invite")
    done = sent(desk, url("want", want.public_id), act="invite", who=[str(cast.li.public_id), str(uuid4())])
    told = desk.get(done["Location"]).content.decode()

    assert "李安和" in page
    assert "近 30 天没有服务" in page
    assert (nothing.status_code, done.status_code) == (422, 303)
    assert "已邀请 1 位" in told
    assert "1 位情况有变" in told
    one = Invitation.objects.get()
    mine = phone.get(url("me")).content.decode()
    assert url("invitation", one.public_id) in mine
    assert "和平助老队想请您入队" in mine
    asked = phone.get(url("invitation", one.public_id)).content.decode()
    assert "我愿意加入" in asked
    yes = sent(phone, url("invitation", one.public_id), act="yes")
    assert yes["Location"] == url("team", cast.team.public_id)
    assert Membership.objects.filter(team=cast.team, volunteer=cast.li, ends_at__isnull=True).exists()
    assert "您已加入" in phone.get(url("invitation", one.public_id)).content.decode()
    assert "应邀入队的" in desk.get(url("want", want.public_id)).content.decode()


def test_a_no_leads_home_and_the_staff_see_somebody_who_still_thinks(cast: Cast) -> None:
    want = wanted(cast)
    (one,) = invited(cast, want, cast.li)
    phone, desk = browser(cast.li.person), browser(cast.keeper)
    before = desk.get(url("want", want.public_id)).content.decode()

    no = sent(phone, url("invitation", one.public_id), act="no")

    assert no["Location"] == url("me")
    assert url("invitation", one.public_id) not in phone.get(url("me")).content.decode()
    assert "这个邀请已经结束" in phone.get(url("invitation", one.public_id)).content.decode()
    after = desk.get(url("want", want.public_id)).content.decode()
    assert "1 位在考虑" in before
    assert "1 位在考虑" in after
    again = sent(phone, url("invitation", one.public_id), act="yes")
    assert again.status_code == 409


@pytest.mark.parametrize("said", [{}, {"act": "maybe"}, {"act": ""}])
def test_a_press_that_says_nothing_joins_nobody_and_asks_nobody(cast: Cast, said: dict[str, str]) -> None:
    want = wanted(cast)
    (one,) = invited(cast, want, cast.li)

    answer = sent(browser(cast.li.person), url("invitation", one.public_id), **said)
    step = sent(browser(cast.keeper), url("want", want.public_id), who=[str(cast.he.public_id)], **said)

    one.refresh_from_db()
    assert (answer.status_code, step.status_code) == (422, 422)
    assert (one.state, one.put_away, Invitation.objects.count()) == (InvitationState.OPEN, False, 1)


def test_an_invitation_is_nobody_elses(cast: Cast) -> None:
    (one,) = invited(cast, wanted(cast), cast.li)
    for who in (cast.he.person, cast.keeper, cast.wu.person):
        client = browser(who)
        assert client.get(url("invitation", one.public_id)).status_code == 404
        assert sent(client, url("invitation", one.public_id), act="no").status_code == 404
    one.refresh_from_db()
    assert (one.state, one.put_away) == (InvitationState.OPEN, False)


def test_withdrawn_from_the_page_and_found_again_under_its_state(cast: Cast) -> None:
    want = wanted(cast)
    client = browser(cast.wu.person)

    sent(client, url("want", want.public_id), act="withdraw")

    want.refresh_from_db()
    assert want.state == WantState.WITHDRAWN
    rows = [client.get(url("wants"), {"state": state}).context["rows"] for state in ("", "withdrawn", "all")]
    assert [len(found) for found in rows] == [0, 1, 1]


def test_the_list_narrows_by_team_skill_and_place(cast: Cast) -> None:
    cooking = wanted(cast, skills=[cast.cook])
    wanted(cast)
    client = browser(cast.office)

    def found(**asked: Any) -> list[int]:
        return [one["row"].pk for one in client.get(url("wants"), asked).context["rows"]]

    assert len(found()) == 2
    assert found(skill="cook") == [cooking.pk]
    assert (len(found(q="助老")), found(q="没有")) == (2, [])
    assert (len(found(within=cast.home.public_id)), found(within=cast.next_door.public_id)) == (2, [])
    assert len(found(team=cast.team.public_id)) == 2
    assert client.get(url("wants"), {"within": uuid4()}).status_code == 404


def test_the_file_holds_no_number_of_people_asked(cast: Cast) -> None:
    want = wanted(cast, skills=[cast.cook], slots=[7])
    invited(cast, want, cast.li)

    answer = browser(cast.office).get(url("wants_file", "csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    heads, row = csv.reader(text.strip().splitlines())
    assert heads == [
        *("队伍", "在哪里服务", "要会什么", "每周什么时候", "要几个人", "已入队", "找到哪天"),
        *("给志愿者的一句话", "状态", "登记时间"),
    ]
    assert row[:-1] == [
        *("和平助老队", "和平社区", "做饭", "周三 下午", "1", "0", "2026-04-02", "周三助餐缺人", "正在要人")
    ]


def test_a_plan_is_asked_for_read_struck_through_and_confirmed(cast: Cast) -> None:
    want = wanted(cast, headcount=3)
    client = browser(cast.office)

    asked = sent(client, url("allocations"), place=str(cast.street.public_id))
    busy = client.get(asked["Location"]).content.decode()
    made = Allocation.objects.get()
    actions.calculate_allocation(actor=SYSTEM, allocation_id=made.pk)
    page = client.get(asked["Location"]).content.decode()
    line = made.lines.get(volunteer=cast.he)
    sent(client, asked["Location"], act="strike", line=str(line.public_id))
    struck = client.get(asked["Location"]).content.decode()
    done = sent(client, asked["Location"], act="confirm")

    assert "正在计算" in busy
    assert "确认，邀请 2 位" in page
    assert "还缺人的队伍" in page
    assert "确认，邀请 1 位" in struck
    assert "已发出 1 份邀请" in client.get(done["Location"]).content.decode()
    assert list(Invitation.objects.values_list("want", "volunteer")) == [(want.pk, cast.li.pk)]
    listed = client.get(url("allocations")).content.decode()
    assert "邀请 1 位，情况有变 0 位" in listed


def test_a_plan_is_put_away_from_its_page(cast: Cast) -> None:
    wanted(cast)
    plan = planned(cast)
    client = browser(cast.office)

    sent(client, url("allocation", plan.public_id), act="discard")

    plan.refresh_from_db()
    assert plan.state == AllocationState.DROPPED
    assert not Invitation.objects.exists()
    assert sent(client, url("allocation", plan.public_id), act="confirm").status_code == 409


def test_who_keeps_nothing_or_elsewhere_finds_neither_wants_nor_plans(cast: Cast) -> None:
    want = wanted(cast)
    plan = planned(cast)
    outsider, volunteer = browser(cast.outsider), browser(cast.li.person)

    assert outsider.get(url("wants")).context["rows"] == []
    assert [
        outsider.get(url(*one)).status_code for one in (("want", want.public_id), ("allocation", plan.public_id))
    ] == [
        404,
        404,
    ]
    for one in (("wants",), ("want_new",), ("want", want.public_id), ("allocations",), ("allocation", plan.public_id)):
        assert volunteer.get(url(*one)).status_code == 403
    assert browser(cast.wu.person).get(url("allocations")).status_code == 403


def test_the_first_page_is_empty_with_a_way_on(cast: Cast) -> None:
    page = browser(cast.office).get(url("wants")).content.decode()

    assert "现在没有队伍要人" in page
    assert url("want_new") in page
    assert "还没有方案" in browser(cast.office).get(url("allocations")).content.decode()


@pytest.mark.parametrize("more", [0, 6])
def test_pages_ask_as_many_questions_for_many_rows_as_for_few(
    cast: Cast, more: int, django_assert_num_queries: Any
) -> None:
    """The same literal numbers for both."""
    want = wanted(cast, headcount=9, skills=[cast.cook])
    for number in range(more):
        wanted(cast, skills=[cast.cook])
        cast.volunteer(f"志愿{number}")
    client = browser(cast.keeper)
    client.get(url("wants"))

    with django_assert_num_queries(QUESTIONS["wants"]):
        client.get(url("wants"))
    with django_assert_num_queries(QUESTIONS["want"]):
        client.get(url("want", want.public_id))


QUESTIONS = {"wants": 8, "want": 11}

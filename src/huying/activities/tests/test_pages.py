"""The pages of activities as visitors, residents, organisers and strangers see them."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huying.activities import actions, queries
from huying.activities.actions import PartyFacts, RoleFacts
from huying.activities.models import Activity, ActivityKind, CalendarKey, RhythmPlan, SignUp
from huying.activities.states import ActivityState, Side, SignUpState
from huying.activities.tests.factories import DAY, come, page, pressed, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, role, team
from huying.kernel import clock
from huying.ui.components.forms import summary


def form(world, **more):
    starts = START + 2 * DAY
    given = {
        "title": "周末合唱",
        "kind": "culture",
        "place": str(world.home.public_id),
        "starts_at": f"{clock.local(starts):%Y-%m-%dT%H:%M}",
        "ends_at": f"{clock.local(starts) + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "venue": str(world.room.public_id),
        "contact_name": "王守一",
        "needs_sign_up": "on",
        "role_name_0": "参加者",
        "role_capacity_0": "20",
        "party_name_0": "和平社区",
        "party_side_0": "host",
        "party_share_0": "60",
        "party_name_1": "第三小学",
        "party_side_1": "partner",
        "party_share_1": "40",
    }
    return {**given, **more}


def test_visitors_see_what_is_on_by_day_and_no_drafts(world):
    shown, hidden = world.published(title="端午包粽子"), world.draft(title="还没定的事")

    text = page(Client(), "list")

    assert shown.title in text and hidden.title not in text
    assert "余 3 个名额" in text and "3月5日" in text
    assert page(Client(), "activity", hidden.public_id, status=404)


def test_the_list_narrows_by_words_pinyin_place_day_kind_theme_and_free_places(world):
    world.published(title="端午包粽子")
    full = world.published(title="清明诗会", starts_at=START + 30 * DAY, roles=[RoleFacts("参加者", 1)])
    come(world.guest(), shift_of(full))

    def found(**asked):
        text = page(Client(), "list", **asked)
        return ("端午包粽子" in text, "清明诗会" in text)

    assert found(q="粽子") == (True, False)
    assert found(q="qingming") == (False, True)
    assert found(first="2026-04-01") == (False, True)
    assert found(last="2026-03-10") == (True, False)
    assert found(kind="culture") == (True, True)
    assert found(kind="market") == (False, False)
    assert found(theme="qingming") == (False, True)
    assert found(theme="leifeng") == (True, False)
    assert found(free="on") == (True, False)
    assert found(within=str(world.home.public_id)) == (True, True)
    assert found(within=str(world.other.public_id)) == (False, False)
    assert found(within="not-a-place", kind="'; --", first="昨天") == (True, True)


def test_large_events_are_found_and_counted_beside_ordinary_ones(world):
    world.published(title="端午包粽子")
    world.published(title="邻里百家宴", kind=ActivityKind.objects.get(code="festival"))
    draft = world.draft(title="灯会", kind=ActivityKind.objects.get(code="festival"))

    every, large = page(Client(), "list"), page(Client(), "list", large="on")
    desk = browser(world.keeper).get(reverse("activities:desk"))

    assert "端午包粽子" in every and "邻里百家宴" in every and 'href="?large=on"' in every
    assert "端午包粽子" not in large and "邻里百家宴" in large
    assert (desk.context["ordinary"], desk.context["large"]) == (1, 1)
    actions.publish(actor=world.boss, activity=draft)
    assert queries.counted_apart(world.boss) == (1, 2)
    assert queries.counted_apart(actor(world.stranger)) == (0, 0)
    feed = page(Client(), "calendar", large="on")
    assert "邻里百家宴" in feed and "端午包粽子" not in feed


def test_many_sessions_come_in_pages_without_repeats(world):
    world.published(title="每天晨练", rrule="FREQ=DAILY;COUNT=45", needs_sign_up=False, roles=())

    first = page(Client(), "list")

    assert first.count("每天晨练") == 20
    assert "cursor=" in first


@pytest.mark.parametrize(("name", "many"), [("list", 40), ("activity", 40)])
def test_large_events_cost_no_more_queries_than_small_ones(world, django_assert_max_num_queries, name, many):
    roles = [RoleFacts(f"岗位{n}", 500, is_volunteer=n > 0) for n in range(6)]
    activity = world.published(roles=roles, risks="人多", rrule="FREQ=DAILY;COUNT=10")
    shift = shift_of(activity)
    SignUp.objects.bulk_create(
        SignUp(session=shift.session, shift=shift, person=world.guest(), state="signed", at=START, changed_at=START)
        for _ in range(many)
    )
    client = browser(world.guest())
    args = [activity.public_id] if name == "activity" else []
    page(client, name, *args)

    with django_assert_max_num_queries(30):
        page(client, name, *args)


def test_the_door_with_hundreds_costs_as_many_queries_as_with_few(world, django_assert_max_num_queries):
    shift = shift_of(world.published(roles=[RoleFacts("参加者", 500)]))
    SignUp.objects.bulk_create(
        SignUp(session=shift.session, shift=shift, person=world.guest(), state="signed", at=START, changed_at=START)
        for _ in range(120)
    )
    client = browser(world.keeper)
    page(client, "door", shift.session.public_id)

    with django_assert_max_num_queries(30):
        page(client, "door", shift.session.public_id)


def test_one_press_signs_up_and_a_second_one_finds_it_done(world):
    activity, who = world.published(), world.guest()
    client, session = browser(who), session_of(activity)

    assert "登录后报名" in page(Client(), "activity", activity.public_id)
    assert "报名" in page(client, "activity", activity.public_id)
    answer = pressed(client, "join", session.public_id, shift=shift_of(activity).pk)
    row = SignUp.objects.get()
    assert answer["Location"] == reverse("activities:sign_up", args=[row.public_id])
    assert pressed(client, "join", session.public_id)["Location"] == answer["Location"]
    assert "看我的报名" in page(client, "activity", activity.public_id)
    assert activity.title in page(client, "mine")


def test_a_visitor_who_presses_is_led_to_the_door(world):
    session = session_of(world.published())

    answer = Client().post(reverse("activities:join", args=[session.public_id]), {"idempotency_key": uuid4().hex})

    assert answer.status_code == 302 and "sign-in" in answer["Location"]


def test_the_page_of_a_sign_up_confirms_and_takes_back(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(4)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])
    waiter = browser(rows[3].person)

    assert "有名额了" in page(waiter, "sign_up", rows[3].public_id)
    pressed(waiter, "sign_up", rows[3].public_id, act="confirm")
    assert "已报名" in page(waiter, "sign_up", rows[3].public_id)
    pressed(waiter, "sign_up", rows[3].public_id, act="leave")
    rows[3].refresh_from_db()
    assert rows[3].state == SignUpState.CANCELLED
    assert page(browser(world.guest()), "sign_up", rows[3].public_id, status=404)
    assert page(browser(world.stranger), "sign_up", rows[3].public_id, status=404)


def test_a_school_a_team_and_somebody_else_are_signed_up_on_pages_of_their_own(world):
    activity = world.published(takes_groups=True, roles=[RoleFacts("参加者", 40)])
    session, shift, leader = session_of(activity), shift_of(activity), world.volunteer()
    ours = team("蓝马甲", world.home, leader)
    client, grid = browser(leader.person), world.guest()
    role(grid, "grid_worker", world.home)
    old = world.guest("周奶奶")

    school = {"name": "第三小学四（2）班", "shift": shift.pk, "count": 30, "contact_name": "李老师"}
    assert pressed(client, "join_group", session.public_id, status=422, **school)
    odd = pressed(client, "join_group", session.public_id, status=422, **school, contact_phone="没有电话")
    assert list(odd.context["form"].errors) == ["contact_phone"]
    pressed(client, "join_group", session.public_id, **school, contact_phone="13900000003")
    pressed(client, "join_team", session.public_id, team=str(ours.public_id), shift=shift.pk, count=5)
    staff = browser(grid)
    assert "周奶奶" in page(staff, "join_behalf", session.public_id, q="周奶奶")
    pressed(staff, "join_behalf", session.public_id, person=str(old.public_id), shift=shift.pk)

    shift.refresh_from_db()
    assert shift.taken == 36
    assert SignUp.objects.get(person=old).on_behalf
    assert "已有" not in page(client, "join_team", session.public_id)
    assert pressed(
        client, "join_team", session.public_id, status=422, team=str(ours.public_id), shift=shift.pk, count=2
    )


def test_an_organiser_writes_publishes_and_changes(world):
    keeper = browser(world.keeper)
    page(keeper, "new")

    made = pressed(keeper, "new", **form(world))
    activity = Activity.objects.get()
    assert made["Location"].endswith(f"{activity.public_id}/")
    assert [(one.name, one.share) for one in activity.parties.order_by("part_from")] == [
        ("和平社区", 6000),
        ("第三小学", 4000),
    ]
    page(keeper, "edit", activity.public_id)
    pressed(keeper, "edit", activity.public_id, **form(world, title="周末大合唱", repeat="WEEKLY", until="2026-03-31"))
    assert "可以发布了" in page(keeper, "activity", activity.public_id)
    page(keeper, "step", activity.public_id, "publish")
    pressed(keeper, "step", activity.public_id, "publish")
    activity.refresh_from_db()
    assert (activity.state, activity.title, activity.sessions.count()) == (ActivityState.PUBLISHED, "周末大合唱", 4)
    page(keeper, "edit", activity.public_id)
    pressed(keeper, "edit", activity.public_id, **form(world, summary="带上嗓子"))
    text = page(Client(), "activity", activity.public_id)
    assert "带上嗓子" in text and "第三小学" in text and "40%" in text


def test_what_is_wrong_in_the_form_is_said_beside_it(world):
    keeper = browser(world.keeper)

    shares = pressed(keeper, "new", status=422, **form(world, party_share_1="30")).content.decode()
    times = pressed(keeper, "new", status=422, **form(world, ends_at="2026-03-01T10:00")).content.decode()
    rhythm = pressed(keeper, "new", status=422, **form(world, repeat="RULE", rrule="FREQ=SECONDLY")).content.decode()

    assert "正好是 100%，现在是 90%" in shares
    assert "结束时间要晚于开始时间" in times
    assert "多久一次" in rhythm
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"party_share_1": "30"}, "party_share_0"),
        ({"party_name_1": "", "party_share_0": "100"}, "party_name_1"),
        ({"party_name_1": "和平社区"}, "party_name_1"),
        ({"role_capacity_1": "5"}, "role_name_1"),
        ({"role_name_1": "参加者", "role_capacity_1": "5"}, "role_name_1"),
        ({"rrule": "FREQ=WEEKLY;COUNT=3"}, "rrule"),
        ({"repeat": "RULE", "rrule": "每周"}, "rrule"),
        ({"repeat": "WEEKLY", "until": "2029-01-01"}, "until"),
    ],
)
def test_the_summary_leads_to_the_field_that_is_to_be_mended(world, typed, where):
    answer = pressed(browser(world.keeper), "new", status=422, **form(world, **typed))

    assert [one for one, _sentence in summary(answer.context["form"])] == [f"id_{where}"]
    assert not Activity.objects.exists()


def test_a_draft_that_no_longer_repeats_needs_no_emptied_rule(world):
    keeper = browser(world.keeper)
    pressed(keeper, "new", **form(world, repeat="RULE", rrule="FREQ=WEEKLY;COUNT=3"))
    activity = Activity.objects.get()

    pressed(keeper, "edit", activity.public_id, **form(world, rrule="FREQ=WEEKLY;COUNT=3"))

    activity.refresh_from_db()
    assert (activity.rrule, activity.sessions.count()) == ("", 1)


def test_a_room_that_is_taken_stops_the_publishing_with_its_reason(world):
    first = world.draft(venue=world.room)
    actions.publish(actor=world.boss, activity=first)
    second = world.draft(venue=world.room)
    keeper = browser(world.keeper)

    answer = pressed(keeper, "step", second.public_id, "publish", status=422)

    assert "已经有人订了" in answer.content.decode()
    second.refresh_from_db()
    assert second.state == ActivityState.DRAFT


def test_moving_calling_off_adding_and_cancelling(world):
    activity = world.published(rrule="FREQ=WEEKLY;COUNT=3")
    keeper, first = browser(world.keeper), session_of(activity)
    times = {"starts_at": "2026-03-06T09:00", "ends_at": "2026-03-06T11:00"}

    page(keeper, "move", first.public_id)
    pressed(keeper, "move", first.public_id, **times, where="公园")
    page(keeper, "call_off", session_of(activity, 1).public_id)
    assert pressed(keeper, "call_off", session_of(activity, 1).public_id, status=422)
    pressed(keeper, "call_off", session_of(activity, 1).public_id, reason="下雨")
    page(keeper, "add", activity.public_id)
    pressed(keeper, "add", activity.public_id, starts_at="2026-03-28T09:00", ends_at="2026-03-28T11:00")
    text = page(keeper, "activity", activity.public_id)
    assert "3月6日 周五 09:00" in text and "下雨" in text and "3月28日" in text
    assert pressed(keeper, "step", activity.public_id, "cancel", status=422)
    page(keeper, "step", activity.public_id, "cancel")
    pressed(keeper, "step", activity.public_id, "cancel", reason="疫情")
    assert "活动已取消" in page(Client(), "activity", activity.public_id)


def test_copies_and_templates(world):
    template = world.draft(is_template=True, title="每月义诊")
    keeper = browser(world.keeper)
    page(keeper, "copy", template.public_id)

    pressed(keeper, "copy", template.public_id, starts_at="2026-04-01T09:00")

    made = Activity.objects.get(copied_from=template)
    assert (made.title, made.is_template, made.roles.count()) == ("每月义诊", False, 1)
    assert "每月义诊" in page(keeper, "desk")
    assert page(keeper, "step", made.public_id, "discard")
    pressed(keeper, "step", made.public_id, "discard")


def test_pages_of_organisers_are_for_organisers(world):
    activity = world.published()
    session = session_of(activity)
    for who, status in ((world.guest(), 403), (world.stranger, 403)):
        client = browser(who)
        for name, args in (
            ("edit", [activity.public_id]),
            ("step", [activity.public_id, "cancel"]),
            ("add", [activity.public_id]),
            ("move", [session.public_id]),
            ("call_off", [session.public_id]),
            ("results", [session.public_id]),
            ("photo_new", [session.public_id]),
            ("session_step", [session.public_id, "hold"]),
        ):
            page(client, name, *args, status=status)
    page(browser(world.guest()), "desk", status=403)
    page(browser(world.guest()), "new", status=403)
    page(browser(world.guest()), "plans", status=403)
    for name in ("desk", "new", "mine", "plans"):
        page(Client(), name, status=302)


def test_the_map_and_its_geojson_show_where_it_is(world):
    activity = world.published(venue=world.station)

    found = json.loads(page(Client(), "geojson"))

    assert found["features"][0]["geometry"]["coordinates"] == [120.051, 30.281]
    assert found["features"][0]["properties"]["title"] == activity.title
    assert activity.title in page(Client(), "map")


def test_the_own_calendar_has_an_address_that_can_be_renewed(world):
    row = come(world.guest(), shift_of(world.published()))
    client = browser(row.person)
    assert "生成我的日历地址" in page(client, "mine")

    pressed(client, "calendar_key")
    first = CalendarKey.objects.get().token
    assert row.session.activity.title in page(Client(), "my_calendar", first)
    pressed(client, "calendar_key")

    assert page(Client(), "my_calendar", first, status=404)
    assert page(Client(), "my_calendar", CalendarKey.objects.get().token)


def test_a_rhythm_plan_is_written_and_its_gaps_are_listed(world):
    world.published(rrule="FREQ=WEEKLY;COUNT=2")
    keeper = browser(world.keeper)
    rules = {
        "name": "2026 节奏",
        "place": str(world.home.public_id),
        "begins": "2026-03-02",
        "ends": "2026-03-29",
        "every_0": "week",
        "wants_0": "activity",
        "minimum_0": "1",
        "every_1": "month",
        "wants_1": "focus",
    }
    page(keeper, "plan_new")
    pressed(keeper, "plan_new", **rules)
    plan = RhythmPlan.objects.get()

    text = page(keeper, "plan", plan.public_id)
    assert "每周至少 1 场活动" in text and "第 12 周" in text and "0/1" in text
    pressed(keeper, "plan_focus", plan.public_id, every="month", day="2026-03-15", title="学雷锋")
    assert "学雷锋" in page(keeper, "plan", plan.public_id)
    page(keeper, "plan_edit", plan.public_id)
    assert "2026 节奏" in page(keeper, "plans")
    assert page(browser(world.guest()), "plan", plan.public_id, status=404)


def test_shares_of_several_hosts_are_shown_and_sides_named(world):
    parties = [PartyFacts("文明办", Side.HOST, 5000), PartyFacts("剧团", Side.ORGANISER, 5000)]

    text = page(Client(), "activity", world.published(parties=parties).public_id)

    assert "主办" in text and "承办" in text and "50%" in text

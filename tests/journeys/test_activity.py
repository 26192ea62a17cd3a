"""An activity in a browser: published, signed up for with one press, checked in without network, thanked (C07; S0-1d)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from huying.activities import actions
from huying.activities.actions import Facts, RoleFacts
from huying.activities.models import Activity, ActivityKind, CheckIn, Session, SignUp
from huying.activities.states import SessionState, SignUpState
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.test_from_ask_to_thanks import expect_count

Visit = Callable[..., Visitor]
TABLET = {"width": 820, "height": 1180}


def facts(cast: Cast, hours: float, **more: Any) -> Facts:
    """Something at the community, so many hours from now."""
    starts = clock.now() + timedelta(hours=hours)
    given: dict[str, Any] = {
        "kind": ActivityKind.objects.get(code="culture"),
        "place": cast.home,
        "title": "邻里合唱",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "contact_name": "王守一",
        "where": "社区广场",
        "roles": [RoleFacts("参加者", 20)],
    }
    return Facts(**{**given, **more})


def begun(cast: Cast, *people: Any) -> Session:
    """A session that has just begun, with these people signed up."""
    keeper = actor(cast.keeper)
    with clock.frozen(clock.now() - timedelta(hours=3)):
        draft = actions.save_draft(actor=keeper, facts=facts(cast, 2.9))
        activity = actions.publish(actor=keeper, activity=draft)
    session = activity.sessions.get()
    with clock.frozen(session.starts_at - timedelta(hours=1)):
        for person in people:
            actions.sign_up(actor=actor(person), shift=session.shifts.get())
    return session


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_activity_goes_from_published_to_thanks(
    visit: Visit, cast: Cast, run_jobs: Callable[[], None], script: bool
) -> None:
    keeper = visit(DESK, script=script)
    page = keeper.sign_in("wang")
    page.goto(f"{keeper.base}/activities/new/")
    starts = clock.local(clock.now() + timedelta(days=1))
    page.locator("[name=title]").fill("邻里合唱")
    page.locator("[name=kind]").select_option("culture")
    page.locator("[name=starts_at]").fill(f"{starts:%Y-%m-%dT%H:%M}")
    page.locator("[name=ends_at]").fill(f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.locator("[name=where]").fill("社区广场")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("可以发布了")).to_be_visible()
    page.get_by_role("link", name="发布", exact=True).click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("已发布，大家都能看到了")).to_be_visible()
    activity = Activity.objects.get()

    resident = visit(PHONE, script=script)
    page = resident.sign_in("chen")
    page.goto(resident.base + "/")
    page.get_by_role("link", name="邻里合唱").click()
    page.get_by_role("button", name="报名", exact=True).click()
    expect(page.get_by_text("报名成功")).to_be_visible()
    row = SignUp.objects.get()
    assert (row.state, row.person_id) == (SignUpState.SIGNED, cast.resident.pk)

    Session.objects.update(starts_at=clock.now() - timedelta(hours=1), ends_at=clock.now() + timedelta(hours=1))
    page = keeper.open(f"/activities/sessions/{activity.sessions.get().public_id}/door/")
    page.get_by_role("button", name=f"给{cast.resident.name}签到").click()
    expect(page.get_by_text("已到", exact=True).first).to_be_visible()
    page.get_by_role("link", name="活动办完了").click()
    page.get_by_role("button", name="活动办完了").click()
    expect(page.get_by_role("heading", name="活动结果")).to_be_visible()
    page.locator("[name=what_0]").fill("新歌")
    page.locator("[name=amount_0]").fill("3")
    page.locator("[name=unit_0]").select_option("piece")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存").first).to_be_visible()

    run_jobs()
    page = resident.open("/people/me/notices/")
    expect(page.get_by_text("谢谢您来参加").first).to_be_visible()
    page = resident.open(f"/activities/sign-ups/{row.public_id}/")
    page.locator("[name=score][value='5']").check(force=True)
    page.locator("[name=words]").fill("唱得开心")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("您的话会转给主办方")).to_be_visible()
    assert Session.objects.get().state == SessionState.HELD


def door_of(tablet: Visitor, session: Session) -> tuple[Any, list[str]]:
    """The door on a tablet, and the addresses it posts to from now on."""
    page = tablet.sign_in("wang")
    page.goto(f"{tablet.base}/activities/sessions/{session.public_id}/door/")
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url.rpartition("/door/")[2]) if one.method == "POST" else None)
    return page, posts


def pressed_at_door(page: Any, name: str) -> None:
    page.get_by_role("button", name=f"给{name}签到").click()
    expect(page.locator("[data-outbox-list]")).to_contain_text(name)


def test_the_door_without_network_counts_each_guest_once(visit: Visit, cast: Cast) -> None:
    session = begun(cast, cast.resident, cast.li.person)
    tablet = visit(TABLET)
    page, posts = door_of(tablet, session)

    tablet.context.set_offline(True)
    for person in (cast.resident, cast.li.person):
        pressed_at_door(page, person.name)
    expect(page.get_by_role("button", name="签到")).to_have_count(0)
    expect(page.locator(".hy-outbox__item")).to_have_count(1)
    assert CheckIn.objects.count() == 0
    row = SignUp.objects.get(person=cast.resident)
    actions.check_in(actor=actor(cast.keeper), sign_up=row)  # another tablet saw him too
    tablet.context.set_offline(False)

    expect(page.get_by_text("已到", exact=True)).to_have_count(2)
    expect(page.locator(".hy-outbox__item")).to_have_count(0)
    expect(page.locator("#came")).to_contain_text("2")
    assert CheckIn.objects.count() == 2
    assert posts == ["scans/"]
    page.reload()
    expect(page.get_by_text("已到", exact=True)).to_have_count(2)


def test_a_press_that_is_refused_afterwards_stays_on_the_tablet_with_its_reason(visit: Visit, cast: Cast) -> None:
    session = begun(cast, cast.resident, cast.li.person)
    tablet = visit(TABLET)
    page, posts = door_of(tablet, session)

    tablet.context.set_offline(True)
    for person in (cast.resident, cast.li.person):
        pressed_at_door(page, person.name)
    gone = SignUp.objects.get(person=cast.resident)
    actions.leave(actor=actor(cast.resident), sign_up=gone)
    tablet.context.set_offline(False)

    expect(page.locator(".hy-outbox__item")).to_contain_text(f"签到 · {cast.resident.name}")
    expect(page.locator(".hy-outbox__why")).to_have_text("这个报名已经取消，没有算到场。")
    expect(page.get_by_text("已到", exact=True)).to_have_count(1)
    page.reload()
    expect(page.locator(".hy-outbox__why")).to_have_text("这个报名已经取消，没有算到场。")
    page.locator(".hy-outbox__item").get_by_role("button", name="删除").click()
    expect(page.locator(".hy-outbox__item")).to_have_count(0)
    assert (CheckIn.objects.get().sign_up.person, posts) == (cast.li.person, ["scans/"])


def test_a_wrong_press_without_network_is_taken_back_before_it_counts(visit: Visit, cast: Cast) -> None:
    session = begun(cast, cast.resident, cast.li.person)
    tablet = visit(TABLET)
    page, _posts = door_of(tablet, session)

    tablet.context.set_offline(True)
    for person in (cast.resident, cast.li.person):
        pressed_at_door(page, person.name)
    page.get_by_role("button", name=f"撤销 {cast.resident.name}").click()
    expect(page.get_by_role("button", name=f"给{cast.resident.name}签到")).to_be_visible()
    tablet.context.set_offline(False)

    expect(page.get_by_text("已到", exact=True)).to_have_count(1)
    expect(page.get_by_role("button", name=f"给{cast.resident.name}签到")).to_be_visible()
    assert CheckIn.objects.get().sign_up.person == cast.li.person


def test_a_door_whose_answer_is_lost_hands_the_same_batch_in_again(visit: Visit, cast: Cast) -> None:
    session = begun(cast, cast.resident)
    tablet = visit(TABLET)
    page, _posts = door_of(tablet, session)
    keys: list[str] = []

    def lose(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/door/scans/", lose)
    tablet.context.set_offline(True)
    pressed_at_door(page, cast.resident.name)
    tablet.context.set_offline(False)
    expect_count(lambda: CheckIn.objects.count(), 1, page)
    page.locator(".hy-outbox__item").get_by_role("button", name="现在发送").click()

    expect(page.locator(".hy-outbox__item")).to_have_count(0)
    expect(page.get_by_text("已到", exact=True)).to_have_count(1)
    assert len(keys) == 2 and len(set(keys)) == 1


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("mode", ["normal", "large"])
def test_the_pages_can_be_read_by_everybody(visit: Visit, cast: Cast, size: dict[str, int], mode: str) -> None:
    session = begun(cast, cast.resident)
    key = session.activity.public_id
    staff = visit(size, cookies={"huying_print": mode})
    staff.sign_in("wang")
    addresses = [
        "/activities/",
        f"/activities/{key}/",
        "/activities/desk/",
        "/activities/new/",
        f"/activities/sessions/{session.public_id}/door/",
        "/activities/rhythm/",
        "/activities/mine/",
    ]
    resident = visit(size, cookies={"huying_print": mode})
    resident.sign_in("chen")
    row = SignUp.objects.get()

    found = []
    for visitor, path in [
        *((staff, one) for one in addresses),
        *((resident, one) for one in ("/", "/activities/", f"/activities/{key}/", "/activities/mine/")),
        (resident, f"/activities/sign-ups/{row.public_id}/"),
    ]:
        page = visitor.open(path)
        found += [f"{path}: {one}" for one in visitor.violations()]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path}: {wide} pixels too wide"] * (wide > 0)

    assert found == []

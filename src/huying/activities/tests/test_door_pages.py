"""The pages at the door and afterwards."""

from __future__ import annotations

from uuid import uuid4

from django.test import Client

from huying.activities import actions
from huying.activities.actions import RoleFacts
from huying.activities.models import CheckIn, Result, Session
from huying.activities.states import SessionState
from huying.activities.tests.factories import come, later, page, pressed, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import actor
from huying.kernel import clock


def test_the_door_counts_presses_once_and_walk_ins_by_key(world):
    activity = world.published(roles=[RoleFacts("参加者", 30)], takes_groups=True)
    shift, session = shift_of(activity), session_of(activity)
    row = come(world.guest("到场者"), shift)
    class_ = actions.sign_up_group(
        actor=actor(world.guest()), shift=shift, group=actions.Group("三小", 20, "李老师", "13900000003")
    )
    keeper, key = browser(world.keeper), uuid4().hex
    assert "到场者" in page(keeper, "door", session.public_id)

    for _ in range(2):
        pressed(keeper, "door_press", session.public_id, sign_up=str(row.public_id), act="in")
        pressed(keeper, "door_press", session.public_id, sign_up=str(class_.public_id), act="in", count="18")
        pressed(keeper, "walk_in", session.public_id, count="4", idempotency_key=key)

    refused = pressed(keeper, "walk_in", session.public_id, count="很多", status=422).content.decode()

    assert "id_count" in refused and "到场者" in refused
    assert sorted(CheckIn.objects.values_list("count", flat=True)) == [1, 4, 18]
    assert "23" in page(keeper, "door", session.public_id)
    pressed(keeper, "door_press", session.public_id, sign_up=str(row.public_id), act="undo")
    assert CheckIn.objects.count() == 2
    assert page(browser(world.guest()), "door", session.public_id, status=403)
    assert page(browser(world.stranger), "door", session.public_id, status=403)


def test_results_stand_in_their_units_and_are_closed(world):
    activity = world.published()
    session = session_of(activity)
    actions.check_in(actor=world.boss, sign_up=come(world.guest(), shift_of(activity)))
    keeper = browser(world.keeper)
    row = {"measure_0": "output", "what_0": "栽种", "amount_0": "7.5", "unit_0": "mu"}

    assert page(keeper, "results", session.public_id)
    with clock.frozen(later(days=2, hours=3)):
        keeper = browser(world.keeper)
        assert "活动办完了" in page(keeper, "door", session.public_id)
        page(keeper, "session_step", session.public_id, "hold")
        pressed(keeper, "session_step", session.public_id, "hold")
        page(keeper, "results", session.public_id)
        pressed(keeper, "results", session.public_id, **row)
        bad = pressed(keeper, "results", session.public_id, status=422, **{**row, "unit_0": "piece"})
        pressed(keeper, "session_step", session.public_id, "record")
        text = page(Client(), "activity", activity.public_id)
        pressed(keeper, "session_step", session.public_id, "reopen", reason="数错了")

    assert "最多写 0 位小数" in bad.content.decode()
    assert "7.50 亩" in text and "1 人次" in text
    assert Result.objects.count() == 2
    assert Session.objects.get().state == SessionState.HELD


def test_who_was_there_says_a_word(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)
    client = browser(row.person)
    actions.check_in(actor=world.boss, sign_up=row)

    with clock.frozen(later(days=3)):
        actions.hold(actor=world.boss, session=shift.session)
        assert "说说感受" in page(client, "sign_up", row.public_id)
        assert pressed(client, "sign_up", row.public_id, status=422, act="feedback")
        pressed(client, "sign_up", row.public_id, act="feedback", score="5", words="很好")
        text = page(browser(world.keeper), "results", shift.session.public_id)

    assert "1 人评价" in text and "很好" not in text

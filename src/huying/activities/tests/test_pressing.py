"""Presses written down together: each gets what it would have got alone, and its key keeps the answer."""

from __future__ import annotations

import json
from datetime import date

from django.urls import reverse

from huying.activities import actions
from huying.activities.actions import RoleFacts, pressing
from huying.activities.actions.refusals import AgeOutside, SignUpClosed
from huying.activities.models import SignUp
from huying.activities.tests.factories import SYSTEM, come, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import actor
from huying.kernel.idempotency import Ticket
from huying.kernel.models import StoredAnswer
from huying.kernel.models.audit import AuditLine


def press(who, shift, key="", digest=b"d"):
    ticket = Ticket(f"person:{who.pk}", key, digest) if key else None
    return pressing.at_the_button(actor(who), shift, None, ticket=ticket)


def told(outcomes):
    return [getattr(one, "state", None) or type(one).__name__ for one in outcomes]


def test_a_batch_fills_the_places_and_then_the_line_in_its_order(world):
    shift = shift_of(world.published())
    people = [world.guest() for _ in range(5)]

    outcomes = pressing.sign_up_each([press(one, shift) for one in people])

    assert told(outcomes) == ["signed"] * 3 + ["waiting"] * 2
    assert [one.person_id for one in SignUp.objects.order_by("id")] == [one.pk for one in people]
    shift.refresh_from_db()
    assert (shift.taken, shift.waiting) == (3, 2)
    lines = AuditLine.objects.filter(verb="signup.make").order_by("id")
    assert [(one.person_id, one.changes["state"]) for one in lines] == list(
        zip([one.pk for one in people], told(outcomes), strict=True)
    )


def test_a_batch_stands_behind_those_who_wait_already(world):
    shift = shift_of(world.published())
    for _ in range(4):
        come(world.guest(), shift)
    actions.leave(actor=SYSTEM, sign_up=SignUp.objects.order_by("id").last())
    SignUp.objects.filter(state="signed").first()

    outcomes = pressing.sign_up_each([press(world.guest(), shift), press(world.guest(), shift)])

    assert told(outcomes) == ["waiting", "waiting"]


def test_two_presses_of_one_person_in_a_batch_are_one_sign_up(world):
    shift, who = shift_of(world.published()), world.guest()

    first, second = pressing.sign_up_each([press(who, shift, "key-00001"), press(who, shift, "key-00002")])

    assert first is second and SignUp.objects.count() == 1
    assert StoredAnswer.objects.filter(location__contains=str(first.public_id)).count() == 2


def test_a_refusal_concerns_nobody_else_and_its_key_is_free_again(world):
    shift = shift_of(world.published(age_from=18))
    child, grown = world.guest(birth_date=date(2016, 1, 1)), world.guest(birth_date=date(1980, 1, 1))
    before = pressing.Press(
        actor(child),
        shift,
        child,
        barred=AgeOutside(ages="≥ 18"),
        ticket=Ticket(f"person:{child.pk}", "key-child", b""),
    )

    outcomes = pressing.sign_up_each([before, press(grown, shift, "key-grown")])

    assert told(outcomes) == ["AgeOutside", "signed"]
    assert list(StoredAnswer.objects.values_list("key", "status")) == [("key-grown", 303)]


def test_several_activities_in_one_batch(world):
    one, other = shift_of(world.published()), shift_of(world.published(roles=[RoleFacts("参加者", 1)]))
    closed = shift_of(world.published())
    actions.cancel(actor=world.boss, activity=closed.session.activity, reason="下雨")
    shifts = [other, one, other, closed]

    outcomes = pressing.sign_up_each([press(world.guest(), shift) for shift in shifts])

    assert told(outcomes) == ["signed", "signed", "waiting", SignUpClosed.__name__]
    other.refresh_from_db()
    assert (other.taken, other.waiting) == (1, 1)


def test_somebody_who_stands_in_another_role_gets_that_one(world):
    activity = world.published(roles=[RoleFacts("参加者", 3), RoleFacts("观众", 5)])
    who = world.guest()
    standing = come(who, shift_of(activity, name="参加者"))

    outcome = pressing.sign_up_each([press(who, shift_of(activity, name="观众"))])[0]

    assert outcome == standing
    assert shift_of(activity, name="观众").taken == 0


def test_a_batch_that_meets_somebody_who_signed_up_meanwhile_looks_again(world, monkeypatch):
    activity = world.published(roles=[RoleFacts("参加者", 3), RoleFacts("观众", 5)])
    who, other = world.guest(), world.guest()
    batch = [press(who, shift_of(activity, name="参加者")), press(other, shift_of(activity, name="参加者"))]
    look, seen = pressing.Places.look, []

    def late(places, presses):
        look(places, presses)
        if not seen:
            seen.append(come_elsewhere())

    def come_elsewhere():
        row = SignUp(session_id=activity.sessions.get().pk, shift=shift_of(activity, name="观众"), person=who)
        row.state, row.at, row.changed_at = "signed", world_now(), world_now()
        row.save()
        return row

    monkeypatch.setattr(pressing.Places, "look", late)

    outcomes = pressing.sign_up_each(batch)

    assert outcomes[0] == seen[0] and told(outcomes) == ["signed", "signed"]
    assert shift_of(activity, name="参加者").taken == 1


def world_now():
    from huying.kernel import clock

    return clock.now()


def post(client, activity, key, **body):
    address = reverse("activities:join", args=[activity.sessions.get().public_id])
    return client.post(address, body, headers={"Idempotency-Key": key, "Accept": "application/json"})


def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(world):
    activity, who = world.published(), world.guest()
    client = browser(who)

    first, again = post(client, activity, "press-0001"), post(client, activity, "press-0001")
    other = post(client, activity, "press-0001", shift="1")

    assert (first.status_code, again.status_code) == (303, 303)
    assert again["Location"] == first["Location"] and again["Idempotency-Replayed"] == "true"
    assert (other.status_code, json.loads(other.content)["error"]["code"]) == (409, "idempotency_key_reused")
    assert SignUp.objects.count() == 1


def test_a_refused_press_can_be_sent_again_with_its_key(world):
    activity, child = world.published(), world.guest(birth_date=date(2016, 1, 1))
    client = browser(child)

    refused = post(client, activity, "press-0001")
    child.birth_date = date(1980, 1, 1)
    child.save()
    taken = post(client, activity, "press-0001")

    assert (refused.status_code, taken.status_code) == (403, 303), refused.content
    assert post(client, activity, "").status_code == 400

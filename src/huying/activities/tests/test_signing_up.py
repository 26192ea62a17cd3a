"""Places are taken in order, held by the database, passed on when somebody leaves; nobody is blamed for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from huying.activities import actions, queries
from huying.activities.actions import (
    AgeOutside,
    AlreadySignedUp,
    Group,
    GroupsAreGuests,
    GroupsEnough,
    GroupsNotTaken,
    GuardianNeeded,
    RoleFacts,
    SignUpClosed,
    SignUpMoved,
    SkillsNeeded,
    VolunteersOnly,
)
from huying.activities.models import CheckIn, Shift, SignUp
from huying.activities.states import SignUpState
from huying.activities.tests.factories import SYSTEM, come, later, page, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, role, skill, team
from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS
from huying.kernel.errors import Forbidden, InvalidInput, SignInNeeded
from huying.people.models import Guardianship
from huying.people.states import Tie


def states(shift):
    return list(SignUp.objects.filter(shift=shift).order_by("id").values_list("state", flat=True))


def counts(shift):
    shift.refresh_from_db()
    return shift.taken, shift.waiting


def test_places_go_in_order_of_arrival_and_then_there_is_a_line(world):
    shift = shift_of(world.published())

    made = [come(world.guest(), shift) for _ in range(5)]

    assert [one.state for one in made] == ["signed"] * 3 + ["waiting"] * 2
    assert counts(shift) == (3, 2)


def test_pressing_twice_gives_the_sign_up_that_stands(world):
    shift, who = shift_of(world.published()), world.guest()

    assert come(who, shift) == come(who, shift)
    assert counts(shift) == (1, 0)


def test_one_person_takes_one_role_of_a_session(world):
    activity = world.published(roles=[RoleFacts("听众", 3), RoleFacts("舞伴", 3)])
    who = world.guest()
    first = come(who, shift_of(activity, name="听众"))

    assert come(who, shift_of(activity, name="舞伴")) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        SignUp.objects.create(
            session=first.session, shift=first.shift, person=who, state="signed", at=START, changed_at=START
        )


def test_the_database_refuses_a_place_too_many(world):
    shift = shift_of(world.published())

    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.filter(pk=shift.pk).update(taken=shift.capacity + 1)


def test_a_freed_place_is_reserved_for_the_next_until_he_says_yes(world):
    shift = shift_of(world.published(confirm_hours=5))
    rows = [come(world.guest(), shift) for _ in range(5)]

    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])

    assert states(shift) == ["cancelled", "signed", "signed", "offered", "waiting"]
    rows[3].refresh_from_db()
    assert rows[3].confirm_by == START + timedelta(hours=5)
    assert actions.confirm_place(actor=actor(rows[3].person), sign_up=rows[3]).state == SignUpState.SIGNED
    assert counts(shift) == (3, 1)


def test_who_does_not_answer_gives_the_place_to_the_next_in_line(world):
    shift = shift_of(world.published(confirm_hours=5))
    rows = [come(world.guest(), shift) for _ in range(5)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])

    with pytest.raises(SignUpMoved):
        actions.lapse(actor=SYSTEM, sign_up=rows[3])
    assert not queries.lapsed_now().exists()
    with clock.frozen(later(hours=5)):
        assert [one.pk for one in queries.lapsed_now()] == [rows[3].pk]
        actions.lapse(actor=SYSTEM, sign_up=rows[3])

    assert states(shift) == ["cancelled", "signed", "signed", "lapsed", "offered"]
    with pytest.raises(SignUpMoved):
        actions.confirm_place(actor=actor(rows[3].person), sign_up=rows[3])


def test_without_a_deadline_the_next_gets_the_place_at_once(world):
    shift = shift_of(world.published(confirm_hours=0))
    rows = [come(world.guest(), shift) for _ in range(4)]

    actions.leave(actor=actor(rows[1].person), sign_up=rows[1])

    assert states(shift) == ["signed", "cancelled", "signed", "signed"]


def test_a_group_at_the_head_of_the_line_is_not_overtaken(world):
    shift = shift_of(world.published(takes_groups=True, confirm_hours=0))
    rows = [come(world.guest(), shift) for _ in range(3)]
    group = actions.sign_up_group(
        actor=actor(world.guest()), shift=shift, group=Group("第三小学四（2）班", 2, "李老师", "13900000003")
    )
    one = come(world.guest(), shift)

    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])
    assert (states(shift)[3:], counts(shift)) == (["waiting", "waiting"], (2, 3))
    newcomer = come(world.guest(), shift)
    assert newcomer.state == SignUpState.WAITING
    actions.leave(actor=actor(rows[1].person), sign_up=rows[1])

    group.refresh_from_db()
    one.refresh_from_db()
    assert (group.state, one.state, counts(shift)) == ("signed", "waiting", (3, 2))


def test_a_school_class_comes_as_a_number_with_a_sealed_contact(world):
    who = actor(world.guest())
    closed, shift = shift_of(world.published()), shift_of(world.published(takes_groups=True))
    group = Group("第三小学", 3, "李老师", "139 0000 0003")

    with pytest.raises(GroupsNotTaken):
        actions.sign_up_group(actor=who, shift=closed, group=group)
    with pytest.raises(InvalidInput):
        actions.sign_up_group(actor=who, shift=shift, group=Group("第三小学", 30, "李老师", ""))
    made = actions.sign_up_group(actor=who, shift=shift, group=group)
    with pytest.raises(AlreadySignedUp):
        actions.sign_up_group(actor=who, shift=shift, group=group)

    made.refresh_from_db()
    assert (made.person_id, made.count, made.contact_phone.open()) == (None, 3, "+8613900000003")


def test_who_does_not_run_it_brings_two_groups_to_a_session_and_no_more(world):
    who, open_to_all = actor(world.guest()), {"takes_groups": True, "roles": [RoleFacts("参加者", 90)]}
    activity = world.published(rrule="FREQ=WEEKLY;COUNT=2", **open_to_all)
    first, second = shift_of(activity), shift_of(activity, 1)

    def group(name):
        return Group(name, 3, "李老师", "13900000003")

    made = [actions.sign_up_group(actor=who, shift=first, group=group(f"第{n}小学")) for n in (1, 2)]
    with pytest.raises(GroupsEnough, match="2"):
        actions.sign_up_group(actor=who, shift=first, group=group("第三小学"))
    actions.sign_up_group(actor=who, shift=second, group=group("第三小学"))
    actions.sign_up_group(actor=actor(world.guest()), shift=first, group=group("第四小学"))
    for n in range(5, 9):
        actions.sign_up_group(actor=world.boss, shift=first, group=group(f"第{n}小学"))
    actions.leave(actor=who, sign_up=made[0])
    actions.sign_up_group(actor=who, shift=first, group=group("第三小学"))

    assert counts(first) == (21, 0)


def test_groups_come_as_guests_and_do_not_serve(world):
    roles = [RoleFacts("参加者", 9), RoleFacts("志愿者", 9, True)]
    activity = world.published(takes_groups=True, roles=roles, risks="小心")
    group = Group("第三小学", 3, "李老师", "13900000003")

    for who in (actor(world.guest()), world.boss):
        with pytest.raises(GroupsAreGuests, match="志愿者"):
            actions.sign_up_group(actor=who, shift=shift_of(activity, name="志愿者"), group=group)
    text = page(browser(world.guest()), "join_group", session_of(activity).public_id)
    assert "参加者（余 9）" in text and "志愿者（余 9）" not in text


def test_a_leader_signs_his_team_up(world):
    leader, other = world.volunteer(), world.volunteer()
    ours, shift = team("蓝马甲", world.home, leader), shift_of(world.published())

    with pytest.raises(Forbidden):
        actions.sign_up_team(actor=actor(other.person), shift=shift, team=ours, count=2)
    made = actions.sign_up_team(actor=actor(leader.person), shift=shift, team=ours, count=2)

    assert (made.team, counts(shift)) == (ours, (2, 0))


def test_serving_takes_being_a_volunteer_with_the_skills(world):
    drive = skill("drive", "会开车")
    activity = world.published(roles=[RoleFacts("司机", 2, True, "", [drive])], risks="路上注意安全")
    shift, helper = shift_of(activity), world.volunteer()

    with pytest.raises(VolunteersOnly):
        come(world.guest(), shift)
    with pytest.raises(SkillsNeeded, match="会开车"):
        come(helper.person, shift)
    helper.skills.add(drive)
    assert come(helper.person, shift).state == SignUpState.SIGNED


def test_ages_and_guardians(world):
    shift = shift_of(world.published(age_from=6, age_to=12))
    child, mother = world.guest(birth_date=date(2017, 5, 1)), world.guest(birth_date=date(1988, 5, 1))
    Guardianship.objects.create(
        ward=child, guardian=mother, tie=Tie.values[0], starts_at=START, confirmed_at=START, confirmed_by=mother
    )

    with pytest.raises(GuardianNeeded):
        come(child, shift)
    with pytest.raises(AgeOutside):
        come(mother, shift)
    made = come(mother, shift, person=child)
    assert (made.on_behalf, made.asked_by) == (True, mother)


def test_staff_sign_up_for_the_people_of_their_places_only(world):
    shift, who = shift_of(world.published()), world.guest()
    grid = world.guest()
    role(grid, "grid_worker", world.home)
    far = world.guest()
    role(far, "grid_worker", world.other)

    with pytest.raises(Forbidden):
        actions.sign_up(actor=actor(far), shift=shift, person=who)
    with pytest.raises(Forbidden):
        come(world.guest(), shift, person=who)
    made = actions.sign_up(actor=actor(grid).behalf(who.pk), shift=shift)

    assert (made.person, made.asked_by, made.on_behalf) == (who, grid, True)


def test_visitors_sign_in_first(world):
    with pytest.raises(SignInNeeded):
        actions.sign_up(actor=ANONYMOUS, shift=shift_of(world.published()))


def test_sign_up_closes_when_it_says(world):
    shift = shift_of(world.published(closes_minutes=120))

    with clock.frozen(START + timedelta(days=2, hours=-2)):
        with pytest.raises(SignUpClosed):
            come(world.guest(), shift)
        actions.sign_up(actor=world.boss, shift=shift, person=world.guest())
    with pytest.raises(SignUpClosed):
        come(world.guest(), shift_of(world.draft()))
    with pytest.raises(SignUpClosed):
        come(world.guest(), called_off(world))


def called_off(world):
    """The shift of a session that was called off."""
    activity = world.published()
    actions.cancel_session(actor=world.boss, session=session_of(activity), reason="下雨")
    return shift_of(activity)


def test_only_the_own_sign_up_is_taken_back(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    with pytest.raises(Forbidden):
        actions.leave(actor=actor(world.guest()), sign_up=row)
    with pytest.raises(Forbidden):
        actions.leave(actor=actor(world.stranger), sign_up=row)
    assert actions.leave(actor=world.boss, sign_up=row).state == SignUpState.CANCELLED
    with pytest.raises(SignUpMoved):
        actions.leave(actor=world.boss, sign_up=row)


def test_who_was_checked_in_is_counted_once_however_often_it_is_sent(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    with clock.frozen(later(days=2)):
        first = actions.check_in(actor=world.boss, sign_up=row, at=later(days=1, hours=23))
        assert actions.check_in(actor=world.boss, sign_up=row) == first
        assert actions.check_in(actor=world.boss, sign_up=row, at=later(days=9)) == first
    assert CheckIn.objects.count() == 1
    assert first.in_at == later(days=1, hours=23)


@pytest.mark.parametrize("told", [datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_moment_that_cannot_be_is_not_believed_at_the_door(world, told):
    row = come(world.guest(), shift_of(world.published()))

    with clock.frozen(later(days=2, hours=1)):
        here = actions.check_in(actor=world.boss, sign_up=row, at=told)
        here = actions.check_out(actor=world.boss, sign_up=row, at=told)

    assert (here.in_at, here.out_at) == (later(days=1, hours=12), later(days=1, hours=12))


def test_somebody_from_the_line_who_stands_at_the_door_is_let_in(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(4)]

    actions.check_in(actor=world.boss, sign_up=rows[3])

    shift.refresh_from_db()
    assert (shift.taken, shift.waiting, shift.capacity) == (4, 0, 4)


def test_a_wrong_press_at_the_door_is_undone(world):
    row = come(world.guest(), shift_of(world.published()))
    actions.check_in(actor=world.boss, sign_up=row)

    assert actions.undo_check_in(actor=world.boss, sign_up=row).state == SignUpState.SIGNED
    assert not CheckIn.objects.exists()
    with pytest.raises(Forbidden):
        actions.check_in(actor=actor(world.stranger), sign_up=row)


def test_people_who_just_come_are_a_number_under_a_key(world):
    session = session_of(world.published())

    actions.walk_in(actor=world.boss, session=session, count=12, key="tablet-1-0001")
    actions.walk_in(actor=world.boss, session=session, count=12, key="tablet-1-0001")
    actions.walk_in(actor=world.boss, session=session, count=3, key="tablet-2-0001")

    assert queries.roster(world.boss, session).came == 15


def test_not_coming_is_a_number_for_planning_and_a_name_nowhere(world):
    shift = shift_of(world.published())
    came, missed = come(world.guest(), shift), come(world.guest("缺席者"), shift)
    actions.check_in(actor=world.boss, sign_up=came)

    with clock.frozen(later(days=3)):
        actions.hold(actor=world.boss, session=shift.session)
        roster = queries.roster(world.boss, shift.session)

    missed.refresh_from_db()
    assert (missed.state, roster.absent) == (SignUpState.ABSENT, 1)
    assert [one.person.name for one in roster.sign_ups] == [came.person.name]


def test_where_nobody_was_checked_in_nobody_is_marked_absent(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    with clock.frozen(later(days=3)):
        actions.hold(actor=world.boss, session=shift.session)

    row.refresh_from_db()
    assert row.state == SignUpState.SIGNED

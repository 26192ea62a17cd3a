"""Who served and was seen coming and going gets hours, each once, never by himself; a team's reach its leaders."""

from __future__ import annotations

import pytest

from huying.activities import actions, queries
from huying.activities.actions import PartyFacts, RoleFacts, SignUpMoved
from huying.activities.models import CheckIn
from huying.activities.states import Side
from huying.activities.tests.factories import come, later, page, pressed, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import actor, role, team, volunteer
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput
from huying.volunteers.actions import NotForOneself
from huying.volunteers.models import Membership, ServiceRecord
from huying.volunteers.rules import to_check

SERVING = {"roles": [RoleFacts("志愿者", 5, True)], "risks": "小心"}


def served(world, row, comes=(0, 0), goes=(2, 0), *, doer=None, out=None):
    """Somebody is checked in and out (hours, minutes from the beginning); ``goes`` None: nobody saw him go."""
    with clock.frozen(later(days=2, hours=comes[0], minutes=comes[1])):
        actions.check_in(actor=doer or world.boss, sign_up=row)
    if goes:
        with clock.frozen(later(days=2, hours=goes[0], minutes=goes[1])):
            actions.check_out(actor=out or doer or world.boss, sign_up=row)


def handed_in(world, session, doer=None):
    with clock.frozen(later(days=2, hours=3)):
        if session.state == "planned":
            session = actions.hold(actor=world.boss, session=session)
        return actions.hand_in_hours(actor=doer or world.boss, session=session)


def test_a_shift_of_service_becomes_records_witnessed_at_the_door(world):
    activity = world.published(**SERVING)
    shift = shift_of(activity)
    seen, half, missed = (come(world.volunteer().person, shift) for _ in range(3))
    served(world, seen, (0, -10), (1, 30))
    served(world, half, (0, 30), None)

    done = handed_in(world, shift.session)
    shift.session.refresh_from_db()
    again = handed_in(world, shift.session)

    assert done.refused == () and [one.sign_up for one in done.not_out] == [half]
    assert [(one.minutes, one.evidence) for one in done.records] == [(90, "A")]
    assert again.records == done.records
    assert not ServiceRecord.objects.filter(person__in=[half.person, missed.person]).exists()
    assert done.records[0].title == activity.title and done.records[0].host == "和平社区"


def test_who_was_not_signed_out_gets_hours_once_another_one_says_when_he_left(world):
    shift = shift_of(world.published(**SERVING))
    row = come(world.volunteer().person, shift)
    served(world, row, goes=None)
    assert handed_in(world, shift.session).records == ()
    shift.session.refresh_from_db()

    with clock.frozen(later(days=2, hours=4)):
        assert queries.not_out(shift.session) == [row]
        for wrong in (later(days=2, minutes=-1), later(days=2, hours=5)):
            with pytest.raises(InvalidInput):
                actions.add_leaving(actor=world.boss, sign_up=row, at=wrong)
        with pytest.raises(Forbidden):
            actions.add_leaving(actor=actor(world.stranger), sign_up=row, at=later(days=2, hours=1))
        actions.add_leaving(actor=world.boss, sign_up=row, at=later(days=2, hours=1))
        with pytest.raises(SignUpMoved):
            actions.add_leaving(actor=world.boss, sign_up=row, at=later(days=2, hours=1))

    assert [(one.minutes, one.evidence) for one in handed_in(world, shift.session).records] == [(60, "B")]
    assert queries.not_out(shift.session) == []


def test_nobody_says_of_himself_when_he_left(world):
    shift = shift_of(world.published(**SERVING))
    volunteer(world.keeper, world.home)
    row = come(world.keeper, shift)
    served(world, row, goes=None)

    with clock.frozen(later(days=2, hours=3)), pytest.raises(NotForOneself):
        actions.add_leaving(actor=world.boss, sign_up=row, at=later(days=2, hours=1))

    assert CheckIn.objects.get().out_at is None


@pytest.mark.parametrize("by_himself", ["in", "out"])
def test_whom_nobody_else_saw_come_or_go_is_not_of_the_best_evidence(world, by_himself):
    shift = shift_of(world.published(**SERVING))
    helper = volunteer(world.guest("钱主任"), world.home)
    role(helper.person, "station_keeper", world.home)
    row = come(helper.person, shift)
    own = actor(helper.person)
    doer, out = (own, world.boss) if by_himself == "in" else (world.boss, own)
    served(world, row, doer=doer, out=out)

    assert [one.evidence for one in handed_in(world, shift.session).records] == ["B"]


def test_hours_are_handed_in_by_those_who_run_it_and_never_for_oneself(world):
    activity = world.published(**SERVING)
    volunteer(world.keeper, world.home)
    row = come(world.keeper, shift_of(activity))
    served(world, row)

    done = handed_in(world, row.session)
    row.session.refresh_from_db()
    with pytest.raises(Forbidden):
        handed_in(world, row.session, actor(world.stranger))

    assert done.records == () and done.refused[0][0] == "王守一"
    assert not ServiceRecord.objects.exists()


def with_teams(world):
    """An activity of two teams: leaders, and a helper who is in the second one."""
    first, second, helper = world.volunteer("队长甲"), world.volunteer("队长乙"), world.volunteer()
    ours, theirs = team("蓝马甲", world.home, first), team("红马甲", world.home, second)
    Membership.objects.create(team=theirs, volunteer=helper, starts_at=clock.now())
    parties = [PartyFacts("蓝马甲", Side.HOST, 5000, ours), PartyFacts("红马甲", Side.PARTNER, 5000, theirs)]
    row = come(helper.person, shift_of(world.published(parties=parties, **SERVING)))
    return first, second, ours, theirs, row


def test_a_leader_hands_in_for_a_team_he_leads_and_another_leader_confirms(world):
    first, second, ours, _theirs, row = with_teams(world)
    other = world.volunteer("副队长")
    Membership.objects.create(team=ours, volunteer=other, is_leader=True, starts_at=clock.now())
    lead = actor(first.person)
    served(world, row, doer=lead)
    own = come(first.person, row.shift)
    served(world, own)

    done = handed_in(world, row.session, lead)

    assert [(one.person, one.team) for one in done.records] == [(row.person, ours)]
    assert [name for name, _why in done.refused] == ["队长甲"]
    waiting = ServiceRecord.objects.filter(to_check(actor(other.person)))
    assert list(waiting) == list(done.records)
    assert not ServiceRecord.objects.filter(to_check(lead)).exists()
    assert not ServiceRecord.objects.filter(to_check(actor(second.person))).exists()


def test_a_keeper_hands_in_for_the_team_that_the_helper_is_in(world):
    _first, second, _ours, theirs, row = with_teams(world)
    served(world, row)

    (record,) = handed_in(world, row.session).records

    assert record.team == theirs
    assert list(ServiceRecord.objects.filter(to_check(actor(second.person)))) == [record]


def test_the_page_of_results_names_who_was_not_signed_out_and_takes_the_time(world):
    shift = shift_of(world.published(**SERVING))
    row = come(world.volunteer("赵大姐").person, shift)
    served(world, row, goes=None)
    keeper = browser(world.keeper)

    with clock.frozen(later(days=2, hours=3)):
        actions.hold(actor=world.boss, session=shift.session)
        assert "没有签退" in page(keeper, "results", shift.session.public_id)
        assert "没有签退" in pressed_then(keeper, "hours", shift.session.public_id)
        assert "赵大姐" in page(keeper, "leaving", row.public_id)
        early = pressed(keeper, "leaving", row.public_id, status=422, at="2026-03-05T09:00")
        assert list(early.context["form"].errors) == ["at"]
        pressed(keeper, "leaving", row.public_id, at="2026-03-05T11:00")
        assert "没有签退" not in page(keeper, "results", shift.session.public_id)
        assert page(browser(world.stranger), "leaving", row.public_id, status=404)


def pressed_then(client, name, *args):
    """The page that a press leads to."""
    return client.get(pressed(client, name, *args)["Location"]).content.decode()

"""A team wants people; volunteers who fit are asked and join by their own choice. A no reads like silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock, locks
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.models import AuditLine
from huying.people.models import Notice
from huying.volunteers import actions, queries
from huying.volunteers.models import (
    Invitation,
    Membership,
    Skill,
    SkillProof,
    Volunteer,
    Want,
)
from huying.volunteers.states import InvitationState, WantState
from huying.volunteers.tests.factories import START, Cast, actor, place
from huying.volunteers.tests.test_service import confirmed

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def facts(cast: Cast, **more: Any) -> actions.WantFacts:
    given: dict[str, Any] = {
        "team": cast.team,
        "place": cast.home,
        "headcount": 1,
        "words": "周三助餐缺人",
        "until_date": clock.today() + 30 * DAY,
    }
    return actions.WantFacts(**(given | more))


def wanted(cast: Cast, **more: Any) -> Want:
    return actions.state_want(actor=actor(cast.wu.person), facts=facts(cast, **more))


def invited(cast: Cast, want: Want, *who: Volunteer) -> list[Invitation]:
    return actions.invite(actor=actor(cast.keeper), want=want, volunteers=who)


def names(cast: Cast, want: Want) -> list[str]:
    return [one.person.name for one in queries.fitting(actor(cast.keeper), want).order_by(*queries.FITTING_ORDER)]


# ── a want ──────────────────────────────────────────────────────────────────
def test_leaders_keepers_and_centres_say_whom_a_team_wants_and_nobody_else(cast: Cast) -> None:
    for who in (cast.wu.person, cast.keeper, cast.office):
        assert actions.state_want(actor=actor(who), facts=facts(cast)).state == WantState.OPEN
    for who in (cast.li.person, cast.outsider, cast.resident):
        with pytest.raises(Forbidden):
            actions.state_want(actor=actor(who), facts=facts(cast))
    assert [row.made_by for row in Want.objects.order_by("id")] == [cast.wu.person, cast.keeper, cast.office]


def test_who_may_see_a_want_may_also_keep_it(cast: Cast) -> None:
    want = wanted(cast)

    people = [cast.wu.person, cast.keeper, cast.office, cast.li.person, cast.outsider]
    seen = [queries.wants(actor(one)).filter(pk=want.pk).exists() for one in people]
    kept = [actions_allowed(one, want) for one in people]

    assert seen == kept == [True, True, True, False, False]


def actions_allowed(person: Any, want: Want) -> bool:
    try:
        with transaction.atomic():
            actions.withdraw_want(actor=actor(person), want=want)
            transaction.set_rollback(True)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("days", [-1, 367])
def test_a_last_day_that_is_over_or_too_far_is_refused(cast: Cast, days: int) -> None:
    with pytest.raises(actions.WantUnclear):
        wanted(cast, until_date=clock.today() + days * DAY)


def test_a_place_without_position_is_reckoned_from_the_nearest_above_it(cast: Cast) -> None:
    grid = place("三号网格", cast.home, "grid")
    want = wanted(cast, place=grid)

    assert (want.lon, want.lat) == (cast.home.lon, cast.home.lat)
    with pytest.raises(actions.PlaceUnplaced):
        wanted(cast, place=cast.away)


@pytest.mark.parametrize(
    "wrong",
    [
        {"headcount": 0},
        {"joined": 2},
        {"joined": 1},
        {"state": "filled", "closed_at": START},
        {"state": "withdrawn"},
        {"slots": [21]},
        {"state": "gone", "closed_at": START},
        {"lon": 200.0},
    ],
)
def test_the_database_refuses_a_want_that_cannot_be(cast: Cast, wrong: dict[str, Any]) -> None:
    want = wanted(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Want.objects.filter(pk=want.pk).update(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "joined"},
        {"state": "over", "put_away": True},
        {"ends_at": START - HOUR},
        {"joined_at": START},
    ],
)
def test_the_database_refuses_an_invitation_that_cannot_be(cast: Cast, wrong: dict[str, Any]) -> None:
    (one,) = invited(cast, wanted(cast), cast.li)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=one.pk).update(**wrong)


# ── who fits ────────────────────────────────────────────────────────────────
def test_who_rests_left_wants_no_calls_is_in_the_team_or_was_asked_is_not_proposed(cast: Cast) -> None:
    want, other = wanted(cast, headcount=9), wanted(cast, headcount=9)
    resting, left, none, elsewhere, asked, free = (cast.volunteer(f"志愿{n}") for n in "甲乙丙丁戊己")
    actions.pause(actor=actor(resting.person), until=clock.today() + DAY)
    actions.leave(actor=actor(left.person))
    Volunteer.objects.filter(pk=none.pk).update(weekly_limit=0)
    invited(cast, other, elsewhere)
    invited(cast, want, asked)
    actions.join_team(actor=actor(cast.he.person), team=cast.team)

    assert set(names(cast, want)) == {"李安和", free.person.name}


def test_a_skill_that_needs_a_paper_counts_once_the_paper_is_accepted(cast: Cast) -> None:
    aid = Skill.objects.create(code="first-aid", name="急救", needs_proof=True)
    want = wanted(cast, skills=[cast.cook, aid])
    cast.li.skills.set([cast.cook, aid])
    cast.he.skills.set([cast.cook, aid])
    proof = {"volunteer": cast.he, "person": cast.he.person, "skill": aid, "made_at": START}

    before = names(cast, want)
    row = SkillProof.objects.create(**proof)
    waiting = names(cast, want)
    actions.verify_proof(actor=actor(cast.keeper), proof=row)
    after = names(cast, want)

    assert (before, waiting, after) == ([], [], ["何晓燕"])
    said = queries.fits(list(queries.fitting(actor(cast.keeper), want)), want)[0].reasons
    assert said[1:3] == ["会做饭", "会急救，证书已核对"]


def test_time_is_free_at_every_part_that_is_named_or_was_never_named(cast: Cast) -> None:
    want = wanted(cast, slots=[4, 7])
    for who, free in ((cast.li, [4]), (cast.he, [1, 4, 7]), (cast.wu, [])):
        Volunteer.objects.filter(pk=who.pk).update(availability=free)
    any_time = cast.volunteer("随时")

    assert set(names(cast, want)) == {"何晓燕", any_time.person.name}


def test_near_is_as_far_as_somebody_wants_to_go(cast: Cast) -> None:
    want = wanted(cast, place=cast.next_door)
    Volunteer.objects.filter(pk=cast.li.pk).update(travel_km=1.4)
    Volunteer.objects.filter(pk=cast.he.pk).update(travel_km=1.6)

    assert names(cast, want) == ["何晓燕"]  # 0.01° each way at 30.29° north: 1.47 km
    found = queries.fitting(actor(cast.keeper), want).get()
    assert found.km == pytest.approx(1.47, abs=0.01)


def test_idle_first_then_near_and_an_answer_moves_nobody(cast: Cast) -> None:
    want = wanted(cast, headcount=3)
    confirmed(cast, who=cast.li)

    assert names(cast, want) == ["何晓燕", "李安和"]
    first = wanted(cast)
    (no,) = invited(cast, first, cast.he)
    actions.put_away(actor=actor(cast.he.person), invitation=no)
    actions.withdraw_want(actor=actor(cast.wu.person), want=first)
    assert names(cast, want) == ["何晓燕", "李安和"]


def test_a_keeper_finds_people_of_his_own_places_only_and_a_leader_nobody(cast: Cast) -> None:
    want = wanted(cast)
    cast.volunteer("邻居", cast.next_door)

    assert set(names(cast, want)) == {"李安和", "何晓燕"}
    street = queries.fitting(actor(cast.office), want)
    assert {one.person.name for one in street} == {"李安和", "何晓燕", "邻居"}
    assert not queries.fitting(actor(cast.wu.person), want).exists()
    with pytest.raises(Forbidden):
        actions.invite(actor=actor(cast.wu.person), want=want, volunteers=[cast.li])


# ── asked ───────────────────────────────────────────────────────────────────
def test_a_yes_joins_and_fills_and_the_rest_hear_a_kind_word(cast: Cast) -> None:
    want = wanted(cast)
    one, other = invited(cast, want, cast.li, cast.he)
    actions.put_away(actor=actor(cast.he.person), invitation=other)

    done = actions.take_up(actor=actor(cast.li.person), invitation=one)
    again = actions.take_up(actor=actor(cast.li.person), invitation=one)

    want.refresh_from_db()
    other.refresh_from_db()
    assert (done.state, again.pk) == (InvitationState.JOINED, done.pk)
    assert (want.state, want.joined, want.closed_at) == (WantState.FILLED, 1, START)
    assert (other.state, other.put_away) == (InvitationState.OVER, False)
    assert Membership.objects.filter(team=cast.team, volunteer=cast.li, ends_at__isnull=True).count() == 1
    told = Notice.objects.filter(kind="invitation").order_by("id").values_list("person__name", "title")
    assert list(told) == [
        ("李安和", "和平助老队想请您入队"),
        ("何晓燕", "和平助老队想请您入队"),
        ("何晓燕", "和平助老队的人已经找齐了，谢谢您"),
        ("吴长青", "李安和加入了和平助老队"),
    ]
    with pytest.raises(actions.InvitationOver):
        actions.take_up(actor=actor(cast.he.person), invitation=other)


def test_nobody_answers_for_another_and_a_no_writes_nothing_but_its_own_mark(cast: Cast) -> None:
    (one,) = invited(cast, wanted(cast), cast.li)
    trail, told = AuditLine.objects.count(), Notice.objects.count()

    with pytest.raises(NotFound):
        actions.put_away(actor=actor(cast.he.person), invitation=one)
    with pytest.raises(NotFound):
        actions.take_up(actor=actor(cast.he.person), invitation=one)
    actions.put_away(actor=actor(cast.li.person), invitation=one)

    one.refresh_from_db()
    assert (one.state, one.put_away) == (InvitationState.OPEN, True)
    assert (AuditLine.objects.count(), Notice.objects.count()) == (trail, told)
    assert queries.my_invitations(actor(cast.li.person)) == []
    assert not queries.invitation_story(actor(cast.li.person), one.public_id).open
    with pytest.raises(actions.InvitationOver):
        actions.take_up(actor=actor(cast.li.person), invitation=one)


def test_an_invitation_ends_by_itself_and_the_want_never_asks_him_again(cast: Cast, settings: Any) -> None:
    settings.HUYING_INVITATION_DAYS = 7
    want = wanted(cast, headcount=3)
    (one,) = invited(cast, want, cast.li)
    assert one.ends_at == START + 7 * DAY

    with clock.frozen(START + 7 * DAY):
        with pytest.raises(actions.InvitationOver):
            actions.take_up(actor=actor(cast.li.person), invitation=one)
        other = wanted(cast)
        assert (invited(cast, want, cast.li), len(invited(cast, other, cast.li))) == ([], 1)
        assert actions.end_wants(actor=actions_clock()) == 0
        one.refresh_from_db()
        assert one.state == InvitationState.OVER
        assert invited(cast, want, cast.li) == []


def actions_clock() -> Any:
    from huying.kernel.actor import Actor

    return Actor.system("volunteers.end_wants")


def test_an_invitation_ends_with_the_last_day_of_its_want(cast: Cast) -> None:
    want = wanted(cast, until_date=clock.today() + 2 * DAY)
    (one,) = invited(cast, want, cast.li)

    assert clock.local(one.ends_at).isoformat() == "2026-03-06T00:00:00+08:00"
    with clock.frozen(START + 3 * DAY):
        assert actions.end_wants(actor=actions_clock()) == 1
        assert actions.end_wants(actor=actions_clock()) == 0
        with pytest.raises(actions.WantOver):
            invited(cast, want, cast.he)
    want.refresh_from_db()
    one.refresh_from_db()
    assert (want.state, one.state, want.until_date) == (WantState.OVER, InvitationState.OVER, date(2026, 3, 5))


def test_withdrawing_ends_open_invitations_with_a_kind_word_also_for_a_no(cast: Cast) -> None:
    want = wanted(cast, headcount=3)
    _yes, no = invited(cast, want, cast.li, cast.he)
    actions.put_away(actor=actor(cast.he.person), invitation=no)

    actions.withdraw_want(actor=actor(cast.wu.person), want=want)
    actions.withdraw_want(actor=actor(cast.wu.person), want=want)

    assert set(Invitation.objects.values_list("state", "put_away")) == {(InvitationState.OVER, False)}
    titles = Notice.objects.filter(title="和平助老队暂时不再要人了，谢谢您")
    assert set(titles.values_list("person__name", flat=True)) == {"李安和", "何晓燕"}


def test_who_leaves_or_is_at_another_place_of_the_team_is_asked_no_more(cast: Cast) -> None:
    want = wanted(cast, headcount=3)
    (one,) = invited(cast, want, cast.li)

    actions.leave(actor=actor(cast.li.person))

    one.refresh_from_db()
    assert one.state == InvitationState.OVER
    with pytest.raises(actions.NotAVolunteer):
        actions.take_up(actor=actor(cast.li.person), invitation=one)


def test_a_team_that_stopped_takes_nobody(cast: Cast) -> None:
    (one,) = invited(cast, wanted(cast), cast.li)
    cast.team.active = False
    cast.team.save(update_fields=["active"])

    with pytest.raises(actions.InvitationOver):
        actions.take_up(actor=actor(cast.li.person), invitation=one)
    assert queries.my_invitations(actor(cast.li.person)) == []


def locked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of invitations as they are locked from now on."""
    found: list[int] = []
    usual = locks.many

    def many(rows: Any) -> list[Any]:
        got = usual(rows)
        found.extend(one.pk for one in got if isinstance(one, Invitation))
        return got

    monkeypatch.setattr(locks, "many", many)
    return found


def test_what_is_over_by_the_clock_is_locked_in_one_order(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = wanted(cast), wanted(cast)
    asked = [*invited(cast, second, cast.li), *invited(cast, first, cast.he)]
    keys = locked(monkeypatch)

    with clock.frozen(START + 31 * DAY):
        assert actions.end_wants(actor=actions_clock()) == 2

    assert keys == [one.pk for one in asked]
    assert set(Invitation.objects.values_list("state", flat=True)) == {InvitationState.OVER}

"""The score of teams: whose ratings count, which delays, which refusals; and the rule behind it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from huying.calls import actions, queries
from huying.calls.actions.slips import rate_by_slip
from huying.calls.models import Call, CallEvent, LateStage, Offer, Ring, ScoreRule
from huying.calls.queries.measuring import teams as teams_module
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role, team, volunteer
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Guardianship, Household
from huying.people.states import Tie
from huying.volunteers.models import Team, TeamKind

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast(time: Time) -> Cast:
    clocks(review=60, schedule=60, deliver=60, rate=7 * 24 * 60)
    return Cast()


# ── teams ───────────────────────────────────────────────────────────────────
def served(cast: Cast, score: int | None, *, who: Team | None = None, by: Any = None, **more: Any) -> Call:
    """A call that the team carried out."""
    boss, one = actor(cast.keeper), who or cast.team
    call = cast.call(State.POOLED, **more)
    call = actions.dispatch(actor=boss, call=call, teams=[one])
    leader = actor(one.memberships.get(is_leader=True).volunteer.person)
    for verb, given in (
        ("accept", {}),
        ("schedule", {"at": clock.now() + DAY}),
        ("start", {}),
        ("deliver", {"note": "好了"}),
    ):
        call = getattr(actions, verb)(actor=leader, call=call, **given)
    if score is None:
        return call
    return actions.rate(actor=actor(by or call.requester), call=call, score=score, solved=True)


def line(cast: Cast, name: str = "和平助老队") -> queries.TeamLine:
    found = queries.team_lines(actor(cast.dispatcher), START - DAY, START + 30 * DAY)
    return next(one for one in found if one.team.name == name)


def test_a_team_has_a_score_from_ten_ratings_on(cast: Cast) -> None:
    for _ in range(9):
        served(cast, 5)
    nine = line(cast)
    served(cast, 5)

    assert (nine.score, nine.work.ratings) == (None, 9)
    assert (str(line(cast).score), line(cast).work.stars) == ("100.0", 50)


def test_the_mean_is_that_of_the_county_and_not_of_what_the_reader_sees(cast: Cast) -> None:
    other = team("麦田互助队", cast.away, volunteer(person("许多多", cast.away), cast.away))
    served(cast, 5)
    call = actions.dispatch(actor=actor(cast.outsider), call=cast.call(State.SUBMITTED, place=cast.away), teams=[other])
    leader = actor(other.memberships.get().volunteer.person)
    for verb, given in (("accept", {}), ("start", {}), ("deliver", {"note": "好了"})):
        call = getattr(actions, verb)(actor=leader, call=call, **given)
    actions.rate(actor=actor(cast.resident), call=call, score=2, solved=False)

    (own,) = queries.team_lines(actor(cast.keeper), START - DAY, START + DAY)

    assert (own.team.name, own.mean) == ("和平助老队", 3.5)


def test_members_their_kin_and_staff_do_not_rate_their_team(cast: Cast) -> None:
    leader = cast.leader.person
    home = Household.objects.create(place=cast.home)
    wife = person("赵小兰", cast.home, household=home)
    leader.household = home
    leader.save()
    ward = person("吴小宝", cast.home)
    now = clock.now()
    Guardianship.objects.create(ward=ward, guardian=leader, tie=Tie.PARENT, starts_at=now, confirmed_at=now)
    for who in (leader, wife, ward):
        call = served(cast, None)
        Call.objects.filter(pk=call.pk).update(requester=who, asked_by=who)
        actions.rate(actor=actor(who), call=Call.objects.get(pk=call.pk), score=5, solved=True)
    call = served(cast, None)
    Call.objects.filter(pk=call.pk).update(asked_by=cast.grid_worker)
    actions.rate(actor=actor(cast.grid_worker), call=Call.objects.get(pk=call.pk), score=5, solved=True)
    served(cast, 3)

    assert (line(cast).work.ratings, line(cast).work.stars) == (1, 3)


def test_what_came_with_a_paper_slip_is_nobodys_own_word(cast: Cast) -> None:
    """Whoever printed it has seen the code: a team could rate itself in the name of the person served (decision 0022)."""
    call = served(cast, None)
    rate_by_slip(call=call, score=5, solved=True, comment="", address="127.0.0.1")
    served(cast, 3)

    found = line(cast)

    assert (found.work.ratings, found.work.stars) == (1, 3)
    assert found.mean == 3


def test_a_call_that_was_rated_by_nobody_is_none_of_the_ten(cast: Cast, time: Time) -> None:
    for _ in range(9):
        served(cast, 5)
    silent = served(cast, None)
    time.on(days=8)
    actions.auto_rate(actor=Actor.system("calls.clocks"), call=silent)
    nine = line(cast)
    served(cast, 5)

    assert (nine.score, nine.work.ratings, nine.work.on_time.whole) == (None, 9, 10)
    assert (line(cast).score, line(cast).work.ratings) == (Decimal("100.0"), 10)


def test_a_refusal_for_a_listed_reason_lowers_nothing_and_silence_does(cast: Cast) -> None:
    leader, keeper = actor(cast.leader.person), actor(cast.keeper)
    served(cast, 5)
    for excuse in ("weather", "safety"):
        call = actions.dispatch(actor=keeper, call=cast.call(State.POOLED), teams=[cast.team])
        actions.decline(actor=leader, call=call, excuse=excuse)
    excused = line(cast).work.accepted
    call = actions.dispatch(actor=keeper, call=cast.call(State.POOLED), teams=[cast.team])
    Offer.objects.filter(call=call).update(state="expired")
    silent = line(cast).work.accepted

    assert (excused.part, excused.whole) == (1, 1)
    assert (silent.part, silent.whole) == (1, 2)


def test_what_the_duty_gets_unasked_is_not_accepted(cast: Cast) -> None:
    cast.team.kind = TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})[0]
    cast.team.save()
    Ring.objects.create(order=1, name="兜底", asks="duty", team_kind=cast.team.kind)
    served(cast, 5)
    before = line(cast).work.accepted

    call = actions.widen(actor=actor(cast.keeper), call=cast.call(State.POOLED))
    held = line(cast).work.accepted
    actions.hand_back(actor=actor(cast.leader.person), call=call, reason="车坏了")

    assert call.offers.get().team == cast.team
    assert [(one.part, one.whole) for one in (before, held, line(cast).work.accepted)] == [(1, 1)] * 3


def test_the_mean_of_a_county_is_made_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    team("青禾帮帮队", cast.street)
    team("麦田互助队", cast.away)
    made = []
    monkeypatch.setattr(teams_module, "mean_of", lambda ratings, teams: made.append(sorted(teams)))

    assert len(queries.team_lines(actor(cast.dispatcher), START - DAY, START + DAY)) == 3
    assert len(made) == 1


def test_a_volunteers_no_keeps_no_reason_whatever_was_sent(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)

    actions.decline(actor=actor(cast.li.person), call=call, excuse="weather", reason="下大雨")

    one = Offer.objects.get(call=call)
    assert (one.excuse, one.reason, one.answered_at, one.answered_by) == ("", "", None, None)


def test_only_the_leader_of_an_asked_team_is_asked_why(cast: Cast) -> None:
    alone = cast.call(State.DISPATCHED)
    asked = actions.dispatch(actor=actor(cast.keeper), call=cast.call(State.POOLED), teams=[cast.team])

    pages = {
        name: browser(who).get(f"/calls/{call.public_id}/decline/").content.decode()
        for name, who, call in (("alone", cast.li.person, alone), ("team", cast.leader.person, asked))
    }
    answer = sent(browser(cast.leader.person), f"/calls/{asked.public_id}/decline/", excuse="licence")

    assert ("没有所需的资质" in pages["alone"], "没有所需的资质" in pages["team"]) == (False, True)
    assert answer.status_code == 303
    assert Offer.objects.get(call=asked).excuse == "licence"


def test_what_was_late_before_a_team_came_is_not_its_delay(cast: Cast, time: Time) -> None:
    first = cast.call(State.SUBMITTED)
    time.on(hours=3)
    first = actions.dispatch(actor=actor(cast.keeper), call=first, teams=[cast.team])
    leader = actor(cast.leader.person)
    first = actions.accept(actor=leader, call=first)
    time.on(minutes=30)
    for verb, given in (("start", {}), ("deliver", {"note": "好了"})):
        first = getattr(actions, verb)(actor=leader, call=first, **given)
    actions.rate(actor=actor(cast.resident), call=first, score=5, solved=True)
    mine = line(cast).work.on_time
    slow = actions.dispatch(actor=actor(cast.keeper), call=cast.call(State.POOLED), teams=[cast.team])
    slow = actions.accept(actor=leader, call=slow)
    time.on(hours=2)
    for verb, given in (("start", {}), ("deliver", {"note": "好了"})):
        slow = getattr(actions, verb)(actor=leader, call=slow, **given)
    actions.rate(actor=actor(cast.resident), call=slow, score=5, solved=True)

    assert LateStage.objects.filter(call=first, stage="review").exists()
    assert (mine.part, mine.whole, line(cast).work.on_time.part, line(cast).work.on_time.whole) == (1, 1, 1, 2)


def test_a_rating_belongs_to_those_who_came_last(cast: Cast, time: Time) -> None:
    other = team("青禾帮帮队", cast.street, volunteer(person("许多多", cast.home), cast.home))
    call = served(cast, 1)
    time.on(hours=1)
    call = actions.reopen(actor=actor(cast.resident), call=call, reason="还是不行")
    time.on(hours=1)
    call = actions.dispatch(actor=actor(cast.keeper), call=call, teams=[other])
    leader = actor(other.memberships.get().volunteer.person)
    for verb, given in (("accept", {}), ("start", {}), ("deliver", {"note": "好了"})):
        call = getattr(actions, verb)(actor=leader, call=call, **given)
    actions.rate(actor=actor(cast.resident), call=call, score=5, solved=True)

    first, second = line(cast).work, line(cast, "青禾帮帮队").work

    assert (first.ratings, first.lasting.part, first.lasting.whole) == (0, 0, 1)
    assert (second.ratings, second.stars, second.lasting.part) == (1, 5, 1)


# ── the rule ────────────────────────────────────────────────────────────────
def test_a_new_rule_counts_from_now_on_and_the_old_one_stays(cast: Cast) -> None:
    boss = actor(cast.dispatcher)
    actions.set_score_rule(actor=boss, facts=actions.ScoreFacts(least=3))
    actions.set_score_rule(actor=boss, facts=actions.ScoreFacts(least=20))

    assert queries.score_rule().least == 20
    assert ScoreRule.objects.count() == 2


def test_weights_that_do_not_make_a_whole_are_refused(cast: Cast) -> None:
    weights = {"rating": 50, "on_time": 25, "accept": 15, "lasting": 15, "recorded": 10}
    answer = sent(browser(cast.dispatcher), "/desk/figures/rule/", **weights, prior=10, least=10, middling=100)

    assert answer.status_code == 422
    assert "现在是 115" in answer.content.decode()
    assert not ScoreRule.objects.exists()


@pytest.mark.parametrize("middling", [33, 60, 101])
def test_a_weight_from_which_a_small_part_could_be_worked_out_is_refused(cast: Cast, middling: int) -> None:
    """With 60, a sum of 160 marks is one satisfied and one 基本满意 for certain."""
    weights = {"rating": 35, "on_time": 25, "accept": 15, "lasting": 15, "recorded": 10}
    with pytest.raises(actions.LimitsUnclear):
        actions.set_score_rule(actor=actor(cast.dispatcher), facts=actions.ScoreFacts(middling=middling))
    answer = sent(browser(cast.dispatcher), "/desk/figures/rule/", **weights, prior=10, least=10, middling=middling)

    assert answer.status_code == 422
    assert not ScoreRule.objects.exists()


def test_the_page_of_teams_has_no_person_and_no_order_by_score(cast: Cast) -> None:
    for _ in range(10):
        served(cast, 5)
    role(person("钱督查", cast.county), "inspector", cast.county)

    page = browser(cast.dispatcher).get("/desk/figures/teams/").content.decode()

    assert "和平助老队" in page
    assert "100.0" in page
    assert "吴长青" not in page
    assert CallEvent.objects.filter(verb="rate").count() == 10

"""Service at the same moment: two confirm, two enter the same time, two scans, two who close. Each counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.tests.factories import kinds
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import (
    Attendance,
    CampaignJoin,
    Certificate,
    ServiceRecord,
    ServiceSession,
    Team,
    Volunteer,
)
from huying.volunteers.states import Evidence
from huying.volunteers.tests.factories import START, Cast, actor
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        yield Cast()
    assert broken_service() == []


def served(cast: Cast, who: Volunteer | None = None, ago: float = 3, **more: Any) -> actions.Served:
    begin = START - timedelta(hours=ago)
    facts: dict[str, Any] = {
        "volunteer": who or cast.li,
        "place": cast.home,
        "title": "周三助餐",
        "starts_at": begin,
        "ends_at": begin + 2 * HOUR,
        "minutes": 120,
        "evidence": Evidence.A,
        "team": cast.team,
    }
    return actions.Served(**(facts | more))


def submit(cast: Cast, doer: Actor, **more: Any) -> ServiceRecord:
    return actions.submit_record(actor=doer, served=served(cast, **more))


def opened(cast: Cast) -> ServiceSession:
    plan = actions.SessionPlan("周三助餐", cast.home, START, START + 2 * HOUR, team=cast.team)
    return actions.open_session(actor=actor(cast.wu.person), plan=plan)


# ── serial numbers ──────────────────────────────────────────────────────────
def test_two_certificates_at_once_get_neighbouring_numbers_and_a_refusal_between_leaves_no_gap(cast: Cast) -> None:
    keeper = actor(cast.keeper)
    for who in (cast.li, cast.he):
        actions.confirm(actor=keeper, record=submit(cast, actor(cast.wu.person), who=who))

    def certify(who: Volunteer) -> Certificate:
        today = clock.today()
        return actions.issue_certificate(actor=actor(who.person), volunteer=who, since=today, until=today)

    first = certify(cast.li)
    results = all_at_once(*[lambda who=who: certify(who) for who in (cast.li, cast.he, cast.wu) for _n in range(3)])

    assert refusals(results) == ["NothingToCertify"] * 3
    assert first.serial is not None
    given = sorted(one.serial for one in results if isinstance(one, Certificate))
    assert given == [first.serial + n for n in range(1, 7)]


# ── confirming ──────────────────────────────────────────────────────────────
def test_two_confirm_at_once_and_the_minutes_stand_once(cast: Cast) -> None:
    record = submit(cast, actor(cast.wu.person))
    keeper, office = actor(cast.keeper), actor(cast.office)

    results = race(
        lambda: actions.confirm(actor=keeper, record=record), lambda: actions.confirm(actor=office, record=record)
    )

    assert refusals(results) == ["RecordMoved"]
    assert queries.minutes_of(cast.li.person_id) == 120


def test_one_confirms_while_another_gives_back(cast: Cast) -> None:
    record = submit(cast, actor(cast.wu.person))

    results = race(
        lambda: actions.give_back(actor=actor(cast.keeper), record=record, reason="不清楚"),
        lambda: actions.confirm(actor=actor(cast.office), record=record),
    )

    assert refusals(results) == ["RecordMoved"]
    assert queries.minutes_of(cast.li.person_id) == 0


def test_two_agree_to_one_correction_and_it_is_reversed_once(cast: Cast) -> None:
    record = submit(cast, actor(cast.wu.person))
    record = actions.confirm(actor=actor(cast.keeper), record=record)
    asked = actions.correct(
        actor=actor(cast.wu.person),
        record=record,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        minutes=60,
        reason="记多了",
    )

    results = race(
        lambda: actions.accept(actor=actor(cast.keeper), record=asked),
        lambda: actions.accept(actor=actor(cast.office), record=asked),
    )

    assert refusals(results) == ["RecordMoved"]
    assert queries.minutes_of(cast.li.person_id) == 60


def test_a_long_day_cannot_be_slipped_past_by_two_confirmers(cast: Cast) -> None:
    with clock.frozen(START + 13 * HOUR):
        rows = [submit(cast, actor(cast.wu.person), ago=ago, ends_at=START - timedelta(hours=ago - 5), minutes=300)
                for ago in (-1, -6)]  # fmt: skip

        results = race(
            lambda: actions.confirm(actor=actor(cast.keeper), record=rows[0]),
            lambda: actions.confirm(actor=actor(cast.office), record=rows[1]),
        )

    assert refusals(results) == ["LongDay"]
    assert queries.minutes_of(cast.li.person_id) == 300


def test_two_confirm_many_in_any_order_without_a_deadlock(cast: Cast) -> None:
    rows = [submit(cast, actor(cast.wu.person), who=who, ago=ago) for ago in (3, 6, 9) for who in (cast.li, cast.he)]

    results = all_at_once(
        lambda: actions.confirm_many(actor=actor(cast.keeper), records=rows),
        lambda: actions.confirm_many(actor=actor(cast.office), records=rows[::-1]),
    )

    assert refusals(results) == []
    assert sum(len(done) for done, _refused in results) == 6
    assert queries.minutes_of(cast.li.person_id) == queries.minutes_of(cast.he.person_id) == 360


# ── entering ────────────────────────────────────────────────────────────────
def overlapping(cast: Cast) -> list[Any]:
    """Entered for the same person and time, by a leader here and a keeper elsewhere."""
    return [
        lambda: submit(cast, actor(cast.wu.person)),
        lambda: submit(cast, actor(cast.outsider), place=cast.away, team=None, ago=2),
    ]


def test_the_same_time_entered_at_two_sites_at_once_counts_once(cast: Cast) -> None:
    results = race(*overlapping(cast))

    assert refusals(results) == ["ServiceOverlaps"]
    assert ServiceRecord.objects.count() == 1


def test_without_locks_the_database_itself_still_refuses_the_second(cast: Cast) -> None:
    results = race_without_locks(*overlapping(cast))

    # an exclusion constraint makes two that enter at once wait for each other: the database may end one by its own word
    assert refusals(results) in (["ServiceOverlaps"], ["OperationalError"])
    assert ServiceRecord.objects.count() == 1


# ── signing in ──────────────────────────────────────────────────────────────
def scans(cast: Cast, session: ServiceSession) -> Any:
    me = actor(cast.li.person)
    _found, ticket = actions.read_link(me, rules.screen_code(session))
    return lambda: actions.check_by_code(actor=me, ticket=ticket, leaving=False)


def test_two_scans_at_once_are_one_visit(cast: Cast) -> None:
    scan = scans(cast, opened(cast))

    results = race(scan, scan)

    assert refusals(results) == []
    assert results[0].pk == results[1].pk
    assert Attendance.objects.count() == 1


def test_scans_at_two_sessions_at_once_are_one_visit(cast: Cast) -> None:
    first, second = scans(cast, opened(cast)), scans(cast, opened(cast))

    results = race(first, second)

    assert refusals(results) == ["StillElsewhere"]
    assert Attendance.objects.count() == 1


def test_two_who_close_at_once_make_one_record_of_each_visit(cast: Cast) -> None:
    session = opened(cast)
    leader, keeper = actor(cast.wu.person), actor(cast.keeper)
    actions.call_roll(actor=leader, session=session, volunteers=[cast.li, cast.he], leaving=False)
    with clock.frozen(START + HOUR):
        actions.call_roll(actor=leader, session=session, volunteers=[cast.li, cast.he], leaving=True)

        results = race(
            lambda: actions.close_session(actor=leader, session=session),
            lambda: actions.close_session(actor=keeper, session=session),
        )

    assert refusals(results) == []
    assert sorted(len(made) for made in results) == [0, 2]
    assert ServiceRecord.objects.count() == 2


def test_two_who_copy_one_sheet_at_once_make_one_record(cast: Cast) -> None:
    session = opened(cast)
    line = actions.SheetLine(cast.li, START, START + HOUR)
    with clock.frozen(START + 3 * HOUR):
        results = race(
            lambda: actions.copy_sheet(actor=actor(cast.wu.person), session=session, lines=[line]),
            lambda: actions.copy_sheet(actor=actor(cast.keeper), session=session, lines=[line]),
        )

    assert refusals(results) == []
    assert [len(one.records) for one in results] == [0, 1]


# ── teams and campaigns ─────────────────────────────────────────────────────
def test_a_circle_of_teams_is_not_closed_from_both_ends_at_once(cast: Cast) -> None:
    office = actor(cast.office)
    first, second = (
        actions.save_team(actor=office, facts=actions.TeamFacts(name=name, place=cast.street))
        for name in ("甲队", "乙队")
    )

    def under(team: Team, parent: Team) -> Any:
        facts = actions.TeamFacts(name=team.name, place=cast.street, parent=parent)
        return lambda: actions.save_team(actor=office, team=team, facts=facts)

    results = race(under(first, second), under(second, first))

    assert refusals(results) == ["TeamCircle"]
    assert sorted(Team.objects.filter(place=cast.street).values_list("parent__name", flat=True), key=str) == [
        None,
        "乙队",
    ]


def test_the_last_place_of_a_campaign_is_taken_once(cast: Cast) -> None:
    facts = {"opens_at": START, "closes_at": START + HOUR}
    notice = actions.Notice(
        team=cast.team, title="招募", content="助餐", risks="楼梯", cover="意外险", wanted=1, **facts
    )
    made = actions.start_campaign(actor=actor(cast.wu.person), notice=notice)

    results = race(
        lambda: actions.join_campaign(actor=actor(cast.li.person), campaign=made),
        lambda: actions.join_campaign(actor=actor(cast.he.person), campaign=made),
    )

    assert refusals(results) == ["CampaignFull"]
    assert CampaignJoin.objects.count() == 1

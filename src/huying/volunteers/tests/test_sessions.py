"""Signing in and out: codes that change, one visit at a time, each counted once, and what each way proves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound, TooMany
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import Attendance, Membership, ServiceRecord, ServiceSession, SheetEntry, Volunteer
from huying.volunteers.states import Way
from huying.volunteers.tests.factories import START, Cast, actor

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def opened(cast: Cast, **more: Any) -> ServiceSession:
    """A session from now on for two hours, opened by the leader."""
    plan = {"title": "周三助餐", "place": cast.home, "starts_at": START, "ends_at": START + 2 * HOUR, "team": cast.team}
    return actions.open_session(actor=actor(cast.wu.person), plan=actions.SessionPlan(**(plan | more)))


def scan(session: ServiceSession, who: Volunteer, leaving: bool = False, text: str = "") -> Attendance:
    """Read the screen (or ``text``) and press."""
    me = actor(who.person)
    _found, ticket = actions.read_link(me, text or rules.screen_code(session))
    return actions.check_by_code(actor=me, ticket=ticket, leaving=leaving)


def closed(session: ServiceSession, who: Any) -> list[ServiceRecord]:
    return actions.close_session(actor=actor(who), session=session)


# ── what each way proves ────────────────────────────────────────────────────
def test_a_scan_of_the_screen_alone_is_class_b_for_codes_can_be_passed_on(cast: Cast) -> None:
    session = opened(cast, break_minutes=10)

    scan(session, cast.li)
    with clock.frozen(START + HOUR):
        visit = scan(session, cast.li, leaving=True)
        made = closed(session, cast.wu.person)

    assert [(one.person, one.minutes, one.evidence, one.state) for one in made] == [
        (cast.li.person, 50, "B", "submitted")
    ]
    assert (visit.in_by, visit.out_by, visit.seen_by) == (None, None, None)
    assert (made[0].entered_by, made[0].in_charge, made[0].host) == (cast.wu.person, "吴长青", "和平助老队")


def test_a_printed_code_at_one_end_makes_it_class_b(cast: Cast) -> None:
    session = actions.print_code(actor=actor(cast.wu.person), session=opened(cast), until=START + HOUR)

    scan(session, cast.li, text=rules.paper_code(session))
    with clock.frozen(START + HOUR):
        scan(session, cast.li, leaving=True)
        made = closed(session, cast.wu.person)

    assert [one.evidence for one in made] == ["B"]


def test_the_roll_is_one_press_for_all_and_class_a(cast: Cast) -> None:
    session, leader = opened(cast), actor(cast.wu.person)

    visits, passed = actions.call_roll(
        actor=leader, session=session, volunteers=[cast.li, cast.he, cast.wu], leaving=False
    )
    with clock.frozen(START + HOUR):
        actions.call_roll(actor=leader, session=session, volunteers=[cast.li], leaving=True)
        made = closed(session, cast.wu.person)

    assert (len(visits), passed) == (2, [cast.wu])
    assert [(one.person, one.minutes, one.evidence) for one in made] == [(cast.li.person, 60, "A")]
    assert Attendance.objects.get(volunteer=cast.he).dropped


def test_the_leader_himself_is_entered_by_another_organiser(cast: Cast) -> None:
    session = opened(cast)
    actions.call_roll(actor=actor(cast.keeper), session=session, volunteers=[cast.wu], leaving=False)
    with clock.frozen(START + HOUR):
        actions.call_roll(actor=actor(cast.keeper), session=session, volunteers=[cast.wu], leaving=True)
        own = closed(session, cast.wu.person)
        by_keeper = closed(session, cast.keeper)

    assert own == []
    assert [(one.person, one.entered_by, one.evidence) for one in by_keeper] == [(cast.wu.person, cast.keeper, "A")]


def test_scanning_ones_own_screen_is_witnessed_by_nobody(cast: Cast) -> None:
    session = opened(cast)

    visit = scan(session, cast.wu)

    assert visit.in_by is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(pk=visit.pk).update(in_by=cast.wu.person)


# ── codes ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("later", "good"), [(-30, False), (-15, True), (0, True), (15, True), (30, False), (3600, False)]
)
def test_a_code_of_the_screen_holds_for_its_moment_and_one_each_side(cast: Cast, later: int, good: bool) -> None:
    session = opened(cast)
    text = rules.screen_code(session)

    with clock.frozen(START + timedelta(seconds=later)):
        if good:
            actions.read_link(actor(cast.li.person), text)
        else:
            with pytest.raises(actions.CodeStale):
                actions.read_link(actor(cast.li.person), text)


def test_a_new_print_makes_the_old_one_void_and_the_day_ends_both(cast: Cast) -> None:
    leader = actor(cast.wu.person)
    session = actions.print_code(actor=leader, session=opened(cast), until=START + HOUR)
    old = rules.paper_code(session)
    session = actions.print_code(actor=leader, session=session, until=START + HOUR)
    new = rules.paper_code(session)

    with pytest.raises(actions.CodeStale):
        actions.read_link(actor(cast.li.person), old)
    actions.read_link(actor(cast.li.person), new)
    with clock.frozen(START + HOUR), pytest.raises(actions.CodeStale):
        actions.read_link(actor(cast.li.person), new)


@pytest.mark.parametrize("forged", ["", "x", "A" * 60, "码", "AAAA\x00"])
def test_forged_links_open_nothing(cast: Cast, forged: str) -> None:
    opened(cast)

    with pytest.raises(actions.CodeStale):
        actions.read_link(actor(cast.li.person), forged)


def test_a_ticket_is_worth_nothing_to_others_nor_later(cast: Cast) -> None:
    session = opened(cast)
    _found, ticket = actions.read_link(actor(cast.li.person), rules.screen_code(session))

    with pytest.raises(actions.CodeStale):
        actions.check_by_code(actor=actor(cast.he.person), ticket=ticket, leaving=False)
    with clock.frozen(START + timedelta(seconds=601)), pytest.raises(actions.CodeStale):
        actions.check_by_code(actor=actor(cast.li.person), ticket=ticket, leaving=False)


def test_digits_are_typed_by_hand_and_guessing_is_stopped(cast: Cast) -> None:
    session = actions.print_code(actor=actor(cast.wu.person), session=opened(cast), until=START + HOUR)
    me = actor(cast.li.person)
    good = {rules.typed(session, way): way for way in (Way.SCREEN, Way.PAPER)}

    ways = {rules.unticket(actions.read_digits(me, session, text), cast.li.person_id).way for text in good}
    wrong = next(f"{n:06d}" for n in range(99) if rules.matches(session, f"{n:06d}") is None)
    for _try in range(10):
        with pytest.raises(actions.CodeStale):
            actions.read_digits(me, session, wrong)
    with pytest.raises(TooMany):
        actions.read_digits(me, session, next(iter(good)))

    assert ways == {Way.SCREEN, Way.PAPER}
    assert sorted(len(text) for text in good) == [6, 8]


# ── once ────────────────────────────────────────────────────────────────────
def test_nothing_counts_twice(cast: Cast) -> None:
    session = opened(cast)
    first = scan(session, cast.li)
    with clock.frozen(START + MINUTE):
        again = scan(session, cast.li)
    with clock.frozen(START + HOUR):
        scan(session, cast.li, leaving=True)
        closed(session, cast.wu.person)
    with clock.frozen(START + HOUR + MINUTE):
        closed(session, cast.wu.person)
        closed(session, cast.keeper)

    assert (again.pk, again.in_at) == (first.pk, START)
    assert (Attendance.objects.count(), ServiceRecord.objects.count()) == (1, 1)


def test_nobody_is_in_two_places_at_once(cast: Cast) -> None:
    here, there = opened(cast), opened(cast, title="清洁家园")
    scan(here, cast.li)

    with pytest.raises(actions.StillElsewhere):
        scan(there, cast.li)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(
            session=there, volunteer=cast.li, person=cast.li.person, in_at=START + MINUTE, in_way=Way.PAPER
        )


def test_a_visit_without_an_end_counts_nothing_and_blocks_nothing(cast: Cast) -> None:
    here, there = opened(cast), opened(cast, title="清洁家园")
    scan(here, cast.li)

    with clock.frozen(START + HOUR):
        made = closed(here, cast.wu.person)
        visit = scan(there, cast.li)

    assert (made, visit.session_id) == ([], there.pk)


def test_leaving_right_after_coming_and_leaving_without_coming_are_refused(cast: Cast) -> None:
    session = opened(cast)
    scan(session, cast.li)

    with pytest.raises(actions.TooSoon):
        scan(session, cast.li, leaving=True)
    with pytest.raises(NotFound):
        scan(session, cast.he, leaving=True)


def test_a_closed_or_far_away_session_takes_nobody(cast: Cast) -> None:
    session = opened(cast)
    with clock.frozen(START - 3 * HOUR), pytest.raises(actions.NotNow):
        scan(session, cast.li)
    closed(session, cast.wu.person)

    with pytest.raises(actions.SessionOver):
        scan(session, cast.li)


def test_time_that_is_counted_elsewhere_is_not_counted_again(cast: Cast) -> None:
    session = opened(cast)
    scan(session, cast.li)
    with clock.frozen(START + HOUR):
        scan(session, cast.li, leaving=True)
        other = actions.Served(
            volunteer=cast.li,
            place=cast.away,
            title="别处",
            starts_at=START,
            ends_at=START + HOUR,
            minutes=60,
            evidence="A",  # type: ignore[arg-type]
        )
        actions.submit_record(actor=actor(cast.outsider), served=other)
        made = closed(session, cast.wu.person)

    assert made == []


# ── who may ─────────────────────────────────────────────────────────────────
def test_only_organisers_of_the_place_open_and_run_sessions(cast: Cast) -> None:
    session = opened(cast)

    for who in (cast.li.person, cast.outsider, cast.resident):
        with pytest.raises(Forbidden):
            actions.call_roll(actor=actor(who), session=session, volunteers=[cast.he], leaving=False)
        with pytest.raises(Forbidden):
            closed(session, who)
        with pytest.raises(Forbidden):
            actions.open_session(
                actor=actor(who),
                plan=actions.SessionPlan("x", cast.home, START, START + HOUR, team=cast.team),
            )
        with pytest.raises(NotFound):
            queries.session_by_id(actor(who), session.public_id)


def test_a_session_is_not_planned_for_a_year_that_nobody_can_mean(cast: Cast) -> None:
    for days in (5 * 366 + 1, 365 * 7000, -365 * 1900):
        starts = START + timedelta(days=days)
        with pytest.raises(actions.SessionUnclear) as refused:
            opened(cast, starts_at=starts, ends_at=starts + HOUR)
        assert list(refused.value.fields) == ["starts_at"]
    assert not ServiceSession.objects.exists()


@pytest.mark.parametrize(
    ("begin", "end", "rest"),
    [
        (HOUR, HOUR, 0),
        (HOUR, timedelta(0), 0),
        (HOUR, 26 * HOUR, 0),
        (HOUR, 2 * HOUR, 60),
        (-100 * 24 * HOUR, -99 * 24 * HOUR, 0),
    ],
)
def test_impossible_sessions_are_refused(cast: Cast, begin: timedelta, end: timedelta, rest: int) -> None:
    with pytest.raises(actions.SessionUnclear):
        opened(cast, starts_at=START + begin, ends_at=START + end, break_minutes=rest)


# ── the sheet ───────────────────────────────────────────────────────────────
def line(who: Volunteer, minutes: int = 60, rest: int = 0) -> actions.SheetLine:
    return actions.SheetLine(who, START, START + minutes * MINUTE, rest)


def test_a_line_copied_alike_by_two_people_becomes_a_record_of_class_c(cast: Cast) -> None:
    session = opened(cast)
    with clock.frozen(START + 3 * HOUR):
        first = actions.copy_sheet(actor=actor(cast.wu.person), session=session, lines=[line(cast.li), line(cast.he)])
        second = actions.copy_sheet(actor=actor(cast.keeper), session=session, lines=[line(cast.li), line(cast.he, 59)])

    assert (first.waiting, first.records) == ([cast.li, cast.he], [])
    assert second.differing == [cast.he]
    assert [(one.person, one.evidence, one.entered_by, one.second_by, one.state) for one in second.records] == [
        (cast.li.person, "C", cast.wu.person, cast.keeper, "submitted")
    ]


def test_one_person_copying_twice_proves_nothing(cast: Cast) -> None:
    session, leader = opened(cast), actor(cast.wu.person)
    with clock.frozen(START + 3 * HOUR):
        actions.copy_sheet(actor=leader, session=session, lines=[line(cast.li, 30)])
        again = actions.copy_sheet(actor=leader, session=session, lines=[line(cast.li)])

    assert (again.records, SheetEntry.objects.get().ends_at) == ([], START + HOUR)


def test_the_sheet_does_not_count_who_was_counted_by_code(cast: Cast) -> None:
    session = opened(cast)
    scan(session, cast.li)
    with clock.frozen(START + 2 * HOUR):
        scan(session, cast.li, leaving=True)
        closed(session, cast.wu.person)
    with clock.frozen(START + 3 * HOUR):
        for who in (cast.wu.person, cast.keeper):
            actions.copy_sheet(actor=actor(who), session=session, lines=[line(cast.li)])

    assert list(ServiceRecord.objects.values_list("evidence", "minutes")) == [("B", 120)]


def test_lines_in_the_future_outside_the_session_or_of_oneself_are_refused(cast: Cast) -> None:
    session = opened(cast)
    keeper = actor(cast.keeper)

    with pytest.raises(actions.TimeUnclear):
        actions.copy_sheet(actor=keeper, session=session, lines=[line(cast.li)])
    with clock.frozen(START + 30 * HOUR):
        with pytest.raises(actions.OutsideSession):
            actions.copy_sheet(actor=keeper, session=session, lines=[line(cast.li, 20 * 60)])
        with pytest.raises(actions.TimeUnclear):
            actions.copy_sheet(actor=actor(cast.wu.person), session=session, lines=[line(cast.wu)])
        with pytest.raises(Forbidden):
            actions.copy_sheet(actor=actor(cast.outsider), session=session, lines=[line(cast.li)])


def test_sessions_near_a_volunteer_now_are_offered_to_him(cast: Cast) -> None:
    here = opened(cast)
    later = opened(cast, starts_at=START + 20 * HOUR, ends_at=START + 21 * HOUR)
    away = actions.open_session(
        actor=actor(cast.outsider), plan=actions.SessionPlan("远处", cast.away, START, START + HOUR)
    )
    Membership.objects.create(team=cast.team, volunteer=cast.li, starts_at=START - HOUR)

    assert queries.sessions_for(actor(cast.li.person)) == [here]
    assert {later.pk, away.pk}.isdisjoint({one.pk for one in queries.sessions_for(actor(cast.he.person))})

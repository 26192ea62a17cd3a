"""Ten working days: what is not in the records by then stands on top of the queue, and the office sees where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.volunteers import actions, queries, rules
from huying.volunteers.tests.factories import START, Cast, actor, browser
from huying.volunteers.tests.test_service import submitted
from huying.volunteers.tests.test_service_pages import url
from huying.volunteers.tests.test_sessions import HOUR, closed, opened, scan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATE = START + 20 * DAY


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def titles(cast: Cast, who: object = None) -> tuple[int, int]:
    found = queries.overdue(actor(who or cast.wu.person))  # type: ignore[arg-type]
    return found.session_count, found.record_count


def test_the_moment_before_which_all_should_be_recorded_agrees_with_each_deadline(db: None) -> None:
    for days in range(60):
        with clock.frozen(START + days * DAY + 7 * HOUR):
            now = clock.now()
            edge = rules.overdue_before(now)
            assert rules.due_at(edge - timedelta(seconds=1)) < now <= rules.due_at(edge)


def test_a_session_that_nobody_closed_is_overdue_after_ten_working_days(cast: Cast) -> None:
    session = opened(cast)
    found = []
    for day in (13, 14, 20):
        with clock.frozen(START + day * DAY + 12 * HOUR):
            found.append(titles(cast))
    closed(session, cast.wu.person)
    with clock.frozen(LATE):
        found.append(titles(cast))

    assert found == [(0, 0), (1, 0), (1, 0), (0, 0)]


def test_visits_and_copied_lines_without_a_record_are_overdue_too(cast: Cast) -> None:
    scanned, copied = opened(cast), opened(cast, title="抄表", starts_at=START + 3 * HOUR, ends_at=START + 5 * HOUR)
    scan(scanned, cast.wu)
    with clock.frozen(START + HOUR):
        scan(scanned, cast.wu, leaving=True)
        closed(scanned, cast.wu.person)  # his own visit waits for somebody else
    with clock.frozen(START + 6 * HOUR):
        closed(copied, cast.wu.person)
        at = actions.SheetLine(cast.li, START + 3 * HOUR, START + 4 * HOUR)
        actions.copy_sheet(actor=actor(cast.wu.person), session=copied, lines=[at])
    with clock.frozen(LATE):
        before = titles(cast)
        closed(scanned, cast.keeper)
        actions.copy_sheet(actor=actor(cast.keeper), session=copied, lines=[at])

        assert (before, titles(cast, cast.keeper)[0]) == ((2, 0), 0)


def test_a_record_that_nobody_confirmed_is_overdue_until_somebody_does(cast: Cast) -> None:
    record = submitted(cast)
    with clock.frozen(LATE):
        before = [titles(cast, who) for who in (cast.wu.person, cast.keeper, cast.office, cast.outsider)]
        page = browser(cast.wu.person).get(url("queue")).content.decode()
        actions.confirm(actor=actor(cast.keeper), record=record)

        assert before == [(0, 1), (0, 1), (0, 1), (0, 0)]
        assert "没有确认的记录：1" in page and record.title in page
        assert titles(cast) == (0, 0)


def test_the_office_above_sees_at_which_places(cast: Cast) -> None:
    opened(cast)
    submitted(cast)
    with clock.frozen(LATE):
        places = queries.overdue(actor(cast.office)).places
        page = browser(cast.office).get(url("queue")).content.decode()

    assert [(one.place, one.sessions, one.records) for one in places] == [("和平社区", 1, 1)]
    assert "场次 1，记录 1" in page
    assert queries.overdue(actor(cast.wu.person)).places == []


def test_an_ordinary_queue_says_nothing_of_deadlines(cast: Cast) -> None:
    submitted(cast)
    opened(cast)

    assert "超过 10 个工作日" not in browser(cast.wu.person).get(url("queue")).content.decode()

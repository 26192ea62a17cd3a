"""Laws of working time that hold for any hours, pauses, calendars and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.kernel.worktime import (
    OFFICE,
    Calendar,
    Day,
    Hours,
    Pause,
    deadline,
    deadline_in_days,
    working_between,
)
from huying.kernel.worktime.clocks import moment, wall
from huying.kernel.worktime.hours import DAY

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
moments = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)).map(
    lambda value: value.replace(tzinfo=UTC)
)
working = st.timedeltas(timedelta(0), timedelta(hours=60))


@st.composite
def intervals(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def sites(draw: st.DrawFn) -> Hours:
    opens = draw(st.integers(0, 1380))  # at least an hour on Mondays: no deadline needs twenty years
    monday = ((opens, draw(st.integers(opens + 60, 1440))),)
    week = [monday, *(draw(intervals()) for _ in range(6))]
    special = draw(st.dictionaries(st.dates(FIRST.date(), LAST.date()), intervals(), max_size=3))
    return Hours(
        week=tuple(week),  # type: ignore[arg-type]
        special=special,
        makeup=draw(intervals()),
        open_on_holidays=draw(st.booleans()),
        follows_calendar=draw(st.booleans()),
    )


@st.composite
def pauses(draw: st.DrawFn, near: datetime | None = None) -> list[Pause]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(moments) if near is None else near + draw(st.timedeltas(timedelta(days=-2), timedelta(days=9)))
        found.append(Pause(begin, begin + draw(st.timedeltas(timedelta(0), timedelta(days=5)))))
    return found


calendars = st.dictionaries(st.dates(FIRST.date(), LAST.date()), st.booleans(), max_size=4).map(
    lambda days: Calendar({day: Day(day, worked, name="试") for day, worked in days.items()})
)
law = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spent(a: datetime, b: datetime, site: Hours, stops: list[Pause], calendar: Calendar) -> timedelta:
    return working_between(a, b, site, stops, calendar=calendar)


def by_the_minute(a: datetime, b: datetime, site: Hours, stops: list[Pause], calendar: Calendar) -> timedelta:
    """The same sum, the slow and plain way: look at every minute (a and b on whole minutes)."""
    minutes, now = 0, a
    while now < b:
        local = now.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        opens = any(first <= minute < last for first, last in site.on(calendar.day(local.date())))
        minutes += opens and not any(stop.start <= now < (stop.end or b) for stop in stops)
        now += timedelta(minutes=1)
    return timedelta(minutes=minutes)


@law
@given(moments, sites(), calendars, st.data())
def test_law_the_sum_equals_a_walk_minute_by_minute(
    start: datetime, site: Hours, calendar: Calendar, data: st.DataObject
) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=data.draw(st.integers(0, 3 * 1440)))
    stops = [
        Pause(
            stop.start.replace(second=0, microsecond=0),
            stop.end and stop.end.replace(second=0, microsecond=0),
        )
        for stop in data.draw(pauses(near=start))
    ]

    assert spent(start, end, site, stops, calendar) == by_the_minute(start, end, site, stops, calendar)


@law
@given(moments, working, sites(), calendars, st.data())
def test_law_the_time_up_to_a_deadline_is_what_was_asked(
    start: datetime, time: timedelta, site: Hours, calendar: Calendar, data: st.DataObject
) -> None:
    stops = data.draw(pauses(near=start))

    end = deadline(start, time, site, stops, calendar=calendar).at

    assert end is not None
    assert spent(start, end, site, stops, calendar) == time
    if time:  # and no earlier moment would do
        assert spent(start, end - timedelta(microseconds=1), site, stops, calendar) < time


@law
@given(st.tuples(moments, moments, moments).map(sorted), sites(), pauses(), calendars)
def test_law_split_intervals_add_up(three: list[datetime], site: Hours, stops: list[Pause], calendar: Calendar) -> None:
    a, b, c = three

    whole = spent(a, c, site, stops, calendar)

    assert spent(a, b, site, stops, calendar) + spent(b, c, site, stops, calendar) == whole
    assert timedelta(0) <= whole <= c - a


@law
@given(
    st.tuples(moments, moments).map(sorted),
    st.tuples(working, working).map(sorted),
    sites(),
    pauses(),
    calendars,
)
def test_law_a_later_start_or_more_work_is_never_due_earlier(
    starts: list[datetime], times: list[timedelta], site: Hours, stops: list[Pause], calendar: Calendar
) -> None:
    first, second = (deadline(start, times[0], site, stops, calendar=calendar).at for start in starts)
    longer = deadline(starts[0], times[1], site, stops, calendar=calendar).at

    assert first is not None and second is not None and longer is not None
    assert first <= second
    assert first <= longer


@law
@given(moments, working, working, sites(), calendars, st.data())
def test_law_deadlines_chain(
    start: datetime, one: timedelta, two: timedelta, site: Hours, calendar: Calendar, data: st.DataObject
) -> None:
    stops = data.draw(pauses(near=start))
    middle = deadline(start, one, site, stops, calendar=calendar).at
    assert middle is not None

    assert deadline(middle, two, site, stops, calendar=calendar).at == (
        deadline(start, one + two, site, stops, calendar=calendar).at if two else middle
    )


@law
@given(
    moments,
    working,
    sites(),
    calendars,
    st.timedeltas(timedelta(0), timedelta(days=4)),
    st.timedeltas(timedelta(0), timedelta(days=6)),
)
def test_law_a_pause_before_the_deadline_shifts_it_by_exactly_its_own_working_time(
    start: datetime, time: timedelta, site: Hours, calendar: Calendar, after: timedelta, length: timedelta
) -> None:
    pause = Pause(start + after, start + after + length)
    free = deadline(start, time, site, calendar=calendar).at
    paused = deadline(start, time, site, [pause], calendar=calendar).at
    assert free is not None and paused is not None

    if pause.start >= free:
        assert paused == free
    else:
        lost = spent(pause.start, pause.end or pause.start, site, [], calendar)
        assert paused == deadline(start, time + lost, site, calendar=calendar).at


@law
@given(moments)
def test_law_wall_time_goes_there_and_back(value: datetime) -> None:
    local = value.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)

    assert moment(wall(value)) == value
    assert wall(value) % DAY == (local - midnight) // timedelta(microseconds=1)


@law
@given(moments, st.integers(1, 20), calendars)
def test_law_the_nth_working_day_has_n_working_days_behind_it(start: datetime, days: int, calendar: Calendar) -> None:
    end = deadline_in_days(start, days, OFFICE, calendar=calendar).at
    assert end is not None

    first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]

    assert sum(calendar.day(day).working and bool(OFFICE.on(calendar.day(day))) for day in between) == days

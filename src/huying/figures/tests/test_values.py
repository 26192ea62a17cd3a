"""Values of metrics: stocks at an end, ratios of sums, children and time; and what the public may see of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from huying.figures import actions, queries
from huying.figures.actions import Word
from huying.figures.models import Metric
from huying.figures.queries import Period, PeriodOdd, PeriodOpen, Value
from huying.figures.states import Grain
from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import NotFound
from huying.places import actions as places
from huying.places.models import Place
from huying.places.tests.factories import place, staff

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MARCH, YEAR, PAST = Period.month(date(2026, 3, 1)), Period.year(2026), Period.year(2025)


def count(metric: str, at: Place, amount: int, day: date = date(2026, 3, 14), key: int = 0) -> None:
    keyed = key or Metric.objects.count() * 1000 + hash_of(metric, at, day)
    actions.count(actor=SYSTEM, words=[Word("tests.Record", keyed, metric, at.pk, day, amount)])


def hash_of(metric: str, at: Place, day: date) -> int:
    return at.pk * 100_000 + day.toordinal() % 10_000


@pytest.fixture
def reader(tree: dict[str, Place]) -> Actor:
    return staff(tree["county"], "inspector")


def test_a_ratio_is_that_of_the_sums_and_never_a_mean_of_ratios(tree: dict[str, Place], reader: Actor) -> None:
    count("calls_closed", tree["one"], 10)
    count("calls_on_time", tree["one"], 10)
    count("calls_closed", tree["three"], 90)
    count("calls_on_time", tree["three"], 45)
    rate = queries.metric("calls_on_time_of_closed")
    assert queries.value(reader, rate, tree["county"], MARCH) == Value(None, 55, 100)
    assert queries.value(reader, rate, tree["county"], MARCH).percent == Decimal("55.00")
    split = queries.by_child(reader, rate, tree["county"], MARCH)
    shown = {one.place.name if one.place else "": one.value.percent for one in split.lines}
    assert shown == {"东街": Decimal("100.00"), "西街": Decimal("50.00"), "": None}


def test_a_stock_is_what_there_is_at_the_end_of_the_period(tree: dict[str, Place], reader: Actor) -> None:
    count("volunteers_registered", tree["one"], 30, date(2025, 5, 1), 1)
    count("volunteers_registered", tree["one"], 12, date(2026, 3, 31), 2)
    count("volunteers_registered", tree["one"], -2, date(2026, 4, 1), 3)
    stock = queries.metric("volunteers_registered")
    assert queries.value(reader, stock, tree["county"], MARCH).amount == 42
    series = queries.over_time(reader, stock, tree["county"], Period(date(2026, 2, 1), date(2026, 5, 1)), Grain.MONTH)
    assert [(day.month, one.amount) for day, one in series] == [(2, 30), (3, 42), (4, 40)]
    years = queries.over_time(reader, stock, tree["county"], Period(date(2025, 1, 1), date(2027, 1, 1)), Grain.YEAR)
    assert [one.amount for _day, one in years] == [30, 40]


def test_time_is_split_by_day_month_and_year_within_the_period(tree: dict[str, Place], reader: Actor) -> None:
    for day, amount in ((date(2026, 3, 14), 2), (date(2026, 3, 15), 3), (date(2026, 4, 2), 4)):
        count("attended", tree["station"], amount, day)
    actions.fold(actor=SYSTEM)
    of = queries.metric("attended")
    days = queries.over_time(reader, of, tree["one"], Period(date(2026, 3, 14), date(2026, 3, 17)), Grain.DAY)
    assert [one.amount for _day, one in days] == [2, 3, 0]
    months = queries.over_time(reader, of, tree["county"], Period(date(2026, 3, 15), date(2026, 4, 30)), Grain.MONTH)
    assert [(day.isoformat(), one.amount) for day, one in months] == [("2026-03-01", 3), ("2026-04-01", 4)]
    table = queries.by_child_and_time(reader, of, tree["county"], YEAR, Grain.MONTH)
    assert table == {tree["east"].pk: {date(2026, 3, 1): 5, date(2026, 4, 1): 4}}


def test_what_a_place_counts_itself_stands_beside_its_children(tree: dict[str, Place], reader: Actor) -> None:
    count("attended", tree["east"], 7)
    count("attended", tree["one"], 5)
    split = queries.by_child(reader, queries.metric("attended"), tree["east"], MARCH)
    assert split.whole.amount == 12
    assert [(one.place.name if one.place else "", one.value.amount) for one in split.lines] == [
        ("和平社区", 5),
        ("建设社区", 0),
        ("", 7),
    ]


def test_values_that_do_not_add_are_not_split(tree: dict[str, Place], reader: Actor) -> None:
    Metric.objects.filter(pk="attended").update(additive=False)
    with pytest.raises(queries.NotAdditive):
        queries.by_child(reader, queries.metric("attended"), tree["county"], MARCH)


def test_who_reads_another_place_sees_what_the_public_sees(tree: dict[str, Place]) -> None:
    count("calls_closed", tree["one"], 3)
    of = queries.metric("calls_closed")
    keeper, other = staff(tree["east"]), staff(tree["west"])
    assert queries.value(keeper, of, tree["one"], MARCH).amount == 3
    for actor in (other, ANONYMOUS):
        assert queries.value(actor, of, tree["one"], MARCH).hidden
    Metric.objects.filter(pk="calls_closed").update(is_public=False)
    with pytest.raises(NotFound):
        queries.value(other, queries.metric("calls_closed"), tree["one"], MARCH)


def test_the_public_asks_for_whole_months_and_years_only(tree: dict[str, Place]) -> None:
    of = queries.metric("calls_closed")
    for since, until in (("2026-03-01", "2026-03-31"), ("2026-03-01", "2026-05-01"), ("2026-03-02", "2026-04-02")):
        period = Period(date.fromisoformat(since), date.fromisoformat(until))
        with pytest.raises(PeriodOdd):
            queries.value(ANONYMOUS, of, tree["county"], period)
    with pytest.raises(PeriodOdd):
        queries.over_time(ANONYMOUS, of, tree["county"], MARCH, Grain.DAY)


def test_the_public_gets_what_has_ended_and_staff_what_runs(tree: dict[str, Place], reader: Actor) -> None:
    """It is 10 November 2026: asking for November today and tomorrow would tell what happened today."""
    of = queries.metric("calls_closed")
    count("calls_closed", tree["one"], 30, date(2026, 10, 31), 1)
    count("calls_closed", tree["one"], 7, date(2026, 11, 9), 2)
    for running in (Period.month(date(2026, 11, 1)), YEAR, Period.year(2027)):
        with pytest.raises(PeriodOpen):
            queries.value(ANONYMOUS, of, tree["county"], running)
        with pytest.raises(PeriodOpen):
            queries.by_child(ANONYMOUS, of, tree["county"], running)
    series = queries.over_time(ANONYMOUS, of, tree["county"], YEAR, Grain.MONTH)
    assert [(day.month, one.amount) for day, one in series][-2:] == [(9, 0), (10, 30)]
    assert queries.over_time(ANONYMOUS, of, tree["county"], YEAR, Grain.YEAR) == []
    assert queries.value(reader, of, tree["county"], Period.month(date(2026, 11, 1))).amount == 7
    with clock.frozen(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)):  # midnight in China
        assert queries.value(ANONYMOUS, of, tree["county"], Period.month(date(2026, 11, 1))).amount == 7


def test_a_small_number_takes_company_and_what_lies_below_it_along(tree: dict[str, Place]) -> None:
    """East 3 (small) of 63: west would give it away, so that hides too; below both nothing is shown."""
    count("calls_closed", tree["one"], 3, date(2025, 3, 14))
    count("calls_closed", tree["three"], 60, date(2025, 3, 14))
    of = queries.metric("calls_closed")
    split = queries.by_child(ANONYMOUS, of, tree["county"], PAST)
    assert split.whole.amount == 63
    assert [one.value.hidden for one in split.lines] == [True, True, False]
    assert queries.value(ANONYMOUS, of, tree["three"], PAST).hidden
    assert all(one.value.hidden for one in queries.by_child(ANONYMOUS, of, tree["west"], PAST).lines)


def test_two_small_numbers_whose_sum_is_shown_take_company(tree: dict[str, Place]) -> None:
    """One, one and twelve of fourteen: the two ones would be two together."""
    third = place("street", tree["county"], "南街")
    for at, amount in ((tree["one"], 1), (tree["three"], 1), (third, 12)):
        count("calls_closed", at, amount)
    split = queries.by_child(ANONYMOUS, queries.metric("calls_closed"), tree["county"], MARCH)
    assert split.whole.amount == 14
    assert [one.value.hidden for one in split.lines] == [True, True, True, False]


def test_of_two_equal_ones_the_same_keeps_company_in_the_table_and_alone(tree: dict[str, Place]) -> None:
    """安街 stands first and came last: company in the table and another by itself would tell the small one."""
    third = place("street", tree["county"], "安街")
    for at, amount in ((tree["one"], 3), (tree["three"], 12), (third, 12)):
        count("calls_closed", at, amount)
    of = queries.metric("calls_closed")
    split = queries.by_child(ANONYMOUS, of, tree["county"], MARCH)
    rows = [(one.place, one.value.hidden) for one in split.lines if one.place]
    assert [one.pk for one, _hidden in rows] != sorted(one.pk for one, _hidden in rows)
    assert sorted(hidden for _one, hidden in rows) == [False, True, True]
    assert [queries.value(ANONYMOUS, of, one, MARCH).hidden for one, _hidden in rows] == [
        hidden for _one, hidden in rows
    ]


def test_a_small_month_of_the_top_is_hidden_with_the_next_one(tree: dict[str, Place]) -> None:
    for month, amount in ((1, 50), (2, 2), (3, 9)):
        count("calls_closed", tree["one"], amount, date(2025, month, 5))
    series = queries.over_time(ANONYMOUS, queries.metric("calls_closed"), tree["county"], PAST, Grain.MONTH)
    assert [one.amount for _day, one in series][:4] == [50, None, None, 0]
    assert queries.value(ANONYMOUS, queries.metric("calls_closed"), tree["county"], PAST).amount == 61


def test_minutes_are_hidden_where_their_records_are(tree: dict[str, Place], reader: Actor) -> None:
    """480 minutes are many, but they are of one record."""
    count("service_records", tree["one"], 1)
    count("service_minutes", tree["one"], 480)
    count("service_records", tree["three"], 20)
    count("service_minutes", tree["three"], 2400)
    split = queries.by_child(ANONYMOUS, queries.metric("service_minutes"), tree["county"], MARCH)
    assert [one.value.amount for one in split.lines] == [None, None, 0]
    seen = queries.by_child(reader, queries.metric("service_minutes"), tree["county"], MARCH)
    assert [one.value.amount for one in seen.lines] == [480, 2400, 0]


def test_what_is_left_of_a_whole_is_not_told_when_it_is_small(tree: dict[str, Place]) -> None:
    """Twenty were due, eighteen of them closed in time: two were late."""
    for at, due, on_time in ((tree["one"], 20, 18), (tree["three"], 40, 30)):
        of_due(at, due, due, on_time)
    split = queries.by_child(ANONYMOUS, queries.metric("calls_on_time_rate"), tree["county"], MARCH)
    assert (split.whole.part, split.whole.whole) == (48, 60)
    assert [one.value.hidden for one in split.lines] == [True, True, False]
    due = queries.by_child(ANONYMOUS, queries.metric("calls_due"), tree["county"], MARCH)
    assert [one.value.amount for one in due.lines] == [20, 40, 0]


def of_due(at: Place, due: int, closed: int, on_time: int, left_out: int = 0, day: date = date(2026, 3, 14)) -> None:
    """Calls at one place: due, of them closed and closed in time, and closed ones that two people left out."""
    for metric, many in (
        ("calls_due", due),
        ("calls_due_net", due),
        ("calls_due_closed", closed),
        ("calls_due_on_time", on_time),
        ("calls_closed", closed + left_out),
        ("calls_on_time", on_time + left_out),
    ):
        count(metric, at, many, day)


def test_what_was_closed_late_is_judged_beside_what_is_late_and_open(tree: dict[str, Place]) -> None:
    """Of forty, twenty are open and late, eighteen of the twenty closed were in time: two were closed late."""
    for at, closed, on_time in ((tree["one"], 20, 18), (tree["three"], 30, 20)):
        of_due(at, 40, closed, on_time)
    found = {
        code: queries.by_child(ANONYMOUS, queries.metric(code), tree["county"], MARCH)
        for code in ("calls_closed_rate", "calls_on_time_rate", "calls_on_time_of_closed")
    }
    assert [one.value.hidden for one in found["calls_closed_rate"].lines] == [False, False, False]
    assert [one.value.hidden for one in found["calls_on_time_rate"].lines] == [True, True, False]
    assert [one.value.hidden for one in found["calls_on_time_of_closed"].lines] == [True, True, False]


def test_how_many_two_people_left_out_is_not_told_by_two_counts_of_what_was_closed(tree: dict[str, Place]) -> None:
    """33 were closed, 30 of them due: three were left out, here of calls from one place."""
    of_due(tree["one"], 40, 30, 20, left_out=3)
    of_due(tree["three"], 40, 30, 20)
    closed = queries.by_child(ANONYMOUS, queries.metric("calls_closed"), tree["county"], MARCH)
    assert [one.value.amount for one in closed.lines] == [33, 30, 0]
    for code in ("calls_closed_rate", "calls_on_time_rate"):
        shares = queries.by_child(ANONYMOUS, queries.metric(code), tree["county"], MARCH)
        assert shares.whole.hidden and [one.value.hidden for one in shares.lines[:2]] == [True, True]


def test_who_joined_is_not_told_by_two_months_of_a_stock(tree: dict[str, Place]) -> None:
    for day, amount, key in ((date(2026, 3, 5), 30, 1), (date(2026, 4, 7), 1, 2), (date(2026, 6, 7), 6, 3)):
        count("volunteers_registered", tree["one"], amount, day, key)
    of = queries.metric("volunteers_registered")
    series = queries.over_time(ANONYMOUS, of, tree["county"], YEAR, Grain.MONTH)
    assert [(day.month, one.amount) for day, one in series][1:7] == [
        (2, 0),
        (3, 30),
        (4, None),
        (5, None),
        (6, 37),
        (7, 37),
    ]
    assert queries.value(ANONYMOUS, of, tree["one"], Period.month(date(2026, 4, 1))).hidden
    assert queries.value(ANONYMOUS, of, tree["one"], Period.month(date(2026, 7, 1))).amount == 37


def test_tables_of_a_year_are_read_once_for_all_its_months(
    tree: dict[str, Place], django_assert_max_num_queries: Any
) -> None:
    """The register, the places beside the chain, one statement of amounts; not twelve times."""
    of_due(tree["one"], 30, 30, 20, day=date(2025, 3, 14))
    rate = queries.metric("calls_on_time_rate")
    with django_assert_max_num_queries(3):
        series = queries.over_time(ANONYMOUS, rate, tree["one"], PAST, Grain.MONTH)
    assert [(day.month, one.percent) for day, one in series if one.whole] == [(3, Decimal("66.67"))]


def test_sites_are_counted_by_kind_from_the_day_they_open_until_they_close(
    tree: dict[str, Place], reader: Actor
) -> None:
    keys = [one.pk for one in tree.values()]
    assert actions.count_sites(actor=SYSTEM, first=min(keys), last=max(keys)) == 2
    kinds = queries.metric("sites_station")
    assert (kinds.part_of_id, kinds.name) == ("sites", tree["station"].kind.name)
    november = Period.month(date(2026, 11, 1))
    assert queries.value(reader, kinds, tree["county"], november).amount == 1
    places.close_place(actor=SYSTEM, place=tree["station"], reason="合并", on=date(2026, 11, 10))
    actions.count_sites(actor=SYSTEM, first=min(keys), last=max(keys))
    assert queries.value(reader, queries.metric("sites"), tree["county"], november).amount == 0

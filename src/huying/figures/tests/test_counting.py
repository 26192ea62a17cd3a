"""Facts and totals are the sum of the last words on each record, whatever was told twice, late, or taken back."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from huying.figures import actions, queries
from huying.figures.actions import MetricUnknown, PlaceUnknown, Word, folding
from huying.figures.models import Change, Contribution, Fact, Total
from huying.figures.queries.amounts import amounts, pieces
from huying.kernel.actor import Actor
from huying.places import actions as places
from huying.places.models import Place

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
CALLS, DONE = "calls_submitted", "calls_closed"
DAY = date(2026, 3, 14)
YEAR = queries.Period.year(2026)


def word(key: int, at: Place, amount: int = 1, day: date = DAY, metric: str = CALLS) -> Word:
    return Word("tests.Record", key, metric, at.pk, day, amount)


def told(*words: Word) -> int:
    return actions.count(actor=SYSTEM, words=words)


def amount(at: Place, period: queries.Period = YEAR, metric: str = CALLS) -> int:
    return amounts([metric], [at.pk], period).get((at.pk, metric, None), 0)


def test_a_word_counts_at_its_place_and_everywhere_above_folded_or_not(tree: dict[str, Place]) -> None:
    assert told(word(1, tree["station"]), word(2, tree["three"])) == 2
    before = [amount(tree[name]) for name in ("county", "east", "west", "station", "two")]
    assert actions.fold(actor=SYSTEM) == 2
    after = [amount(tree[name]) for name in ("county", "east", "west", "station", "two")]
    assert before == after == [2, 1, 1, 1, 0]
    assert not Change.objects.exists()


def test_the_same_word_again_changes_nothing(tree: dict[str, Place]) -> None:
    words = [word(1, tree["one"], 5), word(2, tree["two"], 3)]
    assert (told(*words), told(*words), told(words[0], words[0])) == (2, 0, 0)
    actions.fold(actor=SYSTEM)
    assert (told(*words), actions.fold(actor=SYSTEM), amount(tree["county"])) == (0, 0, 8)


def test_a_correction_moves_the_difference_between_days_places_and_amounts(tree: dict[str, Place]) -> None:
    told(word(1, tree["one"], 5))
    actions.fold(actor=SYSTEM)
    later = DAY + timedelta(days=20)
    assert told(word(1, tree["three"], 7, later)) == 1
    assert [amount(tree[name]) for name in ("east", "west", "county")] == [0, 7, 7]
    actions.fold(actor=SYSTEM)
    assert [amount(tree[name]) for name in ("east", "west", "county")] == [0, 7, 7]
    assert amount(tree["county"], queries.Period(DAY, later)) == 0
    assert amount(tree["county"], queries.Period(later, later + timedelta(days=1))) == 7


def test_a_record_taken_back_leaves_nothing(tree: dict[str, Place]) -> None:
    told(word(1, tree["one"], 5), word(1, tree["one"], 1, metric=DONE))
    actions.fold(actor=SYSTEM)
    assert told(word(1, tree["one"], 0), word(1, tree["one"], 0, metric=DONE)) == 2
    actions.fold(actor=SYSTEM)
    assert (amount(tree["county"]), amount(tree["county"], metric=DONE)) == (0, 0)
    assert told(word(9, tree["one"], 0)) == 0
    assert Contribution.objects.filter(source_id=9).count() == 0


def test_of_two_words_on_one_record_in_one_call_the_last_holds(tree: dict[str, Place]) -> None:
    told(word(1, tree["one"], 5), word(1, tree["two"], 3))
    assert (amount(tree["one"]), amount(tree["two"])) == (0, 3)


def test_what_is_not_in_the_register_or_the_tree_is_refused_and_nothing_is_kept(tree: dict[str, Place]) -> None:
    for metric in ("unknown", "calls_on_time_rate"):
        with pytest.raises(MetricUnknown):
            told(word(1, tree["one"]), word(1, tree["one"], metric=metric))
    with pytest.raises(PlaceUnknown):
        told(Word("tests.Record", 1, CALLS, 2**40, DAY, 1))
    assert not Contribution.objects.exists()


def test_folding_stops_at_a_batch_and_goes_on(tree: dict[str, Place], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "BATCH", 3)
    for first in range(0, 8, 2):
        told(*(word(key, tree["one"], 1, DAY + timedelta(days=key)) for key in (first, first + 1)))
    assert folding.fold_batch(SYSTEM) == 4
    assert (amount(tree["county"]), Change.objects.count()) == (8, 2)
    assert actions.fold(actor=SYSTEM) == 4
    assert (amount(tree["county"]), list(queries.drift())) == (8, [])


def test_totals_of_days_stop_at_the_town(tree: dict[str, Place]) -> None:
    told(word(1, tree["station"]))
    actions.fold(actor=SYSTEM)
    days = set(Total.objects.filter(daily=True).values_list("place_id", flat=True))
    months = set(Total.objects.filter(daily=False).values_list("place_id", flat=True))
    assert days == {tree["county"].pk, tree["east"].pk}
    assert months == days | {tree["one"].pk, tree["station"].pk}


def test_totals_follow_a_place_that_hangs_elsewhere_with_all_below_it(tree: dict[str, Place]) -> None:
    told(word(1, tree["station"], 3), word(2, tree["one"], 2), word(3, tree["two"]))
    actions.fold(actor=SYSTEM)
    places.move_place(actor=SYSTEM, place=Place.objects.get(pk=tree["one"].pk), parent=tree["west"])
    told(word(4, tree["station"], 10))
    assert actions.follow_places(actor=SYSTEM) == 2
    actions.fold(actor=SYSTEM)
    assert [amount(tree[name]) for name in ("county", "east", "west", "one", "station")] == [16, 1, 15, 15, 13]
    assert (actions.follow_places(actor=SYSTEM), list(queries.drift())) == (0, [])


def test_after_a_long_history_every_number_is_that_of_a_fresh_count(tree: dict[str, Place]) -> None:
    """Words, corrections, replays, folds and moves in any order; then all periods of all places, counted by hand."""
    chance, nodes = Random(7), list(tree.values())
    truth: dict[tuple[int, str], Word] = {}
    for step in range(60):
        words = [
            word(
                chance.randrange(40),
                chance.choice(nodes),
                chance.choice((0, 1, 1, 2, 9)),
                DAY + timedelta(days=chance.randrange(-70, 70)),
                chance.choice((CALLS, DONE)),
            )
            for _each in range(chance.randrange(1, 6))
        ]
        told(*words)
        truth |= {(one.source_id, one.metric): one for one in words}
        if step % 7 == 3:
            told(*truth.values())
        if step % 11 == 5:
            actions.fold(actor=SYSTEM)
        if step % 20 == 9:
            parent = tree["west" if step % 40 == 9 else "east"]
            places.move_place(actor=SYSTEM, place=Place.objects.get(pk=tree["one"].pk), parent=parent)
            actions.follow_places(actor=SYSTEM)
    fresh = {one.pk: one.path for one in Place.objects.all()}
    for _each in range(40):
        since = DAY + timedelta(days=chance.randrange(-90, 60))
        period = queries.Period(since, since + timedelta(days=chance.randrange(0, 120)))
        at = chance.choice(nodes)
        for metric in (CALLS, DONE):
            by_hand = sum(
                one.amount
                for one in truth.values()
                if one.metric == metric
                and period.since <= one.day < period.until
                and fresh[one.place_id].startswith(fresh[at.pk])
            )
            assert amount(at, period, metric) == by_hand
    assert list(queries.drift()) == []
    actions.fold(actor=SYSTEM)
    assert list(queries.drift()) == []


def test_drift_names_what_was_changed_behind_the_back(tree: dict[str, Place]) -> None:
    told(word(1, tree["one"], 5))
    actions.fold(actor=SYSTEM)
    Fact.objects.update(amount=6)
    found = list(queries.drift())
    assert [(one.what, one.place_id, one.was, one.should) for one in found if one.what == "fact"] == [
        ("fact", tree["one"].pk, 6, 5)
    ]
    assert {one.what for one in found} == {"fact", "month", "day"}


@pytest.mark.parametrize(
    ("since", "until", "months", "odd"),
    [
        ("2026-01-01", "2027-01-01", ("2026-01-01", "2027-01-01"), []),
        (
            "2026-01-15",
            "2026-04-03",
            ("2026-02-01", "2026-04-01"),
            [("2026-01-15", "2026-02-01"), ("2026-04-01", "2026-04-03")],
        ),
        ("2026-01-15", "2026-01-20", None, [("2026-01-15", "2026-01-20")]),
        ("2026-01-15", "2026-02-10", None, [("2026-01-15", "2026-02-10")]),
        ("2026-01-01", "2026-01-01", None, [("2026-01-01", "2026-01-01")]),
    ],
)
def test_a_period_is_whole_months_and_the_days_at_its_ends(
    since: str, until: str, months: tuple[str, str] | None, odd: list[tuple[str, str]]
) -> None:
    whole, rest = pieces(queries.Period(date.fromisoformat(since), date.fromisoformat(until)))
    assert (whole.since == whole.until) == (months is None)
    if months:
        assert (whole.since.isoformat(), whole.until.isoformat()) == months
    assert [(one.since.isoformat(), one.until.isoformat()) for one in rest] == odd

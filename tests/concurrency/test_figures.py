"""Two jobs, or two keepers, at the same moment: every record counts once, every correction has one successor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from huying.calls import actions as calls
from huying.calls.models import Call
from huying.calls.queries import counting
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor
from huying.figures import actions, queries
from huying.figures.actions import AlreadyCorrected, Report, Word
from huying.figures.models import Contribution, KeptFile, ReportedFigure, Source
from huying.figures.queries.amounts import amounts
from huying.figures.states import FileKind, Rhythm, Split
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.places.tests.factories import kinds
from tests.concurrency.racing import all_at_once, race, race_without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
SYSTEM = Actor.system("races")


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def words(at: Place, *numbers: int, amount: int = 1) -> list[Word]:
    return [Word("races.Record", number, "attended", at.pk, clock.today(), amount) for number in numbers]


def total(at: Place) -> int:
    found = amounts(["attended"], [at.pk], queries.Period.year(2026))
    return found.get((at.pk, "attended", None), 0)


def test_the_same_words_told_at_once_in_opposite_orders_count_once(cast: Cast) -> None:
    tellers = [
        partial(actions.count, actor=SYSTEM, words=words(cast.home, *numbers))
        for numbers in (range(1, 200), range(199, 0, -1), range(100, 300))
    ]
    results = all_at_once(*tellers)
    assert sum(results) == total(cast.county) == Contribution.objects.count() == 299


def test_corrections_and_folds_at_once_lose_nothing(cast: Cast) -> None:
    actions.count(actor=SYSTEM, words=words(cast.home, *range(50)))
    works = [partial(actions.count, actor=SYSTEM, words=words(cast.away, *range(50), amount=n)) for n in (2, 3)]
    results = all_at_once(*works, partial(actions.fold, actor=SYSTEM), partial(actions.fold, actor=SYSTEM))
    assert not [one for one in results if isinstance(one, Exception)]
    assert total(cast.home) == 0
    assert total(cast.county) in {100, 150}
    actions.fold(actor=SYSTEM)
    assert list(queries.drift()) == []


def told(call: Call) -> list[str]:
    source = Source.objects.get(label=counting.SOURCE).number
    rows = Contribution.objects.filter(source=source, source_id=call.pk).exclude(amount=0)
    return sorted(rows.values_list("metric__code", flat=True))


def test_a_job_that_read_the_call_before_it_was_opened_again_never_speaks_last(cast: Cast) -> None:
    call = cast.call(State.CLOSED)
    job = partial(calls.count_call, actor=SYSTEM, call_id=call.pk)

    def reopened() -> int:
        calls.reopen(actor=actor(cast.resident), call=call, reason="还没好")
        return job()

    race(job, reopened)
    assert told(call) == ["calls_submitted"]
    assert list(queries.differences([counting.SOURCE])) == []


def test_without_the_lock_an_older_truth_would_speak_last(cast: Cast) -> None:
    """The control: two jobs that read at different times and write in the wrong order leave the older word."""
    call = cast.call(State.CLOSED)
    old = counting.words_of_call(counting.counting_calls(Call.objects.all()).get(pk=call.pk))
    calls.reopen(actor=actor(cast.resident), call=call, reason="还没好")
    calls.count_call(actor=SYSTEM, call_id=call.pk)
    actions.count(actor=SYSTEM, words=old)
    assert list(queries.differences([counting.SOURCE])) != []


def test_of_two_corrections_of_one_figure_one_is_refused(cast: Cast) -> None:
    doer = actor(cast.dispatcher)
    facts = Report("volunteers", "注册志愿者", "近91万人", clock.today(), "年报")
    figure = actions.report(actor=doer, place=cast.county, facts=facts)
    work = partial(actions.correct, actor=doer, figure=figure, facts=facts, reason="勘误")
    results = race_without_locks(work, work)
    assert [type(one) for one in results if isinstance(one, Exception)] == [AlreadyCorrected]
    assert ReportedFigure.objects.filter(replaces=figure).count() == 1


def test_a_number_cited_by_two_at_once_has_one_code(cast: Cast) -> None:
    march = queries.Period.month(clock.today())
    works = [partial(actions.cite, actor=SYSTEM, metric="attended", place=cast.home, period=march) for _ in range(4)]
    assert len({one.code for one in all_at_once(*works)}) == 1


def test_two_workers_make_one_file(cast: Cast) -> None:
    facts = {"split": Split.PLACE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
    feed = actions.add_feed(actor=actor(cast.dispatcher), place=cast.county, **facts)
    with clock.frozen(START + timedelta(days=1)):
        results = all_at_once(*[partial(actions.make_file, actor=SYSTEM, feed_id=feed.pk) for _ in range(3)])
    assert [one is None for one in sorted(results, key=bool)] == [True, True, False]
    assert KeptFile.objects.count() == 1

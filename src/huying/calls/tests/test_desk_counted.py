"""The count of a whole desk that is kept between pages (decision 0031): never from before a step, never of another reach,
never more than so many.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.calls import actions, queries
from huying.calls.queries import columns, counted
from huying.calls.states import State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import Cast, actor, clocks, role
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.models import Role
from huying.people.states import RoleKind


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    counted.KEPT_COUNTS.clear()
    columns.KEPT_CARDS.clear()


def number(who: Actor, *states: State) -> int:
    """Calls in these states as the kept count has them; the count made now has the same."""
    kept, now = queries.whole_desk(who), counted.counted(who, clock.now())
    assert kept == now
    return sum(kept.open.get(state, (0, 0, 0))[0] for state in states)


def test_every_step_is_counted_at_once(cast: Cast) -> None:
    who = actor(cast.keeper)
    call = cast.call()
    assert number(who, State.SUBMITTED) == 1

    actions.review(actor=who, call=call)
    assert (number(who, State.SUBMITTED), number(who, State.REVIEWING)) == (0, 1)

    cast.call()
    assert number(who, State.SUBMITTED, State.REVIEWING) == 2


def test_while_nothing_happens_only_the_stamp_is_asked_for_until_the_minute_is_over(cast: Cast, time: Time) -> None:
    cast.call()
    who = actor(cast.keeper)
    first = queries.whole_desk(who)
    with CaptureQueriesContext(connection) as log:
        again = queries.whole_desk(who)
    assert again is first and len(log) == 1

    time.at += timedelta(minutes=1)
    with CaptureQueriesContext(connection) as log:
        later = queries.whole_desk(who)
    assert later == first and len(log) == 3


def test_what_is_late_is_late_within_a_minute(cast: Cast, time: Time) -> None:
    clocks(review=30)
    cast.call()
    who = actor(cast.keeper)
    assert queries.kpis(who).late == 0

    time.at += timedelta(minutes=31)

    assert queries.kpis(who).late == 1


def test_those_who_reach_the_same_places_share_a_count_and_nobody_else_does(cast: Cast) -> None:
    cast.call()
    above, beside = actor(cast.keeper), actor(cast.outsider)
    other = cast.outsider
    role(other, RoleKind.INSPECTOR, Role.objects.get(person=cast.keeper, kind=RoleKind.STATION_KEEPER).place)

    whole, shared, none = queries.whole_desk(above), queries.whole_desk(actor(other)), queries.whole_desk(beside)

    assert shared.open == whole.open != {}
    assert none.open == {}


def test_a_role_that_has_ended_takes_the_count_with_it(cast: Cast) -> None:
    cast.call()
    client = browser(cast.keeper)
    assert client.get("/desk/").context["figures"][0]["value"] == 1
    assert queries.waiting(actor(cast.keeper)) == 1

    Role.objects.filter(person=cast.keeper).delete()

    assert client.get("/desk/").status_code == 403
    assert queries.whole_desk(actor(cast.keeper)).open == {}
    assert queries.waiting(actor(cast.keeper)) == 0


def test_no_more_than_so_many_reaches_are_kept_and_the_last_used_stay() -> None:
    kept, whole = counted.Kept[counted.Whole](counted.KEPT), counted.Whole({}, 0, 0, None)
    for n in range(counted.KEPT + 50):
        kept.put((f"/{n}/",), (n,), whole)
        assert kept.get(("/0/",), (0,)) is whole

    assert len(kept) == counted.KEPT
    assert kept.get(("/1/",), (1,)) is None
    assert kept.get(("/0/",), (1,)) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("latest", [counted.LATEST, 2])  # also where there are more steps than are looked at
def test_a_step_that_is_written_down_late_with_an_older_number_is_counted(
    cast: Cast, latest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "LATEST", latest)
    slow, quick = cast.call(), cast.call()
    who = actor(cast.keeper)
    written, go_on = threading.Event(), threading.Event()
    broken: list[Any] = []

    def other_connection() -> None:
        try:
            with begin(who):
                actions.review(actor=who, call=slow)
                written.set()
                go_on.wait(20)
        except Exception as error:
            broken.append(error)
        finally:
            written.set()
            connection.close()

    thread = threading.Thread(target=other_connection)
    thread.start()
    assert written.wait(20)
    assert number(who, State.REVIEWING) == 0  # what is not committed is nobody's business
    actions.review(actor=who, call=quick)
    assert number(who, State.REVIEWING) == 1
    newest = queries.whole_desk(who)

    go_on.set()
    thread.join(20)

    assert not broken and not thread.is_alive()
    assert number(who, State.REVIEWING) == 2
    assert queries.whole_desk(who) is not newest


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_a_step_taken_back_is_not_counted(cast: Cast) -> None:
    call, who = cast.call(), actor(cast.keeper)
    with pytest.raises(ZeroDivisionError), begin(who):
        actions.review(actor=who, call=call)
        assert number(who, State.REVIEWING) == 1
        raise ZeroDivisionError

    assert (number(who, State.REVIEWING), number(who, State.SUBMITTED)) == (0, 1)


def cards_of(who: Actor) -> list[tuple[str, int, list[int]]]:
    """The unfiltered board as it is kept; the board read now has the same."""
    kept, now = (queries.board(who, whole=whole) for whole in (queries.whole_desk(who), None))
    assert kept == now
    return [(column.code, column.total, [card.call.pk for card in column.cards]) for column in kept]


def test_the_cards_that_are_kept_are_those_after_every_step(cast: Cast) -> None:
    who = actor(cast.keeper)
    assert all(not cards for _code, _total, cards in cards_of(who))
    call = cast.call()
    assert ("review", 1, [call.pk]) in cards_of(who)
    actions.review(actor=who, call=call)
    cards_of(who)
    actions.pool(actor=who, call=call)
    assert ("dispatch", 1, [call.pk]) in cards_of(who)
    other = cast.call()
    assert ("review", 1, [other.pk]) in cards_of(who)


def test_cards_are_read_once_for_all_who_share_a_desk_and_anew_each_minute(cast: Cast, time: Time) -> None:
    cast.call()
    who, other = actor(cast.keeper), actor(cast.outsider)
    first = queries.board(who, whole=queries.whole_desk(who))
    with CaptureQueriesContext(connection) as log:
        again = queries.board(who, whole=queries.whole_desk(who))
    assert again == first and len(log) == 1
    assert not any(column.cards for column in queries.board(other, whole=queries.whole_desk(other)))

    time.at += timedelta(minutes=1)
    with CaptureQueriesContext(connection) as log:
        later = queries.board(who, whole=queries.whole_desk(who))
    assert len(log) == 5 and later[0].cards[0].call == first[0].cards[0].call
    assert later[0].cards[0].left != first[0].cards[0].left or first[0].cards[0].left is None


def test_no_more_than_so_many_desks_are_kept() -> None:
    kept = counted.Kept[int](2)
    for number in range(3):
        kept.put((str(number),), (1,), number)
    assert (len(kept), kept.get(("0",), (1,)), kept.get(("2",), (1,)), kept.get(("2",), (2,))) == (2, None, 2, None)

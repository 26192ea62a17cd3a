"""What counts in which share, who sees which numbers, what is behind them, and the score of teams."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from huying.calls import actions, queries
from huying.calls.actions.slips import rate_by_slip
from huying.calls.models import Call, LateStage
from huying.calls.queries.measuring.shares import SHARES
from huying.calls.states import State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, clocks, kind
from huying.calls.tests.timing import Time
from huying.calls.views.figures import GROUPS
from huying.kernel import clock
from huying.kernel.actor import Actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast(time: Time) -> Cast:
    clocks(review=60, schedule=60, deliver=60, rate=7 * 24 * 60)
    return Cast()


def closed(cast: Cast, score: int | None = 5, *, solved: bool = True, by: Any = None, **more: Any) -> Call:
    """A closed call; without a score nobody rated it. It may have been at another place."""
    where = more.pop("place", cast.home)
    call = cast.call(State.DELIVERED, **more)
    Call.objects.filter(pk=call.pk).update(place=where)
    call = Call.objects.get(pk=call.pk)
    if score is None:
        Call.objects.filter(pk=call.pk).update(stage_due_at=clock.now())
        return actions.auto_rate(actor=Actor.system("test"), call=call)
    return actions.rate(actor=actor(by or call.requester), call=call, score=score, solved=solved)


def shares(cast: Cast, reader: Any = None, **more: Any) -> dict[str, str]:
    """``closed: 3/4`` for every share that counts something."""
    span = {"since": START - DAY, "until": START + 30 * DAY} | more
    report = queries.measured(actor(reader or cast.dispatcher), queries.Asked(**span))
    return {code: f"{one.part}/{one.whole}" for code, one in report.whole.values.items() if one.whole}


# ── what counts ─────────────────────────────────────────────────────────────
def test_closed_is_not_solved_and_silence_is_neither(cast: Cast) -> None:
    closed(cast, 5), closed(cast, 2, solved=False), closed(cast, None)

    found = shares(cast)

    assert found["closed"] == "3/3"
    assert (found["confirmed"], found["solved"]) == ("1/3", "1/2")
    assert (found["satisfied"], found["silent"]) == ("1/2", "1/3")


def test_ratings_by_others_for_the_person_stand_apart(cast: Cast) -> None:
    closed(cast, 4)
    asked = cast.call(State.DELIVERED)
    Call.objects.filter(pk=asked.pk).update(asked_by=cast.grid_worker)
    actions.rate(actor=actor(cast.grid_worker), call=Call.objects.get(pk=asked.pk), score=5, solved=True)

    found = shares(cast)

    assert [found[code] for code in ("solved", "solved_proxy", "satisfied", "satisfied_proxy")] == ["1/1"] * 4
    assert found["confirmed"] == "2/2"


def test_a_rating_with_a_paper_slip_is_nobodys_own_word_in_the_shares(cast: Cast) -> None:
    rate_by_slip(call=cast.call(State.DELIVERED), score=5, solved=True, comment="", address="127.0.0.1")

    found = shares(cast)

    assert [found.get(code) for code in ("solved", "satisfied")] == [None, None]
    assert [found[code] for code in ("solved_proxy", "satisfied_proxy")] == ["1/1", "1/1"]


def test_built_calls_are_counted_to_the_published_figures(cast: Cast, time: Time) -> None:
    """天门 2016-12: 972 due, 911 closed, 737 of them in time: 93.72 % and 75.82 % (domain.md 2.2)."""
    due, done, in_time = 972, 911, 737
    pattern, waits = closed(cast), cast.call(State.SUBMITTED)
    time.on(hours=2)
    copies(pattern, done - 1)
    copies(waits, due - done - 1)
    late = Call.objects.filter(state=State.CLOSED).order_by("pk").values_list("pk", flat=True)[: done - in_time]
    LateStage.objects.bulk_create(
        LateStage(call_id=pk, stage="deliver", due_at=START, left_at=clock.now()) for pk in late
    )

    report = queries.measured(actor(cast.dispatcher), queries.Asked(since=START - DAY, until=START + DAY))

    counted = report.whole.values
    assert [(counted[code].part, counted[code].whole) for code in ("closed", "on_time")] == [
        (done, due),
        (in_time, due),
    ]
    assert [str(counted[code].percent) for code in ("closed", "on_time")] == ["93.72", "75.82"]


def copies(one: Call, many: int) -> None:
    """As many calls more that are like this one."""
    facts = {field.attname: getattr(one, field.attname) for field in Call._meta.concrete_fields}
    own = ("id", "public_id", "number")
    same = {name: value for name, value in facts.items() if name not in own}
    Call.objects.bulk_create(Call(**same, number=f"{one.number}-{n}") for n in range(many))


def test_the_middling_count_as_the_rule_says(cast: Cast) -> None:
    closed(cast, 5), closed(cast, 3)
    whole = shares(cast)["satisfied"]
    actions.set_score_rule(actor=actor(cast.dispatcher), facts=actions.ScoreFacts(middling=50))

    assert (whole, shares(cast)["satisfied"]) == ("2/2", "3/2/2")


def test_late_at_any_step_is_late_and_a_slow_rating_is_not(cast: Cast, time: Time) -> None:
    in_time, late = cast.call(State.DELIVERED), cast.call(State.SUBMITTED)
    time.on(hours=2)
    actions.review(actor=actor(cast.keeper), call=late)
    for verb, who, given in cast.way_to(State.DELIVERED)[1:]:
        late = getattr(actions, verb)(actor=who, call=late, **given)
    time.on(days=3)
    for one in (in_time, late):
        actions.rate(actor=actor(cast.resident), call=one, score=5, solved=True)

    found = shares(cast)

    assert (found["closed"], found["on_time"], found["responded"]) == ("2/2", "1/2", "1/2")


def test_what_is_not_done_in_time_is_due_and_what_has_time_left_is_not(cast: Cast, time: Time) -> None:
    cast.call(State.SUBMITTED)
    none = shares(cast)
    time.on(minutes=61)

    assert (none, shares(cast)["on_time"], shares(cast)["responded"]) == ({}, "0/1", "0/1")


def test_what_was_late_stays_due_though_it_is_set_aside_or_has_a_new_clock(cast: Cast, time: Time) -> None:
    aside, anew = cast.call(State.SUBMITTED), cast.call(State.SUBMITTED)
    time.on(days=8)
    actions.suspend(actor=actor(cast.keeper), call=aside, reason="等家属回来")
    actions.review(actor=actor(cast.keeper), call=anew)

    found, then = shares(cast), shares(cast, until=START + DAY)
    time.on(hours=2)

    assert (found["closed"], found["on_time"], then["closed"]) == ("0/2", "0/2", "0/2")
    assert shares(cast, since=START + 2 * DAY)["closed"] == "0/1", "the one that is late again"
    assert parts(cast, "week") == [("2026-03-02", 2)]


def test_a_ring_that_is_over_is_no_delay_before_the_next_begins(cast: Cast, time: Time) -> None:
    call = cast.call(State.DISPATCHED)
    Call.objects.filter(pk=call.pk).update(ring=1, stage_due_at=START + timedelta(hours=1))
    time.on(hours=2)

    assert shares(cast) == {}


def test_returned_extended_reopened_and_stopped_are_counted_each_of_its_own_whole(cast: Cast, time: Time) -> None:
    back = cast.call(State.ACCEPTED)
    back = actions.hand_back(actor=actor(cast.li.person), call=back, reason="临时有事")
    back = actions.dispatch(actor=actor(cast.keeper), call=back, volunteers=[cast.he])
    helper = actor(cast.he.person)
    for verb, given in (
        ("accept", {}),
        ("schedule", {"at": clock.now() + DAY}),
        ("start", {}),
        ("deliver", {"note": "好了"}),
    ):
        back = getattr(actions, verb)(actor=helper, call=back, **given)
    actions.rate(actor=actor(cast.resident), call=back, score=5, solved=True)
    again = closed(cast, 1, solved=False)
    again = actions.reopen(actor=actor(cast.resident), call=again, reason="还是漏水")
    time.on(minutes=61)
    aside = cast.call(State.SUSPENDED)
    actions.resume(actor=actor(cast.keeper), call=aside)
    cast.call(State.CANCELLED), cast.call(State.REJECTED), cast.call(State.TRANSFERRED)

    found = shares(cast)

    assert (found["returned"], found["reopened"]) == ("1/2", "1/2")
    assert (found["voided"], found["transferred"]) == ("2/5", "1/5")
    assert found["extended"] == "0/2"  # the one that was set aside still has time


def test_what_was_set_aside_leaves_both_sides_of_the_net_share(cast: Cast) -> None:
    aside = cast.call(State.SUSPENDED)
    aside = actions.resume(actor=actor(cast.keeper), call=aside)
    for verb, who, given in cast.way_to(State.DELIVERED)[2:]:
        aside = getattr(actions, verb)(actor=who, call=aside, **given)
    actions.rate(actor=actor(cast.resident), call=aside, score=5, solved=True)
    closed(cast)

    found = shares(cast)

    assert (found["extended"], found["on_time"], found["on_time_net"]) == ("1/2", "2/2", "1/1")


def test_every_share_says_what_it_is_and_no_part_is_larger_than_its_whole(cast: Cast, time: Time) -> None:
    for state in (State.DELIVERED, State.POOLED, State.CANCELLED, State.SUSPENDED, State.ACCEPTED):
        cast.call(state)
    closed(cast, 3), closed(cast, None)
    time.on(hours=3)

    report = queries.measured(actor(cast.dispatcher), queries.Asked(START - DAY, START + DAY))

    assert set(report.whole.values) == set(SHARES)
    assert all(0 <= one.part <= one.whole for one in report.whole.values.values())
    assert all(len(str(one.says)) > 8 for one in SHARES.values())


# ── parts ───────────────────────────────────────────────────────────────────
def parts(cast: Cast, by: str, **more: Any) -> list[tuple[str, int]]:
    asked = queries.Asked(**{"since": START - 40 * DAY, "until": START + 30 * DAY, "by": by} | more)
    return [(line.name or line.key, line.total) for line in queries.measured(actor(cast.dispatcher), asked).lines]


def test_parts_come_in_their_own_order_and_add_up(cast: Cast, time: Time) -> None:
    plumbing = kind("plumbing", name="修水管", order=1)
    closed(cast), closed(cast, kind=plumbing)
    closed(cast, place=cast.away)
    time.on(days=7)
    closed(cast)

    assert parts(cast, "place") == [("东篱街道", 1), ("青禾街道", 3)]
    assert parts(cast, "place", place_path=cast.home.path) == [("", 3)]
    assert parts(cast, "kind") == [("修水管", 1), ("clinic", 3)]
    assert parts(cast, "channel") == [("网上", 4)]
    assert parts(cast, "week") == [("2026-03-02", 3), ("2026-03-09", 1)]
    assert parts(cast, "month") == [("2026-03-01", 4)]


# ── who sees what, and what is behind ───────────────────────────────────────
def test_each_reader_counts_his_own_places_and_finds_those_calls_behind_the_numbers(cast: Cast) -> None:
    here, there = closed(cast), closed(cast, place=cast.away)
    asked = queries.Asked(START - DAY, START + DAY)

    seen = {
        one.name: set(queries.behind(actor(one), asked, SHARES["closed"], whole=False).values_list("pk", flat=True))
        for one in (cast.keeper, cast.outsider, cast.dispatcher, cast.resident)
    }

    assert seen == {"王敏之": {here.pk}, "赵远山": {there.pk}, "林知远": {here.pk, there.pk}, "陈桂英": set()}
    assert shares(cast, cast.keeper)["closed"] == "1/1"


def test_every_number_on_the_page_opens_to_as_many_calls_as_it_says(cast: Cast, time: Time) -> None:
    closed(cast, 5), closed(cast, 3, solved=False), closed(cast, None), cast.call(State.CANCELLED)
    cast.call(State.SUBMITTED)
    time.on(hours=2)
    asked = queries.Asked(START - DAY, START + DAY)
    whole = queries.measured(actor(cast.dispatcher), asked).whole

    for code, one in SHARES.items():
        part, all_ = (queries.behind(actor(cast.dispatcher), asked, one, whole=flag).count() for flag in (False, True))
        assert (part, all_) == (whole.values[code].part, whole.values[code].whole), code


def test_calls_at_the_place_itself_open_without_those_below(cast: Cast) -> None:
    closed(cast)
    closed(cast, place=cast.street)
    asked = queries.Asked(START - DAY, START + DAY, place_path=cast.street.path, by="place")
    report = queries.measured(actor(cast.dispatcher), asked)
    own = replace(asked, by="", own=True)

    assert [(one.name, one.total) for one in report.lines] == [("和平社区", 1), ("", 1)]
    assert queries.measured(actor(cast.dispatcher), own).whole.total == 1
    assert queries.behind(actor(cast.dispatcher), own, SHARES["closed"], whole=True).get().place == cast.street


@pytest.mark.parametrize("span", ["until=0001-01-01", "since=0001-01-01", "until=9999-12-31", "since=9999-12-31"])
def test_days_out_of_this_world_are_said(cast: Cast, span: str) -> None:
    for page in ("", "teams/"):
        assert browser(cast.dispatcher).get(f"/desk/figures/{page}?{span}").status_code == 422


def test_the_page_shows_definitions_and_links_and_its_file_the_same_numbers(cast: Cast) -> None:
    closed(cast, 5), closed(cast, None)
    desk = browser(cast.dispatcher)

    page = desk.get("/desk/figures/?by=kind").content.decode()
    behind = desk.get("/desk/figures/calls/?share=silent").content.decode()
    book = load_workbook(io.BytesIO(b"".join(desk.get("/desk/figures/export/xlsx/?by=kind"))))
    rows = list(book.worksheets[0].values)
    silent = next(row for row in rows if row[1] == "没有评价")

    assert "50.00%" in page
    assert "已办结的，占应办的" in page
    assert "share=silent" in page
    assert behind.count("hy-nowrap") >= 1
    assert silent[:5] == ("合计", "没有评价", 1, 2, 50)
    assert len(rows) == 1 + 2 * len(SHARES)


def test_dates_turned_round_are_said_and_the_rest_is_shown(cast: Cast) -> None:
    answer = browser(cast.dispatcher).get("/desk/figures/?since=2026-03-05&until=2026-03-01")

    assert answer.status_code == 422
    assert "结束日期要在开始日期之后" in answer.content.decode()


def test_every_share_stands_on_the_page_and_opens(cast: Cast) -> None:
    closed(cast)

    page = browser(cast.dispatcher).get("/desk/figures/").content.decode()

    tables = page.split('class="hy-table hy-table--shares"')[1:]
    assert len(tables) == len(GROUPS)
    for table, (_name, codes) in zip(tables, GROUPS, strict=True):
        assert [str(SHARES[code].name) in table for code in codes] == [True] * len(codes)
        assert table.partition("</table>")[0].count('<a class="hy-link"') >= 2 * len(codes)

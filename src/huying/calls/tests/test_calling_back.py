"""Call-backs: drawn by the system, asked by somebody who had no hand in the call, shown beside the ratings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from huying.calls import actions, queries, rules
from huying.calls.models import Call, Callback, Draw
from huying.calls.queries.measuring import digest, drawn
from huying.calls.queries.measuring.population import to_draw_from
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, kind, person, role
from huying.kernel import clock
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine
from huying.volunteers.models import Membership

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SPAN = {"since": START - DAY, "until": START + DAY}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        clocks(review=60, rate=7 * 24 * 60)
        made = Cast()
        made.inspector = person("钱督查", made.county)  # type: ignore[attr-defined]
        role(made.inspector, "inspector", made.county)  # type: ignore[attr-defined]
        yield made


def inspector(cast: Cast) -> Any:
    return actor(cast.inspector)  # type: ignore[attr-defined]


def draw(cast: Cast, size: int = 5, **more: Any) -> Draw:
    return actions.draw(**{"actor": inspector(cast), "place": cast.county, "size": size, **SPAN} | more)


def one_of(cast: Cast, **more: Any) -> Callback:
    cast.call(State.CLOSED, **more)
    return draw(cast, 1).callbacks.get()


# ── drawing ─────────────────────────────────────────────────────────────────
def test_a_draw_can_be_repeated_from_its_seed_and_its_population(cast: Cast) -> None:
    plumbing = kind("plumbing")
    for n in range(12):
        cast.call(State.CLOSED, kind=plumbing if n % 3 else cast.kind)
    population = to_draw_from(cast.county, START - DAY, START + DAY)

    made = draw(cast, 6)

    again = drawn(population, made.size, made.seed)
    assert (made.population, made.digest) == (12, digest(population))
    assert set(again) == set(made.callbacks.values_list("call__public_id", flat=True))
    kinds = sorted(made.callbacks.values_list("call__kind__code", flat=True))
    assert kinds == ["clinic"] * 2 + ["plumbing"] * 4


def test_only_closed_calls_of_the_period_and_place_are_drawn_and_each_once(cast: Cast) -> None:
    for state in (State.CANCELLED, State.DELIVERED, State.POOLED):
        cast.call(state)
    here, away = cast.call(State.CLOSED), cast.call(State.CLOSED)
    Call.objects.filter(pk=away.pk).update(place=cast.away)

    first = draw(cast, 5, place=cast.street)
    second = draw(cast, 5)

    assert [one.call_id for one in first.callbacks.all()] == [here.pk]
    assert [one.call_id for one in second.callbacks.all()] == [away.pk]
    with pytest.raises(actions.calling_back.NothingToDraw):
        draw(cast, 5)


def test_those_who_handle_at_the_station_do_not_draw_and_nobody_draws_elsewhere(cast: Cast) -> None:
    cast.call(State.CLOSED)
    office = person("郑街办", cast.other_street)
    role(office, "office", cast.other_street)

    for who, at in ((cast.keeper, cast.home), (office, cast.street), (cast.resident, cast.home)):
        with pytest.raises(Forbidden):
            draw(cast, actor=actor(who), place=at)


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_size_out_of_bounds_is_refused(cast: Cast, size: int) -> None:
    cast.call(State.CLOSED)
    with pytest.raises(actions.calling_back.SizeUnclear):
        draw(cast, size)


# ── asking ──────────────────────────────────────────────────────────────────
def test_who_was_in_the_team_that_came_does_not_call_back_though_he_left_it(cast: Cast) -> None:
    Membership.objects.create(team=cast.team, volunteer=cast.he, starts_at=START - DAY, ends_at=START - DAY / 2)
    role(cast.he.person, "office", cast.street)
    call = cast.call(State.POOLED)
    before = rules.can_call_back(actor(cast.he.person), call)

    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])

    assert (before, rules.can_call_back(actor(cast.he.person), call)) == (True, False)


def test_whoever_had_a_hand_in_the_call_does_not_call_back(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    call = actions.dispatch(actor=actor(cast.dispatcher), call=call, volunteers=[cast.li])
    for verb, who, given in cast.way_to(State.CLOSED)[3:]:
        call = getattr(actions, verb)(actor=who, call=call, **given)
    role(cast.li.person, "office", cast.street)
    fresh = person("郑街办", cast.street)
    role(fresh, "office", cast.street)

    may = {
        one.name: rules.can_call_back(actor(one), call) for one in (cast.dispatcher, cast.keeper, cast.li.person, fresh)
    }

    assert may == {"林知远": False, "王敏之": False, "李安和": False, "郑街办": True}
    assert queries.hands_in([call.pk], cast.dispatcher.pk) == {call.pk}
    assert queries.hands_in([call.pk], fresh.pk) == set()


def test_the_handler_is_refused_by_the_action_and_by_the_page(cast: Cast) -> None:
    one = one_of(cast)
    role(cast.keeper, "office", cast.street)

    with pytest.raises(Forbidden):
        actions.record_callback(actor=actor(cast.keeper), public_id=one.public_id, heard=actions.Heard("refused"))
    page = browser(cast.keeper).get(f"/desk/callbacks/{one.public_id}/answer/")

    assert page.status_code == 403


def test_nobody_reached_may_be_tried_again_and_an_answer_is_the_last_word(cast: Cast) -> None:
    one = one_of(cast)

    def record(*heard: Any) -> Callback:
        return actions.record_callback(actor=inspector(cast), public_id=one.public_id, heard=actions.Heard(*heard))

    record("unreached")
    answered = record("answered", False, 2)

    assert (answered.outcome, answered.solved, answered.score, answered.tries) == ("answered", False, 2, 2)
    with pytest.raises(actions.calling_back.AlreadyAnswered):
        record("answered", True, 5)


@pytest.mark.parametrize(
    "heard", [("answered",), ("answered", True), ("answered", True, 6), ("refused", True, 5), ("waiting",), ("",)]
)
def test_half_an_answer_is_no_answer(cast: Cast, heard: tuple[Any, ...]) -> None:
    one = one_of(cast)
    with pytest.raises(actions.calling_back.AnswerIncomplete):
        actions.record_callback(actor=inspector(cast), public_id=one.public_id, heard=actions.Heard(*heard))


def test_results_stand_beside_the_ratings_and_a_contradiction_is_counted(cast: Cast) -> None:
    for _ in range(3):
        cast.call(State.CLOSED)  # each rated five stars, solved
    made = draw(cast, 3)
    first, second, third = made.callbacks.order_by("id")
    for one, heard in ((first, ("answered", True, 5)), (second, ("answered", False, 2)), (third, ("unreached",))):
        actions.record_callback(actor=inspector(cast), public_id=one.public_id, heard=actions.Heard(*heard))

    values = queries.measured(inspector(cast), queries.Asked(START - DAY, START + DAY)).whole.values

    found = {
        code: f"{values[code].part}/{values[code].whole}" for code in values if code.startswith(("solved", "called"))
    }
    assert found == {
        "solved": "3/3",
        "solved_proxy": "0/0",
        "called_solved": "1/2",
        "called_satisfied": "1/2",
        "called_differs": "1/2",
    }


# ── pages ───────────────────────────────────────────────────────────────────
def test_from_drawing_to_the_answer_on_the_pages(cast: Cast) -> None:
    cast.call(State.CLOSED, contact_phone="13800000000")
    desk = browser(cast.inspector)  # type: ignore[attr-defined]

    answer = sent(desk, "/desk/callbacks/", place=str(cast.county.public_id), size=3)
    sheet = desk.get(answer["Location"]).content.decode()
    one = Callback.objects.get()
    number = sent(desk, f"/desk/callbacks/{one.public_id}/number/").content.decode()
    done = sent(desk, f"/desk/callbacks/{one.public_id}/answer/", outcome="answered", solved="yes", score=4)
    after = desk.get(answer["Location"]).content.decode()

    assert answer.status_code == 303
    assert "去回访" in sheet
    assert "13800000000" not in sheet
    assert "tel:13800000000" in number
    assert done.status_code == 303
    assert "4 星 · 已解决" in after
    assert set(AuditLine.objects.values_list("verb", flat=True)) >= {
        "call.draw",
        "sealed.reveal",
        "call.callback",
    }


def test_an_answer_without_its_parts_is_said_on_the_page(cast: Cast) -> None:
    one = one_of(cast)

    answer = sent(browser(cast.inspector), f"/desk/callbacks/{one.public_id}/answer/", outcome="answered")  # type: ignore[attr-defined]

    assert answer.status_code == 422
    assert "请选解决没解决和满意程度" in answer.content.decode()


def test_a_draw_with_nothing_to_draw_says_so(cast: Cast) -> None:
    answer = sent(browser(cast.inspector), "/desk/callbacks/", place=str(cast.county.public_id), size=3)  # type: ignore[attr-defined]

    assert answer.status_code == 422
    assert "没有可抽的求助" in answer.content.decode()
    assert not Call.objects.exists()


def test_the_sample_leaves_as_a_file_without_the_people_in_it(cast: Cast) -> None:
    one = one_of(cast, contact_phone="13800000000")
    desk = browser(cast.inspector)  # type: ignore[attr-defined]
    sent(desk, f"/desk/callbacks/{one.public_id}/answer/", outcome="answered", solved="yes", score=4)

    body = b"".join(desk.get(f"/desk/callbacks/{one.draw.public_id}/file/json/").streaming_content)  # type: ignore[arg-type]
    draws = b"".join(desk.get("/desk/callbacks/file/json/").streaming_content)  # type: ignore[arg-type]

    [row] = json.loads(body)
    assert (row["call"], row["score"], row["solved"]) == (one.call.number, 4, True)
    assert one.call.requester.name not in body.decode() and "1380" not in body.decode()
    assert [(made["size"], made["done"]) for made in json.loads(draws)] == [(1, 1)]
    assert browser(cast.keeper).get(f"/desk/callbacks/{one.draw.public_id}/file/json/").status_code == 404

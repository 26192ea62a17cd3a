"""A place raises a call in its own name: it goes out at once, goods are counted beside people, and the place judges it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.calls import actions, queries, rules
from huying.calls.actions.raising import OutsidePlace, UntilInPast
from huying.calls.actions.rights import RIGHTS
from huying.calls.models import Call, CallGood, Offer, OfferGood
from huying.calls.queries.asking import usual_places
from huying.calls.queries.calls import my_calls, why_same
from huying.calls.queries.counting import counting_calls, words_of_call
from huying.calls.queries.incoming import callers
from huying.calls.queries.listing import Wanted
from huying.calls.queries.measuring.figures import Asked, measured
from huying.calls.queries.measuring.teams import ratings_of
from huying.calls.queries.raising import goods_of
from huying.calls.states import Asks, Level, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, actor, kind, person, role
from huying.calls.tests.ringing import Town, asked, cast, ring
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.kernel.search import fold, search_text
from huying.people.models import Notice, Person

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
BOATS = actions.Goods("冲锋舟", 6, "艘")
WATER = actions.Goods("饮用水", 200, "箱")


def flood(cast: Town, **more: Any) -> actions.Ask:
    facts = {"kind": cast.kind, "place": cast.street, "requester": Person(), "title": "沿河三个村转移群众"}
    facts |= {"people_needed": 5, "urgent": True, "address": "渡口桥头", "contact_phone": "057188880000"}
    return actions.Ask(**(facts | {"wanted_to": clock.now() + timedelta(hours=6)} | more))


def whistle(cast: Town, *goods: actions.Goods, **more: Any) -> Call:
    return actions.raise_call(
        actor=actor(cast.dispatcher), what=flood(cast, **more), raised_for=cast.county, goods=goods or (BOATS, WATER)
    )


def officer(cast: Town) -> Person:
    made = person("郑街办", cast.street)
    role(made, "office", cast.street)
    return made


# ── raising ─────────────────────────────────────────────────────────────────
def test_it_goes_to_the_first_ring_at_once_held_by_the_desk_that_raised_it(cast: Town) -> None:
    ring(1, Asks.OWN)

    call = whistle(cast)

    assert (call.state, call.ring, call.level) == (State.DISPATCHED, 1, Level.CENTRE)
    assert (call.raised_for, call.place, call.requester, call.people_needed) == (
        cast.county,
        cast.street,
        cast.dispatcher,
        5,
    )
    assert "李安和" in asked(call)
    assert [event.verb for event in call.events.order_by("id")] == ["draft", "submit", "dispatch"]
    assert [str(one) for one in CallGood.objects.filter(call=call).order_by("order")] == [
        "冲锋舟 6 艘",
        "饮用水 200 箱",
    ]


def test_with_nobody_to_ask_it_lies_in_the_pool_for_the_dispatcher(cast: Town) -> None:
    ring(1, Asks.PARTNERS, team_kind=cast.unit_kind, reach_km=None)
    cast.unit.active = False
    cast.unit.save()

    assert whistle(cast).state == State.POOLED


def test_only_those_on_duty_at_a_place_or_above_raise_in_its_name_and_only_for_what_lies_below(cast: Town) -> None:
    keeper = actor(cast.keeper)

    assert rules.can_raise(keeper, cast.home)
    for who, place in ((cast.keeper, cast.street), (cast.outsider, cast.home), (cast.resident, cast.home)):
        assert not rules.can_raise(actor(who), place)
        with pytest.raises(actions.NotYourPlace):
            actions.raise_call(actor=actor(who), what=flood(cast), raised_for=place)
    with pytest.raises(OutsidePlace):
        actions.raise_call(actor=keeper, what=flood(cast, place=cast.away), raised_for=cast.home)
    with pytest.raises(UntilInPast):
        actions.raise_call(actor=keeper, what=flood(cast, place=cast.home, wanted_to=START), raised_for=cast.home)
    assert Call.objects.count() == 0


# ── goods ───────────────────────────────────────────────────────────────────
def test_units_say_what_they_bring_and_the_tally_counts_it_while_their_yes_stands(cast: Town) -> None:
    ring(1, Asks.PARTNERS, team_kind=cast.unit_kind, duty=True)
    call = whistle(cast)
    boss = actor(cast.boss.person)

    actions.accept(actor=boss, call=call, seats=2, goods={1: 4, 2: 900, 7: 3})
    promised = [(line.good.name, line.found, line.free) for line in goods_of(call)]
    actions.hand_back(actor=boss, call=call, reason="船坏了")

    assert promised == [("冲锋舟", 4, 2), ("饮用水", 200, 0)]
    assert [line.found for line in goods_of(call)] == [0, 0]
    assert OfferGood.objects.count() == 2, "what was said stays in the record"


def test_a_second_yes_to_the_same_question_takes_the_place_of_the_first(cast: Town) -> None:
    ring(1, Asks.PARTNERS, team_kind=cast.unit_kind, duty=True)
    call, boss = whistle(cast), actor(cast.boss.person)
    actions.accept(actor=boss, call=call, seats=2, goods={1: 4, 2: 9})
    Offer.objects.filter(team=cast.unit).update(state=OfferState.OFFERED)
    Call.objects.filter(pk=call.pk).update(state=State.DISPATCHED, accepted_count=0)

    actions.accept(actor=boss, call=call, seats=2, goods={1: 3})

    assert [line.found for line in goods_of(call)] == [3, 0]


def test_goods_of_another_call_cannot_be_brought(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    plain = cast.call(State.DISPATCHED)

    actions.accept(actor=actor(cast.li.person), call=plain, goods={1: 3})

    assert not OfferGood.objects.exists()


# ── whose it is ─────────────────────────────────────────────────────────────
def done(cast: Town) -> Call:
    """A call of the street that Li and He have answered and finished; it waits for a word."""
    ring(1, Asks.OWN, per_seat=10)
    call = actions.raise_call(
        actor=actor(officer(cast)), what=flood(cast, people_needed=1), raised_for=cast.street, goods=[BOATS]
    )
    actions.accept(actor=actor(cast.li.person), call=call, goods={1: 1})
    actions.start(actor=actor(cast.li.person), call=call)
    return actions.deliver(actor=actor(cast.li.person), call=call, note="都转移了")


def test_whoever_is_on_duty_at_that_place_confirms_and_nobody_else(cast: Town) -> None:
    call = done(cast)
    second = person("新来的", cast.street)
    role(second, "office", cast.street)
    everybody = {"同事": second, "上级": cast.dispatcher, "下级": cast.keeper, "志愿者": cast.li.person}

    may = {name for name, one in everybody.items() if rules.can_take(actor(one), "rate", call)}
    call = actions.rate(actor=actor(second), call=call, score=5, solved=True)

    assert may == {"同事"}
    assert (call.state, call.rated_by_proxy) == (State.CLOSED, True)


def test_the_place_says_that_it_is_done_and_its_helpers_go_one_by_one(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    boss = officer(cast)
    call = actions.raise_call(actor=actor(boss), what=flood(cast, people_needed=2), raised_for=cast.street)
    for one in (cast.li, cast.he):
        call = actions.accept(actor=actor(one.person), call=call)
    call = actions.start(actor=actor(cast.li.person), call=call)
    call = actions.arrive(actor=actor(cast.he.person), call=call)
    everybody = {"街道": boss, "区里": cast.dispatcher, "站里": cast.keeper, "李": cast.li.person, "何": cast.he.person}

    may = {name for name, who in everybody.items() if rules.can_take(actor(who), "deliver", call)}
    call = actions.deliver(actor=actor(boss), call=call, note="都转移了")

    assert may == {"街道"}
    assert call.state == State.DELIVERED


def test_who_leaves_the_place_leaves_its_calls_there(cast: Town) -> None:
    call = done(cast)
    gone = Person.objects.get(pk=call.requester_id)
    gone.roles.all().delete()

    assert not rules.can_take(actor(gone), "rate", call)
    assert not my_calls(actor(gone)).exists()
    with pytest.raises(NotFound):
        queries.by_public_id(actor(gone), call.public_id)


def test_its_rating_is_in_no_share_no_score_and_no_figure(cast: Town, time: Time) -> None:
    call = done(cast)
    actions.rate(actor=actor(Person.objects.get(pk=call.requester_id)), call=call, score=5, solved=True)
    since, until = START - timedelta(days=1), START + timedelta(days=1)
    whole = measured(actor(cast.dispatcher), Asked(since=since, until=until)).whole

    words = {word.metric: word.amount for word in words_of_call(counting_calls(Call.objects.filter(pk=call.pk)).get())}

    assert whole.total == 0
    assert ratings_of([cast.team.pk], since, until) == {}
    assert {metric for metric, amount in words.items() if amount} == {
        "calls_submitted",
        "calls_closed",
        "calls_on_time",
    }, "counted as asked and ended; in no share of what is due, rated or solved"


def test_the_database_takes_no_rating_of_a_place_for_the_word_of_a_person(cast: Town) -> None:
    call = whistle(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(score=5, rated_by_proxy=False)


def test_the_place_hears_of_it_not_the_one_who_pressed(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    first, second = officer(cast), person("新来的", cast.street)
    role(second, "office", cast.street)
    call = actions.raise_call(actor=actor(first), what=flood(cast, people_needed=1), raised_for=cast.street)
    first.roles.all().delete()
    actions.accept(actor=actor(cast.li.person), call=call)
    Notice.objects.all().delete()

    event = call.events.filter(verb="accept").get()
    actions.tell(actor=actor(cast.dispatcher), call_id=call.pk, event_id=event.pk)

    heard = dict(Notice.objects.values_list("person__name", "body"))
    assert heard.get("新来的") == "李安和 应答了你们的吹哨。"
    assert first.name not in heard


def test_a_helper_reads_which_place_asks_and_no_name_of_its_staff(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    call = whistle(cast)
    client = browser(cast.li.person)

    offer = client.get(reverse("calls:offer", args=[call.public_id])).content.decode()
    actions.accept(actor=actor(cast.li.person), call=call)
    page = client.get(reverse("calls:call", args=[call.public_id])).content.decode()

    for text in (offer, page):
        assert "青禾区" in text
        assert "冲锋舟" in text
        assert cast.dispatcher.name not in text


def test_forgetting_who_raised_it_takes_nothing_from_the_place(cast: Town) -> None:
    call = done(cast)
    who = Person.objects.get(pk=call.requester_id)
    call = actions.rate(actor=actor(who), call=call, score=4, solved=True)

    RIGHTS.erase(actor(cast.dispatcher), who)

    call.refresh_from_db()
    assert call.title == "沿河三个村转移群众"
    assert call.goods.count() == 1
    assert who.name not in call.search_text


def test_the_panel_of_a_whistle_shows_earlier_ones_of_the_place_and_nothing_private(cast: Town) -> None:
    own = cast.call(State.POOLED)
    Call.objects.filter(pk=own.pk).update(requester=cast.dispatcher)
    before, now = whistle(cast, title="先吹的"), whistle(cast, title="后吹的")

    shown = queries.panel(actor(cast.dispatcher), now)
    private = queries.panel(actor(cast.dispatcher), Call.objects.get(pk=own.pk))

    assert shown.earlier == [before]
    assert private.earlier == []
    assert why_same(now, own) != "同一位求助人"


def test_another_kind_of_service_changes_neither_who_asks_nor_how_many_are_needed(cast: Town) -> None:
    call = whistle(cast, people_needed=cast.kind.people_needed)
    call = actions.recall(actor=actor(cast.dispatcher), call=call, reason="先改服务")

    call = actions.change_kind(actor=actor(cast.dispatcher), call=call, kind=kind("boats", people_needed=7))

    assert call.people_needed == cast.kind.people_needed
    assert fold(cast.county.name) in call.search_text
    assert cast.dispatcher.name not in call.search_text


def test_forgetting_takes_a_name_out_of_the_search_words_wherever_it_stands(cast: Town) -> None:
    call = done(cast)
    who = Person.objects.get(pk=call.requester_id)
    call = actions.rate(actor=actor(who), call=call, score=4, solved=True)
    Call.objects.filter(pk=call.pk).update(search_text=search_text(call.title, who.name))

    RIGHTS.erase(actor(cast.dispatcher), who)

    call.refresh_from_db()
    assert fold(who.name) not in call.search_text
    assert fold(cast.street.name) in call.search_text


def test_the_duty_phone_and_the_scene_of_a_whistle_tell_nothing_of_who_pressed(cast: Town) -> None:
    whistle(cast)

    assert callers(actor(cast.dispatcher), phone="057188880000") == []
    assert cast.street not in usual_places([cast.dispatcher])


def test_the_file_of_the_list_reads_the_place_along(cast: Town, django_assert_num_queries: Any) -> None:
    whistle(cast)
    rows = queries.listed(actor(cast.dispatcher), Wanted())

    with django_assert_num_queries(2):
        assert [one.asker for one in rows] == ["青禾区"]


# ── the pages ───────────────────────────────────────────────────────────────
def typed(cast: Town, **more: Any) -> dict[str, Any]:
    values = {"raised_for": str(cast.county.public_id), "kind": cast.kind.code, "title": "沿河三个村转移群众"}
    values |= {"place": str(cast.street.public_id), "people": "5", "address": "渡口桥头", "phone": "0571-88880000"}
    values |= {"goods_1_name": "冲锋舟", "goods_1_amount": "6", "goods_1_unit": "艘", "until": "2026-03-03T18:00"}
    return values | more


def test_the_page_raises_it_and_leads_to_its_tally(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    client = browser(cast.dispatcher)

    answer = sent(client, reverse("calls:raise"), **typed(cast))
    call = Call.objects.get()
    actions.accept(actor=actor(cast.li.person), call=call, goods={1: 2})
    tally = client.get(answer["Location"], {"show": "yes"}).content.decode()

    assert answer["Location"] == reverse("calls:tally", args=[call.public_id])
    assert "冲锋舟：要 6 艘，答应带来 2 艘，还差 4 艘" in tally
    assert "冲锋舟 2 艘" in tally
    board = client.get(reverse("calls:board")).content.decode()
    assert "单位吹哨" in board


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"people": "0"}, "people"),
        ({"until": "2026-03-01T08:00"}, "until"),
        ({"goods_2_name": "照明灯"}, "goods_2_amount"),
        ({"phone": ""}, "phone"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    cast: Town, wrong: dict[str, str], says: str
) -> None:
    client = browser(cast.dispatcher)

    answer = sent(client, reverse("calls:raise"), **typed(cast, **wrong))

    assert answer.status_code == 422
    assert says in answer.context["form"].errors
    assert "沿河三个村转移群众" in answer.content.decode()
    assert not Call.objects.exists()


def test_a_unit_answers_on_its_page_with_people_and_goods(cast: Town) -> None:
    ring(1, Asks.PARTNERS, team_kind=cast.unit_kind, duty=True)
    call = whistle(cast)
    client = browser(cast.boss.person)
    page = reverse("calls:offer", args=[call.public_id])

    shown = client.get(page).content.decode()
    sent(client, page, do="accept", seats="3", goods_1="4", goods_2="")

    assert "带冲锋舟几艘" in shown
    offer = Offer.objects.get(team=cast.unit)
    assert (offer.state, offer.seats) == (OfferState.ACCEPTED, 3)
    assert [(one.good.name, one.amount) for one in offer.goods.select_related("good")] == [("冲锋舟", 4)]


def test_a_grid_worker_cannot_blow_it(cast: Town) -> None:
    client = browser(cast.grid_worker)

    assert client.get(reverse("calls:raise")).status_code == 403


# ── the same for programs ───────────────────────────────────────────────────
def test_programs_raise_answer_with_goods_and_read_what_is_missing(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=10)
    boss, li = browser(cast.dispatcher), browser(cast.li.person)
    body = {"raised_for": str(cast.county.public_id), "kind": cast.kind.code, "title": "转移群众", "people": 3}
    body |= {"place": str(cast.street.public_id), "address": "渡口桥头", "contact_phone": "057188880000"}
    body |= {"goods": [{"name": "冲锋舟", "amount": 6, "unit": "艘"}], "until": "2026-03-03T18:00:00+08:00"}

    made = posted(boss, "/api/v1/calls/raise", body)
    call = made.json()["id"]
    answered = posted(li, f"/api/v1/calls/{call}/accept", {"goods": [{"line": 1, "amount": 2}]})
    goods = boss.get(f"/api/v1/calls/{call}/goods").json()
    refused = posted(browser(cast.keeper), "/api/v1/calls/raise", body)

    assert (made.status_code, answered.status_code, refused.status_code) == (201, 200, 403)
    assert goods == [{"line": 1, "name": "冲锋舟", "unit": "艘", "amount": 6, "found": 2}]


def posted(client: Any, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, body, content_type="application/json", headers={"Idempotency-Key": uuid4().hex})

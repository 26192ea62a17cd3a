"""The screens of the widening: the helper's page of an offer, the live tally, sending a call out, and the rings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from huying.calls import actions
from huying.calls.models import Call, Offer, Ring
from huying.calls.queries.tally import Figures, tally
from huying.calls.states import Asks, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role, volunteer
from huying.kernel import clock
from huying.people.models import Person
from huying.volunteers.models import TeamKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        clocks(answer=120)
        yield Cast()


def offer_url(call: Call) -> str:
    return reverse("calls:offer", args=[call.public_id])


def page(who: Person, address: str) -> str:
    answer = browser(who).get(address)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())


def large(cast: Cast, people: int = 6) -> Call:
    """Many are sought: Li comes, He is asked, and so is somebody of the other street and a team."""
    call = cast.call(State.POOLED, people_needed=people)
    far = volunteer(person("麦田人", cast.away), cast.away)
    actions.dispatch(actor=actor(cast.dispatcher), call=call, volunteers=[cast.li, cast.he, far], teams=[cast.team])
    return actions.accept(actor=actor(cast.li.person), call=call)


# ── the helper's page ───────────────────────────────────────────────────────
def test_the_page_of_an_offer_says_what_is_asked_and_nothing_that_leads_to_the_door(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED, address="桂花里3幢", contact_phone="13800000000", people_needed=3)

    html = page(cast.li.person, offer_url(call))

    assert all(words in html for words in ("我来，接单", "晚点答复", "这次不方便", "不留记录", "还差 3 人"))
    assert not any(words in html for words in ("桂花里", "13800000000", "陈桂英"))


@pytest.mark.parametrize(
    ("body", "state", "where"),
    [
        ({"do": "accept"}, OfferState.ACCEPTED, "/calls/"),
        ({"do": "decline"}, OfferState.OFFERED, "/help/"),
        ({"do": "later", "at": "60m"}, OfferState.OFFERED, "/help/"),
    ],
)
def test_each_answer_is_taken_by_one_button(cast: Cast, body: Any, state: str, where: str) -> None:
    call = cast.call(State.DISPATCHED)

    answer = sent(browser(cast.li.person), offer_url(call), **body)

    one = call.offers.get()
    assert (answer.status_code, one.state, where in answer["Location"]) == (303, state, True)
    assert one.put_away == (body["do"] == "decline")
    assert ("不用您答复了" in page(cast.li.person, offer_url(call))) == one.put_away
    assert one.remind_at == (START + timedelta(hours=1) if body["do"] == "later" else None)


def test_who_answers_what_was_taken_back_meanwhile_is_led_to_how_it_stands(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    call.offers.update(state=OfferState.WITHDRAWN)

    answer = sent(browser(cast.li.person), offer_url(call), do="accept")

    assert answer.status_code == 303
    assert answer["Location"].startswith(offer_url(call))


def test_later_offers_only_times_that_the_answer_still_has(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)

    html = page(cast.li.person, offer_url(call))
    answer = sent(browser(cast.li.person), offer_url(call), do="later", at="180m")

    assert ('value="60m"' in html, 'value="180m"' in html) == (True, False)
    assert answer.status_code == 422


def test_who_was_never_asked_finds_no_page(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)

    for who in (cast.he.person, cast.keeper, cast.resident, cast.outsider):
        assert browser(who).get(offer_url(call)).status_code == 404


def test_whoever_comes_too_late_is_thanked_and_may_stand_by_and_step_back(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    he = browser(cast.he.person)
    actions.accept(actor=actor(cast.li.person), call=call)

    late = sent(he, offer_url(call), do="accept")
    html = page(cast.he.person, offer_url(call))
    sent(he, offer_url(call), do="stand_by")
    standing = page(cast.he.person, offer_url(call))
    sent(he, offer_url(call), do="step_back")

    assert (late.status_code, "人已经够了" in html, "您在候补" in standing) == (303, True, True)
    assert call.offers.get(volunteer=cast.he).state == OfferState.WITHDRAWN


def test_a_team_says_how_many_come_and_a_unit_on_duty_why_none_do(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=9)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])
    Offer.objects.update(must_answer=True)
    leader = browser(cast.leader.person)

    silent = sent(leader, offer_url(call), do="decline")
    vague = sent(leader, offer_url(call), do="decline", why="other")
    html = page(cast.leader.person, offer_url(call))
    yes = sent(leader, offer_url(call), do="accept", seats="4")

    assert [one.status_code for one in (silent, vague, yes)] == [422, 422, 303]
    assert all(words in html for words in ("来几个人", "我们来不了", "人手排满了"))
    assert call.offers.get().seats == 4


def test_a_leader_who_was_asked_himself_too_answers_each_on_its_own(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=9)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team], volunteers=[cast.leader])
    own, of_team = call.offers.get(volunteer=cast.leader), call.offers.get(team=cast.team)

    answer = sent(browser(cast.leader.person), offer_url(call), do="decline", offer=str(own.public_id))
    html = page(cast.leader.person, f"{offer_url(call)}?offer={of_team.public_id}")

    own.refresh_from_db()
    of_team.refresh_from_db()
    assert (answer.status_code, own.state, of_team.state) == (303, OfferState.OFFERED, OfferState.OFFERED)
    assert (own.put_away, of_team.put_away) == (True, False)
    assert "来几个人" in html


# ── the tally ───────────────────────────────────────────────────────────────
def test_who_wants_to_be_reminded_is_in_no_number_and_on_no_list(cast: Cast) -> None:
    call = large(cast)
    address = reverse("calls:tally", args=[call.public_id])
    before = [page(cast.dispatcher, f"{address}?show={show}") for show in ("asked", "later")]

    actions.later(actor=actor(cast.he.person), call=call, at=START + timedelta(hours=1))

    after = [page(cast.dispatcher, f"{address}?show={show}") for show in ("asked", "later")]
    assert [steady(one) for one in after] == [steady(one) for one in before]
    assert "晚点答复" not in after[0]


def steady(html: str) -> str:
    """Without what is drawn anew for each answer."""
    return re.sub(r'(nonce|csrf\w*|idempotency_key|X-CSRFToken)("?\s?[=:]\s?"?|" value=")[^">]*', "", html)


def test_every_level_sees_its_share_and_the_total(cast: Cast) -> None:
    call = large(cast)

    whole, share = tally(actor(cast.dispatcher), call), tally(actor(cast.outsider), call)

    assert whole.total == share.total == Figures(asked=3, yes=1)
    assert {one.name: figures for one, figures in whole.parts} == {
        "青禾街道": Figures(asked=2, yes=1),
        "东篱街道": Figures(asked=1),
    }
    assert (share.whole, share.own, [one.name for one, _f in share.parts]) == (False, Figures(asked=1), ["麦田社区"])


def test_a_number_opens_to_the_people_behind_it_for_those_who_may_know_them(cast: Cast) -> None:
    call = large(cast)
    address = reverse("calls:tally", args=[call.public_id])

    boss, elsewhere = page(cast.dispatcher, f"{address}?show=asked"), page(cast.outsider, f"{address}?show=asked")

    assert all(name in boss for name in ("何晓燕", "麦田人", "和平助老队"))
    assert ("麦田人" in elsewhere, "何晓燕" in elsewhere) == (True, False)


def test_who_came_before_a_call_was_opened_again_does_not_come_now(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)
    came = tally(actor(cast.keeper), call).total
    with clock.frozen(START + timedelta(hours=1)):
        call = actions.reopen(actor=actor(cast.resident), call=call, reason="还是不行")

    assert (came.yes, tally(actor(cast.keeper), call).total) == (1, Figures())
    assert "李安和" not in page(cast.keeper, f"{reverse('calls:tally', args=[call.public_id])}?show=yes")


def test_the_tally_goes_down_the_tree(cast: Cast) -> None:
    call = large(cast)
    address = reverse("calls:tally", args=[call.public_id])

    html = page(cast.dispatcher, f"{address}?in={cast.street.public_id}&show=yes")

    assert ("和平社区" in html, "李安和" in html, "东篱街道" in html) == (True, True, False)


def test_who_has_nobody_in_it_and_no_desk_over_it_finds_no_tally(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED, people_needed=6)

    for name in ("tally", "tally_part", "widen"):
        assert browser(cast.outsider).get(reverse(f"calls:{name}", args=[call.public_id])).status_code == 404


def test_the_part_answers_nothing_new_until_somebody_answers(cast: Cast) -> None:
    call, client = large(cast), browser(cast.dispatcher)
    address = reverse("calls:tally_part", args=[call.public_id])

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    actions.accept(actor=actor(cast.he.person), call=call)
    then = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert [one.status_code for one in (first, again, then)] == [200, 304, 200]


def test_an_odd_address_of_the_tally_shows_the_whole(cast: Cast) -> None:
    call = large(cast)
    address = reverse("calls:tally", args=[call.public_id])

    for odd in ("?in=x", "?in=00000000-0000-0000-0000-000000000000", "?show=declined", "?show=expired&cursor=~"):
        html = page(cast.dispatcher, address + odd)
        assert "青禾街道" in html
        assert "何晓燕" not in html


def test_the_list_holds_the_calls_that_ask_my_people(cast: Cast) -> None:
    call = large(cast)
    address = reverse("calls:widening")

    assert call.number in page(cast.outsider, address)
    actions.cancel(actor=actor(cast.resident), call=call, reason="雨停了")
    assert call.number not in page(cast.outsider, address)


# ── sending out, and the rings ──────────────────────────────────────────────
def test_a_call_is_sent_out_from_its_page(cast: Cast) -> None:
    Ring.objects.create(order=1, name="本站", asks=Asks.OWN, minutes=60, per_seat=5)
    call = cast.call(State.POOLED)
    address = reverse("calls:widen", args=[call.public_id])

    html = page(cast.keeper, address)
    none, answer = sent(browser(cast.keeper), address, people="0"), sent(browser(cast.keeper), address, people="2")

    call.refresh_from_db()
    assert ("本站的人和队伍" in html, none.status_code, answer.status_code) == (True, 422, 303)
    assert (call.people_needed, call.ring, call.state) == (2, 1, State.DISPATCHED)


def test_the_tally_asks_the_next_ring_by_one_button(cast: Cast) -> None:
    for order, asks in ((1, Asks.OWN), (2, Asks.OFFICE)):
        Ring.objects.create(order=order, name=f"第{order}圈", asks=asks, minutes=60, per_seat=1)
    call = actions.widen(actor=actor(cast.keeper), call=cast.call(State.POOLED), people=1)
    client, address = browser(cast.keeper), reverse("calls:widen", args=[call.public_id])
    tally = reverse("calls:tally", args=[call.public_id])

    html = page(cast.keeper, tally)
    sent(client, address, do="next")
    after = client.get(tally).content.decode()
    sent(client, address, do="next")
    nobody = client.get(tally).content.decode()

    call.refresh_from_db()
    assert ("现在就问下一圈" in html, "第2圈" in after, call.ring) == (True, True, 2)
    assert "没有还能问的人" in nobody


def test_dispatchers_set_rings_for_their_places_and_change_and_drop_them(cast: Cast) -> None:
    client, address = browser(cast.dispatcher), reverse("calls:rings")
    TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})
    facts = {"place": str(cast.street.public_id), "order": "1", "name": "本所", "asks": "office", "per_seat": "2"}
    facts |= {"amount": "4", "unit": "hours", "mode": "working"}

    made = sent(client, address, **facts)
    ring = Ring.objects.get()
    twice = sent(client, address, **facts)
    changed = sent(client, address, **{**facts, "ring": str(ring.pk), "name": "街道", "amount": ""})
    partners = sent(client, address, **{**facts, "order": "2", "asks": "partners"})
    html = page(cast.dispatcher, f"{address}?ring={ring.pk}")

    ring.refresh_from_db()
    assert [one.status_code for one in (made, twice, changed, partners)] == [303, 422, 303, 422]
    assert (ring.name, ring.minutes, ring.place) == ("街道", None, cast.street)
    assert "修改这一圈" in html
    sent(client, address, do="drop", ring=str(ring.pk))
    assert not Ring.objects.exists()


def test_the_first_set_of_rings_ends_with_the_duty_and_is_set_once(cast: Cast) -> None:
    TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})
    client, address = browser(cast.dispatcher), reverse("calls:rings")

    for _press in range(2):
        sent(client, address, do="usual")

    asks = [one.asks for one in Ring.objects.order_by("order")]
    assert asks == ["own", "office", "centre", "partners", "neighbours", "duty"]
    assert "共建单位" in page(cast.dispatcher, address)


def test_rings_of_other_counties_are_not_offered(cast: Cast) -> None:
    elsewhere = person("远方", cast.away)
    role(elsewhere, "dispatcher", cast.other_street)

    html = page(elsewhere, reverse("calls:rings"))

    assert ("东篱街道" in html, "青禾街道" in html) == (True, False)


def test_rings_that_hold_for_all_are_read_by_every_keeper_and_changed_at_the_top(cast: Cast) -> None:
    boss = person("柳如烟", cast.street)
    role(boss, "dispatcher", cast.street)
    address = reverse("calls:rings")
    empty = page(boss, address)
    ring = Ring.objects.create(order=1, name="各地的一圈", asks=Asks.OWN)
    facts = {"order": "2", "name": "本站", "asks": "own", "per_seat": "2", "unit": "hours", "mode": "working"}

    html, top = page(boss, address), page(cast.dispatcher, address)
    everywhere = sent(browser(boss), address, **facts)
    dropped = sent(browser(boss), address, do="drop", ring=str(ring.pk))

    assert ("用常见的五圈" in empty, "各地的一圈" in html) == (False, True)
    assert ("去掉第 1 圈" in html, "去掉第 1 圈" in top) == (False, True)
    assert (everywhere.status_code, dropped.status_code) == (422, 403)
    assert Ring.objects.get() == ring

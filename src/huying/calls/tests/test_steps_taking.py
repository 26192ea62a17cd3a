"""Every step of a call as a page of its own: who may, what it asks, what a stale page says (S0-3a)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huying.calls import actions
from huying.calls.forms import FORMS
from huying.calls.models import Call, Offer
from huying.calls.states import TRANSITIONS, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor
from huying.calls.tests.stepping import ADDRESS, full, picture, see, step_url, url
from huying.kernel import clock
from huying.kernel.models.audit import AuditLine
from huying.people.models import Person

pytestmark = pytest.mark.django_db


# ── every step has its page ─────────────────────────────────────────────────
GIVEN = {
    "note": "说明一下",
    "reason": "有原因",
    "at": "2026-03-04T15:00",
    "score": "4",
    "solved": "yes",
    "target": "12345",
    "people": "3",
}
BY = {"requester": "resident", "staff": "keeper", "volunteer": "he"}
BY |= dict.fromkeys(("helper", "coming", "there", "last", "offered"), "li")


def who_takes(cast: Cast, verb: str) -> Person:
    party = next(
        name
        for name in ("staff", "helper", "coming", "there", "last", "offered", "volunteer", "requester")
        if name in TRANSITIONS[verb].by
    )
    found = getattr(cast, BY[party])
    return getattr(found, "person", found)


def state_for(verb: str) -> State:
    order = list(State)
    return min(TRANSITIONS[verb].from_ - {State.DRAFT}, key=order.index, default=State.DRAFT)


def start_state(verb: str) -> State:
    """A state in which the one who takes the step can really be part of the call."""
    return {"hand_back": State.ACCEPTED, "cancel": State.SUBMITTED}.get(verb) or state_for(verb)


def one_of_two(cast: Cast) -> Call:
    """Two are sought, Li has said yes, He is asked."""
    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    return actions.accept(actor=actor(cast.li.person), call=call)


def ready_for(cast: Cast, verb: str) -> Call:
    """A call at which the step may be taken."""
    if verb not in {"arrive", "enough", "leave", "seek_more"}:
        return cast.call(start_state(verb))
    call = one_of_two(cast)
    if verb == "leave":
        return actions.arrive(actor=actor(cast.li.person), call=call)
    return actions.accept(actor=actor(cast.he.person), call=call) if verb == "seek_more" else call


@pytest.mark.parametrize("verb", sorted(FORMS))
def test_every_step_is_asked_for_on_a_page_and_taken_by_its_form(cast: Cast, verb: str) -> None:
    call = ready_for(cast, verb)
    client = browser(cast.resident if verb == "submit" else who_takes(cast, verb))

    page = client.get(step_url(call, verb))
    answer = sent(
        client, step_url(call, verb), **{name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN}
    )

    call.refresh_from_db()
    html = page.content.decode()
    assert page.status_code == 200
    assert str(TRANSITIONS[verb].label) in html
    assert html.count("<h1") == 1
    assert answer.status_code == 303
    assert call.events.filter(verb=verb).exists() or (verb == "decline" and call.offers.get().put_away)


@pytest.mark.parametrize("verb", sorted(verb for verb in FORMS if TRANSITIONS[verb].needs))
def test_a_step_without_what_it_needs_says_so_beside_the_field(cast: Cast, verb: str) -> None:
    call = ready_for(cast, verb)
    before = call.events.count()

    answer = sent(browser(who_takes(cast, verb)), step_url(call, verb), **dict.fromkeys(FORMS[verb].base_fields, " "))

    assert answer.status_code == 422
    assert set(TRANSITIONS[verb].needs) <= set(answer.context["form"].errors)
    assert 'class="hy-errors"' in answer.content.decode()
    assert call.events.count() == before


@pytest.mark.parametrize("verb", sorted(verb for verb in FORMS if {"note", "reason"} & set(FORMS[verb].base_fields)))
def test_too_many_words_are_refused_and_given_back(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    given = {name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN}
    name = "reason" if "reason" in given else "note"

    answer = sent(browser(who_takes(cast, verb)), step_url(call, verb), **{**given, name: "写" * 501})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [name])
    assert "写" * 501 in answer.content.decode()


@pytest.mark.parametrize("verb", ["expire", "auto_rate", "close", "dispatch", "fly", "say", "__class__"])
def test_a_step_without_a_page_is_not_found(cast: Cast, verb: str) -> None:
    call = cast.call(State.SUBMITTED)
    address = f"{url(call)}{verb}/"

    assert browser(cast.keeper).get(address).status_code in {404, 405}


@pytest.mark.parametrize("verb", sorted(FORMS))
def test_nobody_outside_takes_a_step(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    given = {name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN}
    before = call.events.count()
    outside = [cast.neighbour, cast.outsider]

    answers = [sent(browser(who), step_url(call, verb), **given).status_code for who in outside]

    assert answers == [404, 404]
    assert call.events.count() == before


def test_somebody_inside_without_the_right_is_told_so(cast: Cast) -> None:
    call = cast.call(State.SUBMITTED)

    answers = [
        sent(browser(cast.resident), step_url(call, "pool")).status_code,
        browser(cast.resident).get(step_url(call, "reject")).status_code,
    ]

    call.refresh_from_db()
    assert answers == [403, 403]
    assert call.state == State.SUBMITTED


def test_a_stale_page_is_told_what_happened_and_gives_back_the_words(cast: Cast) -> None:
    call = cast.call(State.SERVING)
    client = browser(cast.li.person)
    page = client.get(step_url(call, "deliver"))
    actions.deliver(actor=actor(cast.li.person), call=call, note="已陪同")

    answer = sent(client, step_url(call, "deliver"), note="写了很久的说明")
    looked = client.get(step_url(call, "deliver"))

    html = answer.content.decode()
    assert page.status_code == 200
    assert (answer.status_code, looked.status_code) == (409, 409)
    assert "刚刚有变化" in html
    assert "写了很久的说明" in html
    assert f'href="{url(call)}"' in html
    assert call.events.filter(verb="deliver").count() == 1


def test_of_two_who_accept_the_second_hears_that_it_is_taken(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    second = browser(cast.he.person)
    second.get(step_url(call, "accept"))

    first_answer = sent(browser(cast.li.person), step_url(call, "accept"))
    second_answer = sent(second, step_url(call, "accept"))

    assert first_answer.status_code == 303
    assert second_answer.status_code in {404, 409}
    assert list(Offer.objects.order_by("id").values_list("state", flat=True)) == [
        OfferState.ACCEPTED,
        OfferState.WITHDRAWN,
    ]


def test_a_step_pressed_twice_with_one_key_is_taken_once(cast: Cast) -> None:
    call, key = cast.call(State.SCHEDULED), uuid4().hex
    client = browser(cast.li.person)

    answers = [client.post(step_url(call, "start"), {"idempotency_key": key}) for _ in range(2)]

    assert [(a.status_code, a["Location"]) for a in answers] == [(303, url(call))] * 2
    assert call.events.filter(verb="start").count() == 1


# ── single steps ────────────────────────────────────────────────────────────
def test_declining_says_that_it_costs_nothing_and_asks_for_no_reason(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    client = browser(cast.li.person)

    html = client.get(step_url(call, "decline")).content.decode()
    answer = sent(client, step_url(call, "decline"))

    assert "不用说原因" in html
    assert 'name="reason"' not in html
    assert answer["Location"] == reverse("calls:help")
    assert Offer.objects.get().reason == ""


@pytest.mark.parametrize(
    "at", ["2026-03-03T09:00", "2026-03-03T10:00", "2028-01-01T10:00", "明天", "2026-13-01T10:00", ""]
)
def test_a_visit_is_set_for_a_time_that_comes(cast: Cast, at: str) -> None:
    call = cast.call(State.ACCEPTED)

    answer = sent(browser(cast.li.person), step_url(call, "schedule"), at=at)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["at"])


def test_the_agreed_time_is_read_as_time_in_china(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    sent(browser(cast.li.person), step_url(call, "schedule"), at="2026-03-04T15:00")

    call.refresh_from_db()
    assert clock.local(call.scheduled_at).isoformat() == "2026-03-04T15:00:00+08:00"


def test_what_was_done_is_kept_with_pictures_that_both_sides_see(cast: Cast) -> None:
    call = cast.call(State.SERVING)

    answer = sent(
        browser(cast.li.person), step_url(call, "deliver"), note="灯已换好", photos=[picture("a.png"), picture("b.png")]
    )

    pages = [see(who, call) for who in (cast.resident, cast.li.person, cast.keeper)]
    assert answer.status_code == 303
    assert [html.count('<img src="/files/') for html in pages] == [2, 2, 2]
    assert all("灯已换好" in html for html in pages)


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile(
            "x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/svg+xml"
        ),
        SimpleUploadedFile("x.png", b"not a picture", "image/png"),
        SimpleUploadedFile("empty.png", b"", "image/png"),
        SimpleUploadedFile("x.html", b"<html><script>alert(1)</script>", "image/jpeg"),
    ],
)
def test_a_file_that_is_no_picture_is_named_and_the_words_are_kept(cast: Cast, upload: SimpleUploadedFile) -> None:
    call = cast.call(State.SERVING)

    answer = sent(browser(cast.li.person), step_url(call, "deliver"), note="灯已换好", photos=[picture(), upload])

    call.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photos"])
    assert upload.name in str(answer.context["form"].errors["photos"])
    assert "灯已换好" in answer.content.decode()
    assert call.state == State.SERVING


def test_seven_pictures_are_one_too_many(cast: Cast) -> None:
    call = cast.call(State.SERVING)

    answer = sent(
        browser(cast.li.person), step_url(call, "deliver"), note="好", photos=[picture(f"{n}.png") for n in range(7)]
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photos"])


@pytest.mark.parametrize("score", ["0", "6", "-1", "4.5", "五", ""])
def test_a_rating_is_one_of_five(cast: Cast, score: str) -> None:
    call = cast.call(State.DELIVERED)

    answer = sent(browser(cast.resident), step_url(call, "rate"), score=score, solved="yes")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["score"])


@pytest.mark.parametrize(("solved", "kept"), [("yes", True), ("no", False)])
def test_satisfied_and_solved_are_two_answers(cast: Cast, solved: str, kept: bool) -> None:
    call = cast.call(State.DELIVERED)

    answer = sent(browser(cast.resident), step_url(call, "rate"), score="2", solved=solved, comment="来得很快")

    call.refresh_from_db()
    assert answer.status_code == 303
    assert (call.state, call.score, call.solved, call.comment, call.rated_by_proxy) == (
        State.CLOSED,
        2,
        kept,
        "来得很快",
        False,
    )


def test_a_rating_given_for_somebody_else_is_announced_and_marked(cast: Cast) -> None:
    call = actions.ask(actor=actor(cast.grid_worker), what=actions.Ask(cast.kind, cast.home, cast.resident, "代办"))
    for verb, who, given in cast.way_to(State.DELIVERED)[1:]:
        call = getattr(actions, verb)(actor=who, call=call, **given)
    client = browser(cast.grid_worker)

    page = client.get(step_url(call, "rate")).content.decode()
    sent(client, step_url(call, "rate"), score="5", solved="yes")

    call.refresh_from_db()
    line = AuditLine.objects.get(verb="call.rate")
    assert "您在替陈桂英办" in page
    assert call.rated_by_proxy is True
    assert call.events.get(verb="rate").on_behalf is True
    assert (line.person_id, line.on_behalf_of_id) == (cast.grid_worker.pk, cast.resident.pk)
    assert "代评" in see(cast.resident, call)


def test_reopening_is_offered_for_seven_days_and_refused_afterwards(cast: Cast) -> None:
    call = cast.call(State.CLOSED)

    with clock.frozen(START + timedelta(days=6)):
        soon = step_url(call, "reopen") in see(cast.resident, call)
    with clock.frozen(START + timedelta(days=8)):
        client = browser(cast.resident)
        late = step_url(call, "reopen") in client.get(url(call)).content.decode()
        answer = sent(client, step_url(call, "reopen"), reason="还漏")

    call.refresh_from_db()
    assert (soon, late, answer.status_code) == (True, False, 403)
    assert call.state == State.CLOSED


def test_a_volunteer_claims_a_call_near_him_and_reads_the_address_then(cast: Cast) -> None:
    call = full(cast, State.POOLED)
    client = browser(cast.he.person)

    before = client.get(url(call)).content.decode()
    answer = sent(client, step_url(call, "claim"))
    after = client.get(url(call)).content.decode()

    assert (answer.status_code, answer["Location"]) == (303, url(call))
    assert (ADDRESS in before, ADDRESS in after) == (False, True)

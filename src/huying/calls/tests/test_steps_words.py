"""Words between the sides of a call, and where a step leads afterwards, also inside the page."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast
from huying.calls.tests.stepping import see, step_url, url

pytestmark = pytest.mark.django_db


# ── words ───────────────────────────────────────────────────────────────────
def test_words_go_between_the_sides_and_to_nobody_else(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)
    address = reverse("calls:say", args=[call.public_id])

    said = [sent(browser(who), address, text=f"{who.name}说") for who in (cast.resident, cast.li.person, cast.keeper)]
    refused = [
        sent(browser(who), address, text="我也说").status_code
        for who in (cast.neighbour, cast.he.person, cast.outsider)
    ]

    assert [(a.status_code, a["Location"]) for a in said] == [(303, f"{url(call)}#words")] * 3
    assert refused == [404, 404, 404]
    assert [(m.side, m.text) for m in call.messages.order_by("id")] == [
        ("requester", "陈桂英说"),
        ("helper", "李安和说"),
        ("staff", "王敏之说"),
    ]
    assert all(f"{who.name}说" in see(cast.resident, call) for who in (cast.li.person, cast.keeper))


@pytest.mark.parametrize("text", ["", "   ", "\x00", "话" * 501])
def test_no_words_and_too_many_words_are_refused_on_the_same_page(cast: Cast, text: str) -> None:
    call = cast.call(State.ACCEPTED)

    answer = sent(browser(cast.resident), reverse("calls:say", args=[call.public_id]), text=text)

    assert answer.status_code == 422
    assert call.messages.count() == 0
    assert "话" * 501 in answer.content.decode() or len(text) < 501


def test_somebody_who_only_looks_on_or_is_asked_leaves_no_words(cast: Cast) -> None:
    pooled, offered = cast.call(State.POOLED), cast.call(State.DISPATCHED)

    answers = [
        sent(browser(cast.li.person), reverse("calls:say", args=[call.public_id]), text="在吗").status_code
        for call in (pooled, offered)
    ]

    assert answers == [403, 403]


# ── where a step leads, and inside the page ─────────────────────────────────
@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/desk/", "/desk/"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_step_leads_back_to_where_it_was_asked_but_never_off_this_site(
    cast: Cast, wanted: str, leads: str | None
) -> None:
    call = cast.call(State.SUBMITTED)

    answer = sent(browser(cast.keeper), step_url(call, "review"), next=wanted)

    assert answer["Location"] == (leads or url(call))


def test_inside_the_page_a_step_comes_as_a_part_and_comes_back_when_refused(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)
    client = browser(cast.resident)
    head = {"HX-Request": "true"}

    part = client.get(step_url(call, "rate"), headers=head)
    refused = client.post(step_url(call, "rate"), {"idempotency_key": uuid4().hex}, headers=head)
    taken = client.post(
        step_url(call, "rate"), {"idempotency_key": uuid4().hex, "score": "5", "solved": "yes"}, headers=head
    )
    whole = client.get(taken["Location"], headers=head)
    stale = client.post(
        step_url(call, "rate"), {"idempotency_key": uuid4().hex, "score": "1", "solved": "no"}, headers=head
    )

    assert "<html" not in part.content.decode()
    assert f'hx-post="{step_url(call, "rate")}"' in part.content.decode()
    assert (refused.status_code, refused["HX-Retarget"], refused["HX-Reswap"]) == (422, "#step", "innerHTML")
    assert taken.status_code == 303
    assert whole.content.decode().lstrip().startswith('<div class="hy-main__part" id="call">')
    assert "谢谢您的评价" in whole.content.decode()
    assert (stale.status_code, stale["HX-Retarget"]) == (409, "#step")


def test_steps_after_which_the_call_is_out_of_sight_leave_the_page(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    part = browser(cast.li.person).get(step_url(call, "hand_back"), headers={"HX-Request": "true"})

    assert "hx-post" not in part.content.decode()


def test_only_one_button_of_a_page_is_loud_and_ending_is_quiet(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    kinds = {
        who.name: [(b.verb, b.kind) for b in browser(who).get(url(call)).context["story"].buttons]
        for who in (cast.li.person, cast.resident)
    }

    assert kinds == {
        "李安和": [("schedule", "primary"), ("start", "soft"), ("hand_back", "plain")],
        "陈桂英": [("cancel", "quiet")],
    }


def test_staff_read_the_call_at_the_desk_and_everybody_else_on_the_telephone(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    layouts = {who.name: "hy-rail" in see(who, call) for who in (cast.keeper, cast.resident, cast.li.person)}

    assert layouts == {"王敏之": True, "陈桂英": False, "李安和": False}

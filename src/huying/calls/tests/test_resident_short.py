"""Asking in one short page that a phone keeps: open to all to read, sent by somebody signed in, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.asking import asking_cast
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, kind
from huying.kernel import clock

pytestmark = pytest.mark.django_db
PAGE = "/ask/short/"


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = asking_cast()
        made.resident.phone, made.resident.address = "+8613800002002", "桂花里 5 幢"
        made.resident.save()
        yield made


def send(client: Client, *, outbox: bool = False, **words: Any) -> Any:
    head = {"X-Huying-Outbox": "1"} if outbox else {}
    good = {"kind": "clinic", "title": "去医院复查", "idempotency_key": uuid4().hex}
    return client.post(PAGE, good | words, headers=head)


def test_the_page_is_the_same_for_everybody_and_kept_by_phones(cast: Cast, settings: Any) -> None:
    kind("gone", active=False)

    html = Client().get(PAGE).content.decode()

    assert settings.HUYING_OFFLINE_PAGES == ["calls:ask_short"]
    assert reverse("calls:ask_short") == PAGE
    assert 'data-outbox="求助"' in html
    assert f'action="{PAGE}"' in html
    assert 'value="clinic"' in html
    assert 'value="gone"' not in html
    assert cast.resident.name not in html
    assert [html.index(f'href="tel:{number}"') > 0 for number in ("110", "119", "120")] == [True] * 3


def test_a_few_words_make_a_call_at_home_with_the_number_on_file(cast: Cast) -> None:
    answer = send(browser(cast.resident), outbox=True)

    call = Call.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"location": reverse("calls:asked", args=[call.public_id])})
    assert (call.title, call.state, call.requester, call.place) == (
        "去医院复查",
        State.SUBMITTED,
        cast.resident,
        cast.resident.home_place,
    )
    assert (call.address.open(), call.contact_phone.open()) == ("桂花里 5 幢", "+8613800002002")


def test_sending_twice_makes_one_call(cast: Cast) -> None:
    client, key = browser(cast.resident), uuid4().hex

    answers = [send(client, outbox=True, idempotency_key=key) for _ in range(2)]

    assert Call.objects.count() == 1
    assert answers[0].json() == answers[1].json()


def test_nobody_signed_in_is_told_to_sign_in_and_the_phone_keeps_the_words(cast: Cast) -> None:
    answer = send(Client(), outbox=True)

    assert (answer.status_code, answer.json()) == (401, {"sign_in": f"/people/sign-in/?next={PAGE}"})
    assert Call.objects.count() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"title": ""}, "一句话说明"),
        ({"kind": "moon"}, "要什么帮助"),
        ({"phone": "12"}, "联系电话"),
        ({"place_words": "没有这个村"}, "在哪个社区或村"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(cast: Cast, words: dict[str, str], said: str) -> None:
    answer = send(browser(cast.resident), details="<b>走路慢</b>", **words)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"{said}：" in html.partition("hy-errors")[2]
    assert "&lt;b&gt;走路慢&lt;/b&gt;" in html
    assert Call.objects.count() == 0

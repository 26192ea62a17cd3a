"""The way back after a write stays on this site, whatever a visitor puts into ``next`` (threat 18)."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from huying.kernel import clock
from huying.people.models import Guardianship
from huying.people.tests import factories as make
from huying.people.tests.test_signing_in import knock

pytestmark = pytest.mark.django_db
NO_ADDRESSES = [
    *("1", "abc", "people:me", "people/me/", "?next=/", "#top", ".", "..", "\\", " /people/me/", "\t/people/me/"),
    *(
        "//evil",
        "///evil",
        "/\\evil",
        "\\\\evil",
        "/\\/evil",
        "http:evil",
        "http:///evil",
        "HTTPS://evil",
        "data:text/html,1",
    ),
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "%2F%2Fevil",
        "%6Aavascript:1",
        "/" * 3000,
    ),
    *("http://[", "//[", "/" + "a" * 2000, "\x00", "\u202e/evil", "😀"),
]


@pytest.mark.parametrize("word", ["/%2F%2Fevil", "/a\r\nSet-Cookie: b=c", "/\x00", "/\u202e", "/[", "/?next=//evil"])
def test_an_odd_path_of_this_site_is_sent_on_as_a_path(word):
    account = make.account()

    answer = knock(Client(), account.username, next=word)

    assert answer.status_code == 303
    assert answer["Location"].startswith("/") and not answer["Location"].startswith(("//", "/\\"))
    assert "\n" not in answer["Location"]


def test_no_word_of_a_visitor_breaks_the_way_back():
    """Wherever ``next`` is read: at the door in the address, when confirming, when acting for somebody."""
    child = make.person(birth_date=date(2020, 1, 1))
    parent = make.account().person
    now = clock.now()
    Guardianship.objects.create(
        ward=child, guardian=parent, tie="parent", starts_at=now, confirmed_at=now, confirmed_by=parent
    )
    browser = make.client(parent)
    went = {}

    for n, word in enumerate(NO_ADDRESSES):
        where = urlencode({"next": word})
        answers = [
            browser.get(f"/people/sign-in/?{where}"),
            browser.post(f"/people/confirm/?{where}", {"password": make.PASSWORD}),
            browser.post(f"/people/act/{child.public_id}/?{where}", headers={"Idempotency-Key": f"way-back-{n}-in"}),
            browser.post("/people/act/stop/", {"next": word}, headers={"Idempotency-Key": f"way-back-{n}-out"}),
            browser.post(reverse("ui:mode"), {"next": word}),
        ]
        went[word] = [answer.headers.get("Location", answer.status_code) for answer in answers]

    assert went == {word: ["/", "/people/me/", "/", "/", "/"] for word in NO_ADDRESSES}


def test_after_signing_in_one_stays_on_this_site():
    account = make.account()
    words = ["/people/me/", "https://evil.example/", "//evil.example/", "/\\evil.example", "", *NO_ADDRESSES]

    went = {word: knock(Client(), account.username, next=word).headers.get("Location") for word in words}

    assert went == {word: "/people/me/" if word == "/people/me/" else "/" for word in words}

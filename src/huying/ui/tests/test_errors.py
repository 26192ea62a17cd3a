"""Error pages: in the product's own look, with what to do next, without database, in the reader's language."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation

from huying.ui import error_text

STATUSES = [400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503]


def drawn(status: int, path: str = "/calls/1/?q=a", **facts: object) -> str:
    request = RequestFactory().get(path)
    return render_to_string("ui/error.html", {"status": status, "request": request, **facts})


@pytest.mark.parametrize("status", STATUSES)
def test_each_says_what_happened_and_what_to_do(status: int) -> None:
    title, body, following = (str(text) for text in error_text.WORDS[status])
    page = drawn(status)

    assert f'<h1 class="hy-error__title">{title}</h1>' in page
    assert f"<p>{body}</p>" in page
    assert f"<p>{following}</p>" in page
    assert f"<title>{title} · 呼应</title>" in page
    assert 'href="/"' in page


def test_every_kind_of_failure_has_its_words() -> None:
    assert sorted(error_text.WORDS) == STATUSES


def test_the_reason_that_is_known_replaces_the_general_one() -> None:
    page = drawn(422, title="这件求助已经办结", body="李建国 10 分钟前办结了它。")

    assert "这件求助已经办结</h1>" in page
    assert "<p>李建国 10 分钟前办结了它。</p>" in page
    assert str(error_text.WORDS[422][1]) not in page


def test_actions_that_are_given_replace_the_usual_ones() -> None:
    page = drawn(403, actions=[{"label": "换个身份登录", "href": "/people/sign-in/", "kind": "primary", "icon": ""}])

    assert "换个身份登录" in page
    assert "回首页" not in page


def test_trying_again_is_offered_where_it_may_help() -> None:
    assert 'href="/calls/1/?q=a"' in drawn(503)
    assert 'href="/calls/1/?q=a"' not in drawn(404).replace('value="/calls/1/?q=a"', "")


def test_a_write_is_not_repeated_by_a_link() -> None:
    request = RequestFactory().post("/calls/1/close/")

    assert "再试一次" not in render_to_string("ui/error.html", {"status": 500, "request": request})


def test_it_needs_no_request_at_all() -> None:
    assert "出错了" in render_to_string("ui/error.html", {"status": 500})


def test_it_follows_the_modes_of_the_reader() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["huying_print"] = "xlarge"

    with translation.override("en"):
        page = render_to_string("ui/error.html", {"status": 404, "request": request})

    assert '<html lang="en" data-print="xlarge"' in page


def test_words_of_attackers_are_shown_as_words() -> None:
    page = drawn(404, path="/%3Cscript%3Ealert(1)%3C/script%3E/", body="<script>alert(1)</script>")

    assert "<script>alert(1)" not in page


def test_it_looks_nobody_up() -> None:
    """The database may be the very thing that is broken."""
    with override_settings(HUYING_READER="no.such.function", HUYING_NAVIGATION="no.such.entries"):
        page = drawn(503)

    assert "data-reader" not in page


def test_a_fragment_carries_the_same_words_without_the_page() -> None:
    fragment = render_to_string("ui/error_fragment.html", {"status": 409})

    assert "<html" not in fragment
    assert '<h2 class="hy-error__title">内容有变化</h2>' in fragment
    assert 'role="alert"' in fragment

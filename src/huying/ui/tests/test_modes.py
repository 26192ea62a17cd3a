"""Modes of reading: kept in cookies, back to the same page, never to another site."""

from __future__ import annotations

import pytest
from django.test import Client


def cookies(client: Client) -> dict[str, str]:
    return {name: cookie.value for name, cookie in client.cookies.items() if name.startswith(("huying", "django_l"))}


def test_large_print_comes_in_two_steps_and_goes_again(client: Client) -> None:
    for value in ("large", "xlarge"):
        answer = client.post("/ui/mode", {"print": value, "next": "/"})
        assert (answer.status_code, answer["Location"], cookies(client)) == (303, "/", {"huying_print": value})
        assert f'data-print="{value}"' in client.get("/").text

    client.post("/ui/mode", {"print": "normal", "next": "/"})

    assert "data-print" not in client.get("/").text


def test_contrast_and_language_are_modes_too(client: Client) -> None:
    client.post("/ui/mode", {"contrast": "more"})
    client.post("/ui/mode", {"language": "en"})

    page = client.get("/").text
    assert cookies(client) == {"huying_contrast": "more", "django_language": "en"}
    assert '<html lang="en" data-contrast="more"' in page


def test_the_page_is_in_chinese_of_the_mainland_unless_asked_otherwise(client: Client) -> None:
    assert '<html lang="zh-CN"' in client.get("/").text


@pytest.mark.parametrize("wanted", [{"print": "huge"}, {"contrast": "<b>"}, {"language": "tlh"}, {}])
def test_unknown_wishes_change_nothing(client: Client, wanted: dict[str, str]) -> None:
    answer = client.post("/ui/mode", wanted)

    assert answer.status_code == 303
    assert cookies(client) == {}


@pytest.mark.parametrize(
    "asked", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "\\\\elsewhere"]
)
def test_it_never_leads_to_another_site(client: Client, asked: str) -> None:
    assert client.post("/ui/mode", {"print": "large", "next": asked})["Location"] == "/"


def test_it_leads_back_to_the_page_with_its_parameters(client: Client) -> None:
    assert client.post("/ui/mode", {"print": "large", "next": "/board/?q=a&p=2"})["Location"] == "/board/?q=a&p=2"


def test_a_spoilt_cookie_counts_as_normal(client: Client) -> None:
    client.cookies["huying_print"] = '"><script>'

    page = client.get("/").text

    assert "data-print" not in page
    assert "<script>" not in page


def test_modes_are_changed_by_post_only(client: Client) -> None:
    assert client.get("/ui/mode").status_code == 405


def test_the_entry_to_large_print_stands_on_the_home_page(client: Client) -> None:
    page = client.get("/").text
    hero = page[page.index('class="hy-hero__tools"') : page.index("hy-hello")]

    assert 'name="print" value="large"' in hero
    assert "长辈版" in hero
    assert 'name="csrfmiddlewaretoken"' in hero

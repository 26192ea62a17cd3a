"""Tab bar and rail: drawn from declared entries, only what leads somewhere and only for those it is meant for."""

from __future__ import annotations

import re

import pytest
from django.template import RequestContext, Template
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch

from huying.ui import checks, navigation


def labels(page: str, part: str) -> list[str]:
    return re.findall(rf'class="{part}[^"]*".*?<span>([^<]+)</span>', page)


def test_residents_see_their_tabs_and_the_page_they_are_on(client: Client) -> None:
    page = client.get("/").text

    assert labels(page, "hy-tabbar__link") == ["首页", "求助", "活动", "我的"]
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == ["/"]
    assert "#house-fill" in page


def test_three_tabs_stay_in_large_print(client: Client) -> None:
    page = client.get("/").text

    assert page.count('class="hy-tabbar__item"') == 3
    assert page.count('class="hy-tabbar__item hy-print-hide"') == 1


def test_the_rail_shows_what_this_reader_may_use(client: Client) -> None:
    assert labels(client.get("/board/").text, "hy-rail__link") == []

    page = client.get("/board/?as=staff").text
    assert labels(page, "hy-rail__link") == ["派单台", "统计"] * 2  # rail and menu of narrow screens
    assert page.count("王敏") == 2  # rail and menu


def test_an_entry_covers_the_pages_under_it() -> None:
    entry = navigation.Entry("rail", "派单台", "board", under=("calls:detail",))

    assert entry.under == ("calls:detail",)


def test_every_entry_of_these_pages_leads_somewhere(own_pages: None) -> None:
    assert checks.navigation_leads_somewhere() == []


def test_an_entry_that_leads_nowhere_is_found_before_it_is_seen(own_pages: None) -> None:
    with override_settings(HUYING_NAVIGATION="huying.ui.tests.pages.ASTRAY"):
        assert [error.id for error in checks.navigation_leads_somewhere()] == ["ui.E001", "ui.E002", "ui.E003"]


def test_an_entry_that_leads_nowhere_cannot_be_drawn(client: Client) -> None:
    with override_settings(HUYING_NAVIGATION="huying.ui.tests.pages.ASTRAY"), pytest.raises(NoReverseMatch):
        client.get("/")


def test_what_the_rail_sets_while_it_is_drawn_is_gone_afterwards(rf: RequestFactory, own_pages: None) -> None:
    request = rf.get("/board/?as=staff")
    page = Template("{% load ui %}{% rail %}[{{ groups }}{{ group }}{{ link }}]")

    drawn = page.render(RequestContext(request, {"groups": "mine"}))

    assert "hy-rail__list" in drawn
    assert drawn.endswith("[mine]")


def test_the_rail_speaks_the_language_of_its_reader(client: Client) -> None:
    def groups(language: str) -> tuple[list[str], list[str]]:
        page = client.get("/board/?as=staff", headers={"Accept-Language": language}).text
        return labels(page, "hy-rail__link"), re.findall(r'id="live"[^>]*data-undo="([^"]+)"', page)

    chinese, english = groups("zh-hans"), groups("en")

    assert chinese[1] == ["撤回"] and english[1] not in ([], ["撤回"])
    assert groups("zh-hans") == chinese and groups("en") == english

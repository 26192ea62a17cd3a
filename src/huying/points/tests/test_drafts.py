"""The form of a rule book: no item is lost, however many there are; two who write at once do not mix their items."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.points import actions, queries
from huying.points.actions.items import MOST_ITEMS
from huying.points.forms.books import MORE, SPARE
from huying.points.tests.factories import ITEMS, World
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db


class Fields(HTMLParser):
    """Names and values of the fields of a page, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.choice = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "input" and facts.get("name"):
            self.found[str(facts["name"])] = facts.get("value") or ""
        elif tag == "select":
            self.choice = str(facts["name"])
        elif tag == "option" and (self.choice not in self.found or "selected" in facts):
            self.found[self.choice] = facts.get("value") or ""


@pytest.fixture
def staff(world: World, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(world.cast.keeper)


def many(count: int) -> list[dict[str, Any]]:
    return [{"code": f"deed-{n}", "name": f"好事第{n}样", "amount": n, "proof": "照片"} for n in range(1, count + 1)]


def drafted(world: World, items: list[dict[str, Any]]) -> None:
    actions.draft_edition(actor=world.keeper, book=world.book, draft=actions.Draft(items=items))


def form_of(html: str) -> dict[str, str]:
    """What the form of a draft sends when nothing is changed."""
    found = Fields(html).found
    return {
        name: value
        for name, value in found.items()
        if name == "digest" or name[-1].isdigit() or name.startswith("cap_")
    }


def opened(client: Client, world: World) -> tuple[str, dict[str, str]]:
    address = reverse("points:draft", args=[world.book.public_id])
    return address, form_of(client.get(address).content.decode())


def kept(world: World) -> dict[str, str]:
    """Names of the open draft by their codes."""
    edition = queries.open_edition(world.book)
    assert edition is not None
    return {one["code"]: one["name"] for one in edition.items}


@pytest.mark.parametrize("count", [37, MOST_ITEMS])
def test_pressing_save_keeps_every_item_of_a_long_draft(world: World, staff: Client, count: int) -> None:
    drafted(world, many(count))
    address, form = opened(staff, world)

    answer = sent(staff, address, **form)

    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert kept(world) == {f"deed-{n}": f"好事第{n}样" for n in range(1, count + 1)}


def test_a_row_that_was_emptied_moves_no_code_to_another(world: World, staff: Client) -> None:
    drafted(world, many(4))
    address, form = opened(staff, world)

    answer = sent(staff, address, **(form | {"name_1": "", "name_4": "新的一样", "amount_4": "3", "proof_4": "照片"}))

    assert answer.status_code == 303
    assert kept(world) == {"deed-1": "好事第1样", "deed-3": "好事第3样", "deed-4": "好事第4样", "item-1": "新的一样"}


def test_a_new_item_gets_no_code_that_an_older_edition_had(world: World, staff: Client) -> None:
    world.next_edition([{"code": "item-1", "name": "以前的一样", "amount": 2, "proof": "照片"}])
    drafted(world, many(1))
    address, form = opened(staff, world)

    sent(staff, address, **(form | {"name_1": "新的一样", "amount_1": "3", "proof_1": "照片"}))

    assert kept(world) == {"deed-1": "好事第1样", "item-2": "新的一样"}


def test_what_another_keeper_saved_meanwhile_is_shown_and_not_written_over(world: World, staff: Client) -> None:
    """Both began with what holds; the other one took the first item away, so that every row moved up by one."""
    address, form = opened(staff, world)
    drafted(world, ITEMS[1:])

    refused = sent(staff, address, **(form | {"name_2": "帮助邻里看病"}))

    html = refused.content.decode()
    assert refused.status_code == 422 and "草案又存过一稿" in html and "帮助邻里看病" in html
    assert "帮助邻里出行：10 分" in html and "捡拾公共地方的垃圾：4 分" not in html
    assert "service" not in kept(world) and kept(world)["bridge"] == "帮助邻里出行"
    assert sent(staff, address, **form_of(html)).status_code == 303
    assert kept(world) == {one["code"]: one["name"] for one in ITEMS} | {"bridge": "帮助邻里看病"}


def test_more_rows_keep_what_was_typed_and_save_nothing(world: World, staff: Client) -> None:
    address, form = opened(staff, world)

    wider = sent(staff, address, **(form | {"name_5": "还没写完的一样"}), more="1")

    after = form_of(wider.content.decode())
    assert wider.status_code == 200 and queries.open_edition(world.book) is None
    assert (after["name_5"], after["code_2"], after["digest"]) == ("还没写完的一样", "bridge", form["digest"])
    assert len([name for name in after if name.startswith("code_")]) == len(ITEMS) + SPARE + MORE


def test_a_new_book_has_an_english_name(world: World, staff: Client) -> None:
    office, place = browser(world.cast.office), world.cast.next_door
    facts = {"place": str(place.public_id), "name": "桂花社区积分办法", "name_en": "Guihua rule book"}
    row = {
        "name": "帮助邻里",
        "amount": "5",
        "measure": "time",
        "source": "claim",
        "proof": "照片",
        "confirmer": "keeper",
    }

    answer = sent(office, reverse("points:new"), **facts, **{f"{name}_0": value for name, value in row.items()})

    assert answer.status_code == 303
    assert [one.name_en for one in queries.my_books(world.office).filter(place=place)] == ["Guihua rule book"]

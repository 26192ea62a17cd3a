"""Places over REST: public, paged, found as on the pages; nothing private."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from huying.places import actions
from huying.places.models import Place
from huying.places.tests.factories import SYSTEM, place

NOBODY = "0199a000-0000-7000-8000-000000000000"
"""A well-shaped id that nothing has."""

pytestmark = pytest.mark.django_db


def get(path: str = "", **query: Any) -> Any:
    return Client().get(f"/api/v1/places{path}", query)


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["name"] for one in response.json()["places"]]


def test_a_visitor_reads_one_place_without_its_private_side() -> None:
    home = place("community", name="和平社区")
    station = place("station", home, name="和平站", address="桂花里1号", lon=120.05, lat=30.28)
    actions.add_contact(actor=SYSTEM, place=station, role="站长", name="王敏之", phone="13800000000")

    response = get(f"/{station.public_id}")

    assert response.json() == {
        "id": str(station.public_id),
        "name": "和平站",
        "name_en": "",
        "kind": "station",
        "parent": str(home.public_id),
        "code": "",
        "address": "桂花里1号",
        "lon": 120.05,
        "lat": 30.28,
        "flags": [],
        "status": "open",
    }


@pytest.mark.parametrize("words", ["和平", "heping", "hp", "和平 站"])
def test_a_visitor_finds_places_as_on_the_pages(words: str) -> None:
    home = place("community", name="东风社区")
    place("station", home, name="和平站")

    assert names(get(words=words)) == ["和平站"]


def test_a_search_stays_inside_the_place_it_is_asked_for() -> None:
    east, west = place("community", name="东社区"), place("community", name="西社区")
    for home in (east, west):
        place("station", home, name="小站")

    found = get(words="小站", within=str(east.public_id)).json()["places"]

    assert [one["parent"] for one in found] == [str(east.public_id)]


def test_without_a_question_the_tops_are_given() -> None:
    home = place("community")

    tops = names(get())

    assert tops == [Place.objects.get(path=f"/{home.path.split('/')[1]}/").name]


def test_children_come_page_by_page_open_ones_only() -> None:
    home = place("community")
    for n in range(27):
        place("grid", home, name=f"网格{n:02d}")
    closed = place("grid", home, name="旧网格")
    actions.close_place(actor=SYSTEM, place=closed, reason="合并到别处")

    first = get(f"/{home.public_id}/children")
    second = get(f"/{home.public_id}/children", cursor=first.json()["next"])

    assert names(first) + names(second) == [f"网格{n:02d}" for n in range(27)]
    assert (len(names(first)), second.json()["next"]) == (25, None)


def test_pages_cost_the_same_few_queries(django_assert_num_queries: Any) -> None:
    home = place("community")
    for n in range(3):
        place("grid", home, name=f"网格{n}")

    with django_assert_num_queries(2):
        get(f"/{home.public_id}/children")
    with django_assert_num_queries(1):
        get(words="网格")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (f"/{NOBODY}", {}, 404),
        ("/no-uuid", {}, 404),
        (f"/{NOBODY}/children", {}, 404),
        ("", {"within": "x"}, 422),
        ("", {"within": str(uuid4())}, 404),
        ("", {"words": "长" * 201}, 422),
        ("", {"words": "\x00"}, 422),
        ("", {"cursor": "forged"}, 422),
    ],
)
def test_a_hostile_question_is_refused_in_the_one_shape(path: str, query: dict[str, str], status: int) -> None:
    response = get(path, **query)

    assert response.status_code == status
    assert set(json.loads(response.content)["error"]) == {"code", "message", "fields"}


def test_places_cannot_be_written_here() -> None:
    response = Client().post("/api/v1/places", {}, headers={"Idempotency-Key": "12345678"})

    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")

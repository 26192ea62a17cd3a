"""Places over REST: public, paged, found as on the pages; nothing private."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from huying.kernel.actor import ANONYMOUS, Actor
from huying.places import actions
from huying.places.models import Place
from huying.places.tests.factories import SYSTEM, place
from huying.places.tests.standards import installed, keeper, officer

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


# ── standards ───────────────────────────────────────────────────────────────
def test_standards_are_read_with_their_items() -> None:
    site = place("station")
    standard = installed(code="ones", place=site.parent, items=2, name="两个一")

    (found,) = get("/standards").json()

    assert found == {
        "id": str(standard.public_id),
        "code": "ones",
        "version": 1,
        "place": str(site.parent.public_id),
        "name": "两个一",
        "name_en": "2 ones",
        "about": "",
        "about_en": "",
        "kinds": ["station"],
        "items": [
            {
                "number": n,
                "name": f"第{n}件",
                "name_en": f"Thing {n}",
                "proof": f"看得到{n}",
                "proof_en": "",
                "weight": n,
            }
            for n in (1, 2)
        ],
    }


def test_a_site_is_checked_verified_and_read_by_programs(as_actor: Any) -> None:
    site = place("station")
    standard = installed(code="ones", items=2)
    checks, by_site = f"/api/v1/places/{site.public_id}/checks", f"/api/v1/places/{site.public_id}/standards"
    answers = [{"number": 1, "answer": "yes", "note": "有牌子"}, {"number": 2, "answer": "no"}]

    def send(actor: Actor, address: str, body: dict[str, Any]) -> Any:
        return as_actor(actor).post(address, json.dumps(body), content_type="application/json")

    body = {"standard": str(standard.public_id), "answers": answers}
    assert send(keeper(site), checks, body | {"answers": answers[:1]}).json()["error"]["fields"].keys() == {"answer_2"}
    made = send(keeper(site), checks, body)
    assert (made.status_code, made.json()["state"], made.json()["met"]) == (201, "self_checked", 1)
    assert send(keeper(site), checks, body).json()["error"]["code"] == "check_waits"
    one = f"/api/v1/places/checks/{made.json()['id']}"
    assert send(keeper(site), f"{one}/verify", {}).status_code == 403
    assert send(officer(site), f"{one}/verify", {}).json()["holds"] is True
    assert send(officer(site), f"{one}/return", {"reason": "再看看"}).status_code == 409
    assert as_actor(keeper(site)).get(one).json()["state"] == "verified"
    assert as_actor(Actor(9)).get(one).status_code == 404

    (stands,) = as_actor(keeper(site)).get(by_site).json()
    assert (stands["standing"], stands["met"], stands["applies"], stands["check"]) == ("unmet", 1, 3, made.json()["id"])
    assert as_actor(ANONYMOUS).get(by_site).json() == []
    assert len(as_actor(keeper(site)).get(checks).json()["checks"]) == 1
    assert as_actor(Actor(9)).get(checks).status_code == 403
    again = send(keeper(site), checks, body | {"answers": [{**one, "answer": "yes"} for one in answers]}).json()
    sent_back = send(officer(site), f"/api/v1/places/checks/{again['id']}/return", {"reason": "第二件没有"})
    assert (sent_back.json()["state"], sent_back.json()["reason"]) == ("returned", "第二件没有")
    assert [one["standing"] for one in as_actor(keeper(site)).get(by_site).json()] == ["unmet"]

"""Papers for programs: what everybody may read, what a reader of the place may, where each number comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huying.cockpit.models import Report
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import Desk
from huying.cockpit.tests.test_papers import TO_SIGNED, published, stepped
from huying.cockpit.tests.test_reports import letterhead
from huying.volunteers.tests.factories import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(desk: Desk) -> Desk:
    for where, amount in ((desk.one, 120), (desk.two, 2), (desk.three, 90)):
        desk.count("calls_submitted", where, amount)
    letterhead(desk)
    return desk


def get(client: Client, path: str = "", status: int = 200, **asked: Any) -> Any:
    answer = client.get(f"/api/v1/papers{path}", asked)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_list_has_what_is_published_and_pages_on(filled: Desk) -> None:
    paper = published(filled)
    filled.draft(is_public=True)
    found = get(Client())
    assert found == {
        "papers": [
            {
                "id": str(paper.public_id),
                "title": "三月公开通报",
                "number": "青实发〔2026〕1号",
                "organ": "青禾区实践中心",
                "place": str(filled.county.public_id),
                "place_name": filled.county.name,
                "since": "2026-03-01",
                "until": "2026-04-01",
                "signed": "2026-04-02",
                "public": True,
                "state": "published",
            }
        ],
        "next": None,
    }
    assert get(Client(), within=filled.east.public_id)["papers"] == []
    assert get(Client(), year=2025)["papers"] == [] and len(get(Client(), year=2026)["papers"]) == 1
    assert set(get(Client(), "", 422, year=99)["error"]["fields"]) == {"year"}
    get(Client(), "", 422, cursor="wrong")
    get(Client(), "", 404, within="0195d6c0-0000-7000-8000-000000000000")


def test_a_paper_has_its_blocks_and_the_codes_of_its_numbers(filled: Desk) -> None:
    paper = published(filled)
    found = get(Client(), f"/{paper.public_id}")
    assert (found["title"], found["digest"], found["withdrawn"]) == ("三月公开通报", paper.digest, None)
    assert next(one["text"] for one in found["blocks"] if one["kind"] == "heading") == "一、总体情况"
    first = next(one for one in found["blocks"] if one["kind"] == "paragraph")
    piece = next(one for one in first["pieces"] if one["kind"] == "number")
    number = found["numbers"][piece["n"] - 1]
    assert (piece["text"], number["told"], number["metrics"]) == ("212件", "212件", ["calls_submitted"])
    assert number["stretches"] == [{"since": "2026-03-01", "until": "2026-04-01"}]
    opened = Client().get(f"/api/v1/figures/numbers/{number['codes'][0]}").json()
    assert opened["number"]["value"]["amount"] == 212
    table = next(one for one in found["blocks"] if one["kind"] == "table")
    cell = table["cells"][0]
    assert (cell["row"], cell["column"], cell["metric"]) == (0, 1, "calls_submitted")
    assert cell["place"] == str(filled.east.public_id) and table["rows"][0][0] == "东街"


def test_what_is_not_published_is_for_readers_of_the_place(filled: Desk) -> None:
    inside = stepped(filled, filled.draft(title="内部通报"), *TO_SIGNED, Verb.PUBLISH)
    draft = filled.draft(title="还在写的")
    for one in (inside, draft):
        get(Client(), f"/{one.public_id}", 401)
        get(browser(filled.outsider), f"/{one.public_id}", 404)
        assert get(browser(filled.reader), f"/{one.public_id}")["title"] == one.title
    told = get(browser(filled.reader), f"/{draft.public_id}")
    assert (told["digest"], told["number"], told["numbers"][0]["codes"]) == (None, None, [])


def test_of_one_taken_back_everybody_learns_only_that_and_why(filled: Desk) -> None:
    paper = stepped(filled, published(filled), Verb.WITHDRAW, reason="数据口径有误")
    found = get(Client(), f"/{paper.public_id}")
    assert (found["title"], found["blocks"], found["numbers"], found["digest"]) == ("", [], [], None)
    assert found["withdrawn"]["reason"] == "数据口径有误" and found["state"] == "withdrawn"
    whole = get(browser(filled.reader), f"/{paper.public_id}")
    assert whole["blocks"] and whole["withdrawn"]["reason"] == "数据口径有误"
    unpublished = stepped(filled, filled.draft(is_public=True), *TO_SIGNED, Verb.WITHDRAW, reason="错")
    get(Client(), f"/{unpublished.public_id}", 401)
    assert Report.objects.count() == 2

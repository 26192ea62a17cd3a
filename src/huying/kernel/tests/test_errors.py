"""Every failure has one shape for people and one for programs, says what to do, and gives nothing away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from huying.kernel import errors
from huying.kernel.tests import doors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("huying.kernel.tests.doors")]

EXPECTED = {
    "fact": (409, "seats_gone"),
    "invalid": (422, "invalid_input"),
    "missing": (404, "not_found"),
    "http404": (404, "not_found"),
    "denied": (403, "forbidden"),
    "forbidden": (403, "forbidden"),
    "sign-in": (401, "sign_in_needed"),
    "too-many": (429, "too_many"),
    "busy": (503, "busy"),
    "too-big": (413, "too_large"),
    "bug": (500, "internal_error"),
}


def get(path: str, **headers: str) -> HttpResponse:
    return Client(raise_request_exception=False).get(path, headers=headers)


def test_every_way_to_fail_stands_in_the_table() -> None:
    assert set(EXPECTED) == set(doors.RAISED)


@pytest.mark.parametrize("name", EXPECTED)
def test_programs_get_one_shape(name: str) -> None:
    response = get(f"/api/failing/{name}/")

    error = json.loads(response.content)["error"]
    assert response["Content-Type"] == "application/json"
    assert (response.status_code, error["code"]) == EXPECTED[name]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"sign-in"}))
def test_people_get_a_page_in_their_language(name: str) -> None:
    response = get(f"/failing/{name}/")

    assert (response.status_code, response["Content-Type"]) == (EXPECTED[name][0], "text/html; charset=utf-8")
    text = response.content.decode()
    assert str(errors.TITLES[response.status_code]) in text
    assert "<html" in text


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"sign-in"}))
def test_a_script_on_the_page_gets_a_fragment(name: str) -> None:
    response = get(f"/failing/{name}/", **{"HX-Request": "true"})

    assert response.status_code == EXPECTED[name][0]
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("path", ["/failing", "/api/failing"])
@pytest.mark.parametrize("name", ["http404", "denied", "busy", "too-big", "bug"])
def test_no_inner_detail_gets_out(path: str, name: str) -> None:
    assert "secret detail" not in get(f"{path}/{name}/").content.decode()


def test_a_fact_fills_its_sentence_and_names_the_field() -> None:
    response = get("/api/failing/fact/")
    invalid = get("/api/failing/invalid/")

    assert json.loads(response.content)["error"] == {"code": "seats_gone", "message": "只剩1个名额。", "fields": {}}
    assert json.loads(invalid.content)["error"]["fields"] == {"name": "请填写姓名"}


def test_somebody_not_signed_in_is_led_to_the_door_and_back() -> None:
    response = get("/failing/sign-in/?page=2")

    assert (response.status_code, response["Location"]) == (302, "/people/sign-in/?next=/failing/sign-in/%3Fpage%3D2")


def test_a_script_leads_the_whole_page_to_the_door() -> None:
    response = get("/failing/sign-in/", **{"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (204, "/people/sign-in/?next=/failing/sign-in/")


@pytest.mark.parametrize(("name", "seconds"), [("too-many", "90"), ("busy", "5")])
def test_who_has_to_wait_is_told_how_long(name: str, seconds: str) -> None:
    assert get(f"/failing/{name}/")["Retry-After"] == get(f"/api/failing/{name}/")["Retry-After"] == seconds


def test_an_unknown_address_is_told_in_both_shapes() -> None:
    assert get("/nowhere/").status_code == 404
    assert json.loads(get("/api/nowhere/").content)["error"]["code"] == "not_found"


def test_a_wrong_method_is_told_in_both_shapes() -> None:
    page, data = get("/only-post/"), get("/api/only-post/")

    assert (page.status_code, page["Allow"], str(errors.TITLES[405]) in page.content.decode()) == (405, "POST", True)
    assert (data.status_code, data["Allow"], json.loads(data.content)["error"]["code"]) == (
        405,
        "POST",
        "method_not_allowed",
    )


def test_a_statement_that_takes_too_long_says_busy() -> None:
    assert get("/sleepy/").status_code == 503


class BrokenDoor:
    """Stands for any middleware that meets trouble before a view is reached."""

    error: Exception

    def __init__(self, get_response: Any) -> None:
        pass

    def __call__(self, request: Any) -> HttpResponse:
        raise self.error


@pytest.mark.parametrize("name", ["fact", "busy", "sign-in", "bug"])
def test_trouble_in_a_middleware_has_the_same_shape(name: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BrokenDoor, "error", doors.RAISED[name](), raising=False)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.BrokenDoor"]

    response = get("/api/failing/fact/")

    assert (response.status_code, json.loads(response.content)["error"]["code"]) == EXPECTED[name]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept": "application/json"}])
def test_a_database_that_is_away_says_busy(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    from django.db import OperationalError

    def away(*args: Any) -> None:
        raise OperationalError("connection refused: secret detail")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    response = client.get("/failing/fact/", headers=headers)

    text = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert str(errors.Busy.message) in (json.loads(text)["error"]["message"] if "Accept" in headers else text)
    assert "secret detail" not in text


def test_a_refused_form_key_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/write/", {"what": "x"}, headers={"Idempotency-Key": "12345678"})

    assert response.status_code == 403
    assert "刷新" in response.content.decode()


def test_after_an_error_the_connection_is_usable() -> None:
    get("/sleepy/")

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)

"""A write with a key happens once and answers the same each time (security 1.1): every form and endpoint."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import resolve

from huying.kernel.actor import Actor
from huying.kernel.idempotency import IdempotencyMiddleware, Ticket, take
from huying.kernel.models import JobEffect, StoredAnswer
from huying.kernel.tests import doors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("huying.kernel.tests.doors")]
KEY = "0190f0de-0000-7000-8000-000000000001"
JSON = {"HTTP_ACCEPT": "application/json"}
ANNA, BEN = Actor(person_id=1), Actor(person_id=2)


@pytest.fixture(autouse=True)
def nothing_in_the_middle() -> Iterator[None]:
    yield
    doors.in_the_middle.clear()


def send(
    path: str, data: Any = None, *, key: str = KEY, actor: Actor = ANNA, method: str = "post", **more: Any
) -> HttpResponse:
    """One request of ``actor`` through the idempotency middleware alone."""
    headers = {"HTTP_IDEMPOTENCY_KEY": key, **JSON} if key else JSON
    request = getattr(RequestFactory(), method)(path, {"what": "a"} if data is None else data, **headers, **more)
    request.actor = actor

    def view(inner: Any) -> HttpResponse:
        match = resolve(inner.path_info)
        return match.func(inner, *match.args, **match.kwargs)

    return IdempotencyMiddleware(view)(request)


def marks() -> list[str]:
    return sorted(JobEffect.objects.values_list("key", flat=True))


def told(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["error"]["code"]


def test_the_same_key_and_body_gives_the_same_place_to_go_on_and_one_effect() -> None:
    first, second = send("/write/"), send("/write/")

    assert (first.status_code, first["Location"]) == (303, "/there/a-1/")
    assert (second.status_code, second["Location"]) == (303, "/there/a-1/")
    assert [r.headers.get("Idempotency-Replayed") for r in (first, second)] == [None, "true"]
    assert marks() == ["a-1"]


def test_the_same_key_and_body_gives_the_same_json() -> None:
    body = json.dumps({"name": "陈桂英", "emoji": "🌾"})
    first, second = (send("/json/", body, content_type="application/json") for _ in range(2))

    assert (second.status_code, second.content, second["Content-Type"]) == (
        first.status_code,
        first.content,
        first["Content-Type"],
    )
    assert (first.status_code, marks()) == (201, ["x-1"])


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/write/", "data": {"what": "b"}},
        {"path": "/write/", "data": {"what": ["a", "a"]}},
        {"path": "/write/", "data": {"what": "a", "more": "1"}},
        {"path": "/write/?page=2"},
        {"path": "/json/"},
        {"path": "/write/", "method": "put"},
        {"path": "/write/", "actor": Actor(person_id=1, on_behalf_of_id=7)},
    ],
    ids=["value", "twice", "field", "query", "address", "method", "for somebody"],
)
def test_the_same_key_with_anything_else_is_a_conflict(other: dict[str, Any]) -> None:
    send("/write/")

    assert told(send(**{"path": "/write/", **other})) == (409, "idempotency_key_reused")
    assert marks() == ["a-1"]


def test_the_csrf_token_is_no_part_of_the_body() -> None:
    send("/write/", {"what": "a", "csrfmiddlewaretoken": "one"})

    assert send("/write/", {"what": "a", "csrfmiddlewaretoken": "two"}).headers["Idempotency-Replayed"] == "true"


def test_the_key_may_come_as_a_hidden_field() -> None:
    form = {"what": "a", "idempotency_key": KEY}
    first, second = send("/write/", form, key=""), send("/write/", form, key="")

    assert (first["Location"], second["Location"], marks()) == ("/there/a-1/", "/there/a-1/", ["a-1"])


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with space in it", "drop';--table", "键键键键键键键键"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_write_without_a_proper_key_is_refused_and_nothing_happens(key: str, method: str) -> None:
    form = "idempotency_key=" + key
    response = send("/write/", form, key="", method=method, content_type="application/x-www-form-urlencoded")

    assert told(response) == (400, "idempotency_key_missing")
    assert (marks(), StoredAnswer.objects.count()) == ([], 0)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_reading_needs_no_key(method: str) -> None:
    assert send("/free/", key="", method=method).status_code == 200


def test_an_exempt_address_needs_no_key_and_keeps_no_answer() -> None:
    assert send("/free/", key="").status_code == send("/free/", key="").status_code == 200
    assert (marks(), StoredAnswer.objects.count()) == (["a-1", "a-2"], 0)


@pytest.mark.parametrize("path", ["/refuse/", "/raise-fact/"])
def test_an_answer_of_refusal_leaves_nothing_and_frees_the_key(path: str) -> None:
    assert send(path).status_code in {409, 422}
    assert (marks(), StoredAnswer.objects.count()) == ([], 0)

    assert send("/write/")["Location"] == "/there/a-1/"


def test_a_bug_leaves_nothing_and_frees_the_key() -> None:
    with pytest.raises(ValueError, match="a bug"):
        send("/raise-bug/")

    assert (marks(), StoredAnswer.objects.count()) == ([], 0)
    assert send("/write/")["Location"] == "/there/a-1/"


def photo(content: bytes, name: str = "hand.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def test_uploads_belong_to_the_body_and_the_view_can_still_read_them() -> None:
    first = send("/upload/", {"photo": photo(b"one" * 9)})
    again = send("/upload/", {"photo": photo(b"one" * 9)})
    other = send("/upload/", {"photo": photo(b"two" * 9)})
    renamed = send("/upload/", {"photo": photo(b"one" * 9, "foot.jpg")})

    assert json.loads(first.content) == {"made": "x-1", "bytes": 27}
    assert again.content == first.content
    assert [told(other), told(renamed)] == [(409, "idempotency_key_reused")] * 2


def test_an_upload_larger_than_memory_is_hashed_and_stored_once(settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000

    first, again = (send("/upload/", {"photo": photo(b"x" * 200_000)}) for _ in range(2))

    assert json.loads(first.content) == json.loads(again.content) == {"made": "x-1", "bytes": 200_000}


def test_a_large_answer_is_not_kept_but_the_write_still_happens_once() -> None:
    first, again = send("/large/"), send("/large/")

    assert (first.status_code, again.status_code, again.content, marks()) == (200, 200, b"", ["a-1"])


def test_a_kept_answer_cannot_be_read_in_the_database() -> None:
    send("/json/", '{"phone": "13800000000"}', content_type="application/json")

    stored = StoredAnswer.objects.get()
    assert b"13800000000" not in bytes(stored.body)
    assert len(bytes(stored.body)) > 11


def test_a_kept_answer_whose_seal_is_broken_still_keeps_the_write_single() -> None:
    send("/json/", "{}", content_type="application/json")
    StoredAnswer.objects.update(body=b"\x01" * 60)

    again = send("/json/", "{}", content_type="application/json")

    assert (again.status_code, again.content, marks()) == (201, b"", ["x-1"])


def test_one_persons_answer_never_reaches_another() -> None:
    first, other = send("/write/", actor=ANNA), send("/write/", actor=BEN)

    assert (first["Location"], other["Location"]) == ("/there/a-1/", "/there/a-2/")
    assert "Idempotency-Replayed" not in other.headers


def test_two_visitors_without_a_name_do_not_share_keys_either() -> None:
    answers = []
    for secret in ("s" * 32, "t" * 32, "s" * 32):
        visitor = Client(**JSON)
        visitor.cookies["csrftoken"] = secret
        answers.append(visitor.post("/json/", "{}", content_type="application/json", HTTP_IDEMPOTENCY_KEY=KEY))

    assert [r.headers.get("Idempotency-Replayed") for r in answers] == [None, None, "true"]
    assert answers[2].content == answers[0].content != answers[1].content


def test_a_visitor_without_cookies_is_given_a_session_to_tell_him_by() -> None:
    visitor = Client(**JSON)

    first, again = (
        visitor.post("/json/", "{}", content_type="application/json", HTTP_IDEMPOTENCY_KEY=KEY) for _ in range(2)
    )

    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


def test_a_form_that_cannot_be_read_is_told_so() -> None:
    broken = {"data": b"--x\r\nContent-Disposition: form-data; name", "content_type": "multipart/form-data; boundary="}

    response = Client(raise_request_exception=False, **JSON).post("/write/", HTTP_IDEMPOTENCY_KEY=KEY, **broken)

    assert (response.status_code, marks()) == (400, [])


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_text_that_is_too_large_is_told_so_and_nothing_happens() -> None:
    response = Client(raise_request_exception=False, **JSON).post(
        "/write/", {"what": "长" * 5000}, HTTP_IDEMPOTENCY_KEY=KEY
    )

    assert (told(response), marks()) == ((413, "too_large"), [])


# ── two real connections ────────────────────────────────────────────────────


def at_once(count: int, work: Any) -> list[Any]:
    """``work(n)`` in ``count`` threads with a connection each; results in order, exceptions as values."""
    results: list[Any] = [None] * count

    def run(n: int) -> None:
        try:
            results[n] = work(n)
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def wait_until_somebody_waits() -> None:
    """Return as soon as another connection of this database waits for a lock; the race has then really happened."""
    with connection.cursor() as cursor:
        for _ in range(400):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("nobody waited")


def race(path: str) -> list[Any]:
    """Two requests with one key; the first waits in its middle until the second waits for it."""
    inside = threading.Event()

    def middle() -> None:
        if not inside.is_set():
            inside.set()
            wait_until_somebody_waits()

    doors.in_the_middle.append(middle)

    def one(n: int) -> HttpResponse:
        if n:
            inside.wait(10)
        return send(path)

    return at_once(2, one)


@pytest.mark.usefixtures("committed_db")
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_with_one_key_have_one_effect_and_one_answer() -> None:
    first, second = race("/write/")

    assert [r["Location"] for r in (first, second)] == ["/there/a-1/"] * 2
    assert [r.headers.get("Idempotency-Replayed") for r in (first, second)] == [None, "true"]
    assert marks() == ["a-1"]


@pytest.mark.usefixtures("committed_db")
@pytest.mark.django_db(transaction=True)
def test_when_the_first_of_two_fails_the_second_makes_the_effect() -> None:
    inside = threading.Event()

    def middle() -> None:
        if not inside.is_set():
            inside.set()
            wait_until_somebody_waits()
            raise ValueError("the first one fails")

    doors.in_the_middle.append(middle)

    def one(n: int) -> HttpResponse:
        if n:
            inside.wait(10)
        return send("/write/")

    first, second = at_once(2, one)

    assert isinstance(first, ValueError)
    assert (second["Location"], second.headers.get("Idempotency-Replayed"), marks()) == ("/there/a-1/", None, ["a-1"])


@pytest.mark.usefixtures("committed_db")
@pytest.mark.django_db(transaction=True)
def test_negative_control_without_the_key_the_race_writes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the two tests above prove nothing: the race would not happen at all."""
    monkeypatch.setattr("huying.kernel.idempotency.take", lambda ticket: True)
    both = threading.Barrier(2, timeout=10)
    doors.in_the_middle.append(both.wait)
    names = iter(["p", "q"])
    lock = threading.Lock()

    def one(n: int) -> HttpResponse:
        with lock:
            name = next(names)
        return send("/write/", {"what": name})

    answers = at_once(2, one)

    assert sorted(r["Location"] for r in answers) == ["/there/p-1/", "/there/q-1/"]
    assert marks() == ["p-1", "q-1"]


@pytest.mark.usefixtures("committed_db")
@pytest.mark.django_db(transaction=True)
def test_waiting_too_long_for_the_other_request_says_busy_not_broken() -> None:
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        holding.set()
        done.wait(10)

    doors.in_the_middle.append(hold)

    def one(n: int) -> HttpResponse:
        visitor = Client(raise_request_exception=False, **JSON, HTTP_COOKIE="csrftoken=" + "s" * 32)
        if n == 0:
            return visitor.post("/write/", HTTP_IDEMPOTENCY_KEY=KEY)
        holding.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
        try:
            return visitor.post("/write/", HTTP_IDEMPOTENCY_KEY=KEY)
        finally:
            done.set()

    first, second = at_once(2, one)

    assert (first.status_code, told(second), second["Retry-After"]) == (303, (503, "busy"), "5")
    assert marks() == ["x-1"]


def test_taking_a_key_twice_in_one_transaction_tells_so() -> None:
    tickets = [Ticket("person:1", KEY, b"x"), Ticket("person:1", KEY, b"x"), Ticket("person:2", KEY, b"x")]

    assert [take(one) for one in tickets] == [True, False, True]

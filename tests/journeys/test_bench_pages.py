"""The parts of ``./huying bench pages``: its clients count what comes, its naive pages answer and ask more than ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import Cast
from huying.config.management.commands import bench_pages
from huying.config.management.pages import load, naive
from huying.config.management.pages.asked import Page, cookie
from huying.kernel import clock

CONNECTIONS, PAGES = 4, 40


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Cookie"]))
        time.sleep(0.02 if self.path == "/slow/" else 0)
        body = b"x" * 1234
        self.send_response(404 if self.path == "/missing/" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    seen: list[tuple[str, str]] = []
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Seeing", (Answers,), {"seen": seen}))
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(port=made.server_address[1], seen=seen)
    made.shutdown()
    made.server_close()
    thread.join(10)


def test_so_many_pages_are_asked_for_and_no_more(server: SimpleNamespace) -> None:
    found = load.closed(server.port, "/a/", "b=c", connections=CONNECTIONS, pages=PAGES, seconds=30)

    assert (len(found.taken), found.bad, found.bytes) == (PAGES, 0, 1234)
    assert server.seen == [("/a/", "b=c")] * PAGES
    told = found.figures()
    assert 0 < told["p50_ms"] <= told["p99_ms"] and told["per_s"] > 0


def test_pages_that_do_not_come_are_counted(server: SimpleNamespace) -> None:
    missing = load.closed(server.port, "/missing/", "", connections=2, pages=6, seconds=30)
    nobody = load.closed(load.free_port(), "/", "", connections=2, pages=6, seconds=30)

    assert (missing.bad, len(missing.taken)) == (6, 6)
    assert (nobody.bad, nobody.taken, nobody.figures()["p99_ms"]) == (6, [], None)


def test_the_clients_end_when_their_time_is_over(server: SimpleNamespace) -> None:
    began = time.monotonic()

    found = load.closed(server.port, "/slow/", "", connections=2, pages=1_000_000, seconds=0.3)

    assert time.monotonic() - began < 10 and 0 < len(found.taken) < 200


def test_at_a_rate_waiting_counts_from_when_a_page_was_due(server: SimpleNamespace) -> None:
    calm = load.at_rate(server.port, "/a/", "", connections=2, rate=20, seconds=0.5)
    late = load.at_rate(server.port, "/slow/", "", connections=1, rate=200, seconds=0.3)

    assert len(calm.taken) == 10 and calm.seconds >= 0.4
    assert max(late.taken) > 5 * min(late.taken) > 0


@pytest.mark.django_db
def test_naive_pages_stand_on_the_same_server_and_ask_a_question_for_each_row(cast: Cast, settings: Any) -> None:
    settings.ROOT_URLCONF = "huying.config.management.pages.naive"
    client = browser(cast.keeper)
    for _n in range(12):
        cast.call()
    answers = {name: client.get(f"/naive/{name}/") for name in naive.VIEWS}
    with CaptureQueriesContext(connection) as bare:
        client.get("/naive/list/")
    with CaptureQueriesContext(connection) as ours:
        listed = client.get("/desk/list/")

    assert {name: one.status_code for name, one in answers.items()} == dict.fromkeys(naive.VIEWS, 200)
    assert answers["list"].content.count(b"<tr>") == listed.content.count(b'<tr role="row">') - 1 == 12
    assert len(bare) > 36 > 12 >= len(ours)


@pytest.mark.django_db
def test_what_a_page_promises_is_looked_at(cast: Cast) -> None:
    client = browser(cast.keeper)

    measured, wrong = bench_pages.looked_at(Page("list", "", "/desk/list/", listed=True), client)
    _nothing, refused = bench_pages.looked_at(Page("none", "", "/desk/nothing/"), client)
    crowded = bench_pages.too_much("board (list)", {"queries": 13, "bytes_gz": 61 * 1024})

    assert wrong == [] and 0 < measured["queries"] <= 12 and 0 < measured["bytes_gz"] < 60 * 1024
    assert refused == ["none answers 404"]
    assert len(crowded) == 2
    assert cookie(client).startswith("sessionid=") and cookie(Client()) == "a=b"


def test_it_is_refused_on_a_database_that_is_not_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUYING_BENCH", raising=False)

    with pytest.raises(CommandError, match="bench pages"):
        call_command("bench_pages")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    from huying.calls.tests.factories import START

    with clock.frozen(START):
        yield Cast()

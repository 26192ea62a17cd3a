"""How fast the desk is with a hundred thousand open calls: board, lists, a page far back, beside the naive page.

The naive page is what one writes first: the whole count, OFFSET, a default template, and a question for each row that it
forgot to join. It runs bare, without session, roles and middleware, which ours go through; so the ratios are to our
disadvantage.
"""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls import actions, queries
from huying.calls.models import Call
from huying.calls.queries.listing import ORDERS, Wanted
from huying.calls.states import COLUMNS, State
from huying.config.demo import bulk, calls, people, places
from huying.kernel import paging
from huying.kernel.actor import Actor
from huying.kernel.supervise.web import LOOKED_THROUGH
from huying.people.models import Account, Role

PAGE = 50
MOST_QUERIES, MOST_BYTES, GOAL_MS, GOAL_RATE = 12, 60 * 1024, 150, 50
NAIVE_LIST = Template(
    "<html><body><p>{{ page.paginator.count }}</p><table>{% for one in page %}<tr><td>{{ one.number }}</td>"
    "<td>{{ one.kind.name }} {{ one.title }}</td><td>{{ one.requester.name }}</td><td>{{ one.place.name }}</td>"
    "<td>{{ one.get_state_display }}</td><td>{{ one.stage_due_at }}</td><td>{% for offer in one.offers.all %}"
    "{{ offer.volunteer }}{{ offer.team }}{% endfor %}</td></tr>{% endfor %}</table></body></html>"
)
NAIVE_BOARD = Template(
    "<html><body>{% for name, count, cards in columns %}<h2>{{ name }} {{ count }}</h2>{% for one in cards %}<div>"
    "{{ one.kind.name }} {{ one.title }} {{ one.requester.name }} {{ one.place.name }} {{ one.stage_due_at }}"
    "{% for offer in one.offers.all %}{{ offer.volunteer }}{{ offer.team }}{% endfor %}</div>{% endfor %}{% endfor %}"
    "</body></html>"
)


class Command(BaseCommand):
    help = "Measure board and lists (started by ./huying bench board, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--calls", type=int, default=100_000)
        parser.add_argument("--rounds", type=int, default=200, help="of each page, one after the other")
        parser.add_argument("--seconds", type=int, default=10, help="of pages asked for at a fixed rate")
        parser.add_argument("--rate", type=int, default=GOAL_RATE, help="pages a second")
        parser.add_argument(
            "--steps", type=float, default=1, help="that calls take a second meanwhile: none may be missed"
        )
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with made-up calls: measure with ./huying bench board.")
        settings.ALLOWED_HOSTS = ["testserver"]
        began = time.monotonic()
        fill(url, options["calls"], options["seed"])
        gc.set_threshold(*LOOKED_THROUGH)  # as in the processes that serve these pages; the naive ones gain as much
        figures: dict[str, Any] = {"filling_s": round(time.monotonic() - began, 1)}
        wrong: list[str] = []
        for name, ask in pages().items():
            measured = page_figures(ask, options["rounds"])
            figures |= {f"{name}_{key}": value for key, value in measured.items()}
            wrong += too_much(name, measured)
        for name in ("board", "list"):
            with stepping(options["steps"]):
                rate = at_a_rate(pages()[name], options["rate"], options["seconds"])
            figures |= {f"{name}_at_{options['rate']}_{key}": value for key, value in rate.items()}
        for name, bare in naive().items():
            figures |= {
                f"naive_{name}_{key}": value for key, value in bare_figures(bare, min(options["rounds"], 30)).items()
            }
        for ours in ("board", "list", "list_far"):
            figures[f"naive_to_{ours}"] = round(figures[f"naive_{ours}_p50_ms"] / figures[f"{ours}_p50_ms"], 1)
        wrong += miscounted()
        sizes = {name: options[name] for name in ("calls", "rounds", "seconds", "rate", "steps", "seed")}
        versions = {"django": django.__version__, "psycopg": psycopg.__version__}
        told = {"versions": versions, "sizes": {**sizes, "page": PAGE}, "figures": figures, "wrong": wrong}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if wrong:
            raise CommandError("; ".join(wrong))


def fill(owner_url: str, count: int, seed: int) -> None:
    """The demonstration's district with ``count`` open calls; statistics are fresh (only the owner may make them)."""
    call_command("make_keys", verbosity=0, stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(set_config(name, '0', false)) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
    with transaction.atomic():
        known = people.load(places.load())
        calls.load_menu()
        calls.load_helpers(known["helpers"])
    bulk.fill(count, 2000, seed, bulk.ONLY_OPEN)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET statement_timeout = 0")
        owner.execute("VACUUM ANALYZE")


LIMITS = ["transaction_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]


def desk(username: str) -> tuple[Client, Actor]:
    """A browser in which somebody of the demonstration is signed in, and what he is."""
    account = Account.objects.get(username=username)
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(account)
    roles = Role.objects.filter(person=account.person).values_list("kind", "place__path")
    return client, Actor(person_id=account.person_id, roles=tuple(sorted(roles)))


def pages() -> dict[str, Callable[[], Any]]:
    """What the desk asks for: the whole county's dispatcher, and the keeper of one station."""
    client, actor = desk("dispatcher")
    keeper, _actor = desk("station")
    middle = queries.listed(actor, Wanted()).order_by("-id")[Call.objects.count() // 2 : Call.objects.count() // 2 + 1]
    rows = queries.listed(actor, Wanted()).filter(pk__lte=middle[0].pk)
    far = paging.page(rows, ORDERS["newest"], None, PAGE).next or ""
    etag = client.get("/desk/columns/").headers["ETag"]
    return {
        "board": lambda: client.get("/desk/"),
        "columns": lambda: client.get("/desk/columns/"),
        "unchanged": lambda: client.get("/desk/columns/", headers={"if-none-match": etag}),
        "list": lambda: client.get("/desk/list/?state=open"),
        "list_due": lambda: client.get("/desk/list/?state=open&sort=due"),
        "list_far": lambda: client.get("/desk/list/", {"cursor": far}),
        "list_late": lambda: client.get("/desk/list/?only=late&sort=due"),
        "station_board": lambda: keeper.get("/desk/"),
        "station_list": lambda: keeper.get("/desk/list/"),
    }


def page_figures(ask: Callable[[], Any], rounds: int) -> dict[str, Any]:
    """Median and 99th percentile in milliseconds of one page after the other, its questions and its bytes as sent."""
    ask()
    with CaptureQueriesContext(connection) as log:
        answer = ask()
    questions = len(log)  # now: the next page clears the log
    body = b"".join(answer) if answer.streaming else answer.content
    sent = body if answer.headers.get("Content-Encoding") == "gzip" or not body else gzip.compress(body)
    taken = [timed(ask) for _ in range(rounds)]
    return {**spread(taken), "queries": questions, "bytes_gz": len(sent)}


def spread(taken: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p99_ms": round(sorted(taken)[min(len(taken) - 1, int(0.99 * len(taken)))], 1),
    }


def timed(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def at_a_rate(ask: Callable[[], Any], rate: int, seconds: int) -> dict[str, Any]:
    """Asked for at a fixed rate in one process, waiting included: a page that comes late makes the next ones late."""
    begins, taken = time.perf_counter(), list[float]()
    for n in range(rate * seconds):
        due = begins + n / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        ask()
        taken.append(1000 * (time.perf_counter() - due))
    found = spread(taken)
    return {**found, "goal_met": found["p99_ms"] <= GOAL_MS}


@contextmanager
def stepping(rate: float) -> Iterator[None]:
    """Calls are taken up meanwhile, so many a second: each step makes what is kept of the board worthless."""
    _client, actor = desk("dispatcher")
    waiting = iter(list(queries.desk_calls(actor).filter(state=State.SUBMITTED).order_by("id")[:1000]))
    over = threading.Event()

    def work() -> None:
        while not over.wait(1 / rate):
            actions.review(actor=actor, call=next(waiting))
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    if rate:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if rate:
            thread.join()


def naive() -> dict[str, Callable[[], Any]]:
    """The pages as one writes them first."""

    def listing(number: int) -> Callable[[], Any]:
        rows = Call.objects.order_by("-id")
        return lambda: NAIVE_LIST.render(Context({"page": Paginator(rows.all(), PAGE).page(number)}))

    def board() -> Any:
        columns = []
        for code, (name, _tone, states) in COLUMNS.items():
            rows = Call.objects.filter(state__in=states).order_by("stage_due_at")
            columns.append((name or code, rows.count(), rows[:20]))
        return NAIVE_BOARD.render(Context({"columns": columns}))

    return {"board": board, "list": listing(1), "list_far": listing(Call.objects.count() // PAGE // 2)}


def bare_figures(ask: Callable[[], Any], rounds: int) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as asked:
        body = ask()
    with quiet():
        taken = [timed(ask) for _ in range(rounds)]
    return {**spread(taken), "queries": len(asked), "bytes_gz": len(gzip.compress(body.encode()))}


@contextmanager
def quiet() -> Iterator[None]:
    """Without the log of queries that a debugging server keeps."""
    before, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = before


def too_much(name: str, measured: dict[str, Any]) -> list[str]:
    """What breaks a promise that does not hang on the machine: questions and bytes."""
    found = []
    if measured["queries"] > MOST_QUERIES and "list" in name:
        found.append(f"{name} asks {measured['queries']} questions")
    if measured["bytes_gz"] > MOST_BYTES:
        found.append(f"{name} weighs {measured['bytes_gz']} bytes")
    return found


def miscounted() -> list[str]:
    """Every open call stands in one column, and what is due first is shown first."""
    _client, actor = desk("dispatcher")
    columns = queries.board(actor)
    found = []
    for column in columns:
        states = COLUMNS[column.code][2]
        rows = queries.desk_calls(actor).filter(state__in=states, stage_due_at__isnull=False)
        first = list(rows.order_by("stage_due_at", "id").values_list("pk", flat=True)[:20])
        if [card.call.pk for card in column.cards][: len(first)] != first:
            found.append(f"{column.code} does not begin with what is due first")
        if column.total != queries.desk_calls(actor).filter(state__in=states).count():
            found.append(f"{column.code} counts wrongly")
    return found

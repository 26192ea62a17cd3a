"""How fast the list of places is at a million: first page, a page far back, and names found by two letters."""

from __future__ import annotations

import json
import os
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

from huying.kernel import paging, search
from huying.kernel.actor import Actor
from huying.places import actions, queries
from huying.places.models import Place, PlaceKind

BENCH = Actor.system("places.bench")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = ("桂花", "文昌", "和平", "东风", "新华", "龙泉", "清河", "石桥", "柳荫", "长安", "永宁", "安定")
RARE = "驿舰"
SIZE = 50


class Command(BaseCommand):
    help = "Measure the list of places (started by ./huying bench paging, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--places", type=int, default=1_000_000)
        parser.add_argument("--rounds", type=int, default=30, help="of each question; the middle one counts")

    def handle(self, *args: Any, places: int, rounds: int, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or not os.environ.get("HUYING_BENCH"):
            raise CommandError("This fills the database with a million places: run ./huying bench paging")
        began = time.monotonic()
        fill(url, places)
        figures: dict[str, float | int] = {"filling_s": round(time.monotonic() - began, 1)}
        wrong = []
        for name, ask in questions().items():
            plan = plan_of(ask)
            if reads_all(plan):
                wrong.append(f"{name}: {plan}")
            figures[f"{name}_ms"] = median_ms(ask, rounds)
        told = {"sizes": {"places": Place.objects.count(), "rounds": rounds, "page": SIZE}, "figures": figures}
        self.stdout.write(json.dumps(told | {"wrong": wrong}, ensure_ascii=False))
        if wrong:
            raise CommandError("a plan reads the whole table")


def fill(owner_url: str, count: int) -> None:
    """``count`` open stations under one community, copied from one made by the real action; statistics are fresh.

    As the owner, for only he may ANALYZE. One of the names holds ``RARE``, the others are 360 names and a number.
    """
    if not PlaceKind.objects.exists():
        actions.install_first_rows()
    home, facts = None, actions.Facts
    for kind in ("county", "street", "community"):
        home = actions.create_place(actor=BENCH, parent=home, kind=kind, facts=facts(name=f"量{kind}"))
    model = actions.create_place(actor=BENCH, parent=home, kind="station", facts=facts(name=f"{RARE}站"))
    names = [f"{one}家{other}" for one in SURNAMES for other in GIVEN]
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET statement_timeout = 0")
        for first in range(0, count, 100_000):
            owner.execute(copying(), copied(names, model, first, min(count, first + 100_000)))
        owner.execute("VACUUM ANALYZE places_place")


def copying() -> sql.Composed:
    """One statement that copies the model row: own number, name, path, order and pieces for each copy."""
    own = {
        "id": "n.id",
        "public_id": "gen_random_uuid()",
        "name": "n.name",
        "path": "%(above)s || n.id || '/'",
        "sort_key": "n.name",
        "search_text": "n.text",
        "search_terms": "n.terms",
    }
    columns = [str(field.column) for field in Place._meta.local_concrete_fields]
    given = [sql.SQL(own[one]) if one in own else sql.Identifier("m", one) for one in columns]
    return sql.SQL(
        "WITH n AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('places_place', 'id')) AS id,"
        " b.names[1 + i %% b.many] || i AS name, b.texts[1 + i %% b.many] AS text,"
        " string_to_array(b.terms[1 + i %% b.many], ' ') AS terms"
        " FROM generate_series(%(first)s::int, %(last)s::int - 1) AS i,"
        " (SELECT %(names)s::text[] AS names, %(texts)s::text[] AS texts, %(terms)s::text[] AS terms,"
        " cardinality(%(names)s::text[]) AS many) AS b)"
        " INSERT INTO places_place ({columns}) SELECT {given} FROM n, places_place m WHERE m.id = %(model)s"
    ).format(columns=sql.SQL(", ").join(map(sql.Identifier, columns)), given=sql.SQL(", ").join(given))


def copied(names: list[str], model: Place, first: int, last: int) -> dict[str, Any]:
    texts = [search.search_text(name) for name in names]
    terms = [" ".join(search.pieces(text)) for text in texts]
    above = model.path.removesuffix(f"{model.pk}/")
    facts = {"names": names, "texts": texts, "terms": terms, "above": above, "model": model.pk}
    return {**facts, "first": first, "last": last}


def questions() -> dict[str, Callable[[], Any]]:
    """What the list page asks; ``far`` is a page in the middle of all of them."""
    order = ("sort_key", "id")
    middle = queries.listed()[Place.objects.count() // 2]
    far = paging.page(queries.listed().filter(sort_key__gte=middle.sort_key), order, size=SIZE).next
    if far is None:
        raise CommandError("too few places for a page far back")

    def page(words: str = "", cursor: str | None = None) -> Callable[[], Any]:
        return lambda: paging.page(queries.listed(words=words), order, cursor, SIZE).rows

    return {
        "first_page": page(),
        "far_page": page(cursor=far),
        "two_letters_common": page("桂花"),
        "two_letters_rare": page(RARE),
        "initials": page("gh"),
    }


def plan_of(ask: Callable[[], Any]) -> str:
    """The plan of the first statement of ``ask``, as PostgreSQL really ran it."""
    seen: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((statement, params))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(listen):
        ask()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {seen[0][0]}", seen[0][1])
        return "\n".join(row[0] for row in cursor.fetchall())


def reads_all(plan: str) -> bool:
    """True when a plan reads the table of places from one end to the other."""
    return re.search(r"Seq Scan on places_place\b", plan) is not None


def median_ms(ask: Callable[[], Any], rounds: int) -> float:
    """Milliseconds of the middle one of ``rounds`` runs, the first of which does not count."""
    ask()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 2)

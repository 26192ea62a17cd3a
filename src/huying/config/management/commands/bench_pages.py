"""How fast the main pages are through real HTTP, the district loaded, beside the naive page on the same server."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.config.demo import bulk
from huying.config.management.commands.bench_board import LIMITS, too_much
from huying.config.management.pages import load, naive
from huying.config.management.pages.asked import Page, browser, cookie, pages

GOAL_MS, GOAL_RATE = 150, 50
AT_RATE = ("board", "list", "list_due", "activities", "places_list", "persons", "trail")
"""Pages that are also asked for at a fixed rate."""


class Command(BaseCommand):
    help = "Measure the main pages through HTTP (started by ./huying bench pages, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--calls", type=int, default=42_000, help="on top of the demonstration")
        parser.add_argument("--volunteers", type=int, default=10_000)
        parser.add_argument("--like", default="", help="instead: a whole jurisdiction, as demo --like has it")
        parser.add_argument("--scale", type=float, default=0.1, help="of it")
        parser.add_argument("--connections", type=int, default=32)
        parser.add_argument("--pages", type=int, default=320, help="of each kind")
        parser.add_argument("--seconds", type=float, default=10, help="at most, for each kind, and at the fixed rate")
        parser.add_argument("--rate", type=int, default=GOAL_RATE, help="pages a second for each core")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        owner = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not owner or os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with made-up rows: measure with ./huying bench pages.")
        settings.ALLOWED_HOSTS = ["testserver"]
        began = time.monotonic()
        loaded(owner, options)
        figures: dict[str, Any] = {"filling_s": round(time.monotonic() - began, 1)}
        shown, wrong = pages(), list[str]()
        clients = {who: browser(who) for who in {page.who for page in shown}}
        for page in shown:
            once, bad = looked_at(page, clients[page.who])
            figures |= {f"{page.name}_{key}": value for key, value in once.items()}
            wrong += bad
        connection.close()
        with TemporaryDirectory(prefix="huying-pages-") as folder:
            asked, bad = through_http(shown, {who: cookie(one) for who, one in clients.items()}, Path(folder), options)
        wrong += bad
        sizes = {name: options[name] for name in SIZES}
        versions = {"django": django.__version__, "psycopg": psycopg.__version__}
        told = {"versions": versions, "sizes": sizes, "figures": figures | asked, "wrong": wrong}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if wrong:
            raise CommandError("; ".join(wrong))


SIZES = ("calls", "volunteers", "like", "scale", "connections", "pages", "seconds", "rate", "seed")


def loaded(owner_url: str, options: dict[str, Any]) -> None:
    """What the pages show: the demonstration with many calls on top, or a whole jurisdiction; statistics are fresh."""
    quiet: dict[str, Any] = {"verbosity": 0, "stdout": io.StringIO()}
    call_command("make_keys", **quiet)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(set_config(name, '0', false)) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
    if options["like"]:
        call_command("demo", f"--like={options['like']}", f"--scale={options['scale']}", **quiet)
    else:
        call_command("demo", **quiet)
        bulk.fill(options["calls"], options["volunteers"], options["seed"])
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET statement_timeout = 0")
        owner.execute("VACUUM ANALYZE")


def looked_at(page: Page, client: Client) -> tuple[dict[str, Any], list[str]]:
    """Questions and bytes of one page, and what is wrong with it: these hang on no machine."""
    client.get(page.path)
    with CaptureQueriesContext(connection) as log:
        answer = client.get(page.path)
    questions = len(log)
    body = b"".join(answer) if answer.streaming else answer.content
    sent = body if answer.headers.get("Content-Encoding") == "gzip" or not body else gzip.compress(body)
    measured = {"queries": questions, "bytes_gz": len(sent)}
    wrong = too_much(f"{page.name} (list)" if page.listed else page.name, measured)
    if answer.status_code != 200:
        wrong.append(f"{page.name} answers {answer.status_code}")
    return measured, wrong


def through_http(
    shown: list[Page], cookies: dict[str, str], folder: Path, options: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Each page over so many connections, some beside the naive one on the same server, some at a fixed rate."""
    figures: dict[str, Any] = {}
    unknown = {*AT_RATE, *naive.VIEWS} - {page.name for page in shown}
    wrong = [f"there is no page {name}" for name in sorted(unknown)]
    sizes = {"connections": options["connections"], "pages": options["pages"], "seconds": options["seconds"]}
    with load.served(load.OURS, folder) as port:
        for page in shown:
            load.closed(port, page.path, cookies[page.who], **{**sizes, "pages": options["connections"]})  # warms up
            found = load.closed(port, page.path, cookies[page.who], **sizes)
            figures |= {f"{page.name}_{key}": value for key, value in found.figures().items()}
            if found.bad:
                wrong.append(f"{page.name}: {found.bad} pages did not come")
        rate = options["rate"] * load.cores()
        fixed = {"connections": options["connections"], "rate": rate, "seconds": options["seconds"]}
        for page in (one for one in shown if one.name in AT_RATE):
            spread = load.at_rate(port, page.path, cookies[page.who], **fixed).figures()
            figures[f"{page.name}_at_{rate}_p99_ms"] = spread["p99_ms"]
            figures[f"{page.name}_at_{rate}_goal_met"] = spread["p99_ms"] is not None and spread["p99_ms"] <= GOAL_MS
    with load.served(load.OTHER, folder) as port:
        for page in (one for one in shown if one.name in naive.VIEWS):
            query = page.path.partition("?")[2]
            bare, both = f"/naive/{page.name}/?{query}", dict[str, float]()
            for name, path in (("ours", page.path), ("naive", bare)):
                load.closed(port, path, cookies[page.who], **{**sizes, "pages": options["connections"]})
                found = load.closed(port, path, cookies[page.who], **sizes)
                both[name] = found.figures()["per_s"]
                if found.bad:
                    wrong.append(f"{path}: {found.bad} pages did not come")
            figures[f"naive_{page.name}_per_s"] = both["naive"]
            figures[f"ours_to_naive_{page.name}"] = round(both["ours"] / both["naive"], 1) if both["naive"] else None
    return figures, wrong

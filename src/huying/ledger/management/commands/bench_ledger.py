"""How fast the ledger is: one by one, in batches, and on one hot account, beside a bare INSERT in the same run."""

from __future__ import annotations

import json
import os
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django
import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from huying.kernel import chance
from huying.kernel.actor import Actor
from huying.kernel.cli.bench import peer
from huying.kernel.cli.together import together
from huying.kernel.trouble import Trouble
from huying.ledger import actions
from huying.ledger.actions import Entry
from huying.ledger.models import Account, Transfer
from huying.ledger.queries.verifying import Tally, findings

SYSTEM, CLERK = Actor.system("ledger.bench"), Actor(person_id=1)
RICH = 10**9
BESIDE = (
    *(("one_by_one", other) for other in ("hordak_checked", "hordak_keyed", "django_ledger")),
    *(("batch", other) for other in ("hordak_checked", "hordak_keyed", "django_ledger")),
    ("hot_account", "hordak_hot"),
    *(("one_by_one_at_once", f"{other}_at_once") for other in ("hordak_checked", "hordak_keyed", "django_ledger")),
)
"""Our figures and those of others, whose ratio is told. hordak_keyed is the one with the same guarantees: the giver never
below his floor, and a transfer asked for twice made once. At once: each transfer alone in its transaction, of as many
processes as ``--clients`` says, as the workers of a running platform make them."""
BARE = "INSERT INTO kernel_jobeffect (key, at) VALUES (%s, now())"


class Command(BaseCommand):
    help = "Measure the ledger (started by ./huying bench ledger, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--accounts", type=int, default=10_000)
        parser.add_argument("--single", type=int, default=1000, help="transfers one by one, each round")
        parser.add_argument("--batch", type=int, default=1000, help="entries of one batch")
        parser.add_argument("--batches", type=int, default=10, help="batches, each round")
        parser.add_argument("--clients", type=int, default=4, help="processes that post at once")
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument(
            "--history",
            type=int,
            default=50_000,
            help="entries of the hot account before anything is timed, here and beside: a month of a district's hours",
        )
        parser.add_argument(
            "--entries",
            type=int,
            default=100,
            help="of every other account before, here and beside: two years, one a week",
        )
        parser.add_argument("--without-peer", action="store_true", help="leave out the packages of others")
        parser.add_argument("--seed", type=int, default=20260302)

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("What is posted stays for ever: measure with ./huying bench ledger.")
        self.chance, self.count = random.Random(options["seed"]), 0  # noqa: S311 - a course that can be repeated
        if not options["without_peer"]:
            beside(
                rounds=1, single=2, batch=2, clients=2
            )  # a peer that does not run is told at once, and its tables are made
        self.accounts = opened(options["accounts"])
        self.live_through(options["accounts"] * options["entries"] // 2, self.entry)  # of two accounts each
        self.live_through(options["history"], lambda: self.entry_from(self.accounts[0]))
        rounds = [self.round(options) for _ in range(options["rounds"])]
        figures: dict[str, Any] = {name: round(statistics.median(one[name] for one in rounds), 3) for name in rounds[0]}
        figures["one_by_one_to_bare_insert"] = round(figures["one_by_one_per_s"] / figures["bare_insert_per_s"], 3)
        figures["batch_to_bare_batch"] = round(figures["batch_per_s"] / figures["bare_batch_per_s"], 3)
        figures["batch_to_one_by_one"] = round(figures["batch_per_s"] / figures["one_by_one_per_s"], 2)
        for own, other in BESIDE:
            if f"{other}_per_s" in figures:
                ratios = [one[f"{own}_per_s"] / one[f"{other}_per_s"] for one in rounds]
                figures[f"{own}_to_{other}"] = round(statistics.median(ratios), 1)
        figures.update(self.sealed_and_verified())
        wrong = [str(one) for one in findings()]
        versions = {"django": django.__version__, "psycopg": psycopg.__version__, "postgresql": server_version()}
        sizes = {
            name: options[name]
            for name in ("accounts", "single", "batch", "batches", "clients", "rounds", "history", "entries", "seed")
        }
        posted = Transfer.objects.count()
        told = {"versions": versions, "sizes": {**sizes, "posted": posted}, "figures": figures, "findings": wrong}
        self.stdout.write(json.dumps(told))
        if wrong:
            raise CommandError("The ledger does not add up.")

    def live_through(self, count: int, made: Callable[[], Entry]) -> None:
        """What the accounts have behind them when the clock begins to run."""
        for begin in range(0, count, 1000):
            actions.post(actor=CLERK, entries=[made() for _ in range(min(1000, count - begin))])

    def entry(self, giver: int | None = None) -> Entry:
        one, other = self.chance.sample(self.accounts, 2)
        self.count += 1
        amount = self.chance.randint(1, 60)
        return Entry(debit=giver or one, credit=other, amount=amount, key=f"bench-{self.count}", evidence="bench:1")

    def round(self, options: dict[str, Any]) -> dict[str, float]:
        """One round of everything, so that whatever else the machine does disturbs all of it alike."""
        single, size = options["single"], options["batch"]
        bare = timed([bare_insert] * single)
        ones = timed([posting(self.entry()) for _ in range(single)])
        hot = self.accounts[0]
        hot_ones = timed([posting(self.entry_from(hot)) for _ in range(single)])
        crowd = self.crowd(single)
        at_once = together(options["clients"], single, self.posts_apart)
        bare_batches = timed([lambda: bare_batch(size)] * options["batches"])
        batches = timed([batching([self.entry() for _ in range(size)]) for _ in range(options["batches"])])
        hot_batches = timed([batching([self.entry_from(hot) for _ in range(size)]) for _ in range(options["batches"])])
        sizes = {
            "single": max(single // 3, 1),
            "batch": size,
            **{k: options[k] for k in ("history", "entries", "clients")},
        }
        beside_now = {} if options["without_peer"] else beside(rounds=1, **sizes)
        return {
            **shown("bare_insert", bare, 1),
            **shown("one_by_one", ones, 1),
            "one_by_one_at_once_per_s": at_once,
            **shown("hot_account", hot_ones, 1),
            "hot_account_4_connections_per_s": crowd,
            **shown("bare_batch", bare_batches, size),
            **shown("batch", batches, size),
            **shown("hot_batch", hot_batches, size),
            **beside_now,
        }

    def posts_apart(self, n: int) -> Callable[[], object]:
        """What one of the processes does again and again; keys and accounts of its own drawing."""
        self.chance, turn = random.Random(chance.token()), chance.token()  # noqa: S311 - which accounts, nothing secret
        return lambda: actions.transfer(actor=CLERK, entry=replace(self.entry(), key=f"bench-{turn}-{self.count}"))

    def entry_from(self, hot: int) -> Entry:
        while True:
            made = self.entry(hot)
            if made.credit != hot:
                return made

    def crowd(self, single: int) -> float:
        """Transfers a second when four connections draw on one account."""
        shares = [[self.entry_from(self.accounts[0]) for _ in range(single // 4)] for _ in range(4)]

        def work(share: list[Entry]) -> None:
            for entry in share:
                actions.transfer(actor=CLERK, entry=entry)
            connection.close()

        threads = [threading.Thread(target=work, args=(share,)) for share in shares]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (single // 4) * 4 / (time.perf_counter() - begun)

    def sealed_and_verified(self) -> dict[str, float]:
        begun = time.perf_counter()
        seals = actions.seal(actor=SYSTEM)
        between, tally = time.perf_counter(), Tally()
        list(findings(tally))
        ended = time.perf_counter()
        count = sum(one.count for one in seals)
        return {
            "sealed_rows_per_s": round(count / (between - begun)),
            "verified_rows_per_s": round(tally.transfers / (ended - between)),
        }


def beside(**sizes: int) -> dict[str, float]:
    """A round of the packages of others; CommandError when one fails."""
    try:
        return peer("ledger", **sizes)
    except Trouble as trouble:
        raise CommandError(str(trouble)) from None


def opened(count: int) -> list[int]:
    """Keys of so many accounts, each with more than enough."""
    issuer = actions.open_account(
        actor=SYSTEM, asset="points", owner_type="ledger", owner_id=0, purpose="issue", floor=None
    )
    for begin in range(0, count, 500):  # no transaction outlives its minute
        with transaction.atomic():
            for n in range(begin, min(begin + 500, count)):
                actions.open_account(actor=SYSTEM, asset="points", owner_type="bench.Owner", owner_id=n)
    keys = list(Account.objects.filter(owner_type="bench.Owner").order_by("id").values_list("pk", flat=True))
    for begin in range(0, count, 2000):
        actions.post(actor=SYSTEM, entries=[first(issuer.pk, key) for key in keys[begin : begin + 2000]])
    return keys


def first(issuer: int, key: int) -> Entry:
    return Entry(
        debit=issuer, credit=key, amount=RICH, key=f"first-{key}", evidence="bench:0", made_by=1, approved_by=2
    )


def posting(entry: Entry) -> Callable[[], object]:
    return lambda: actions.transfer(actor=CLERK, entry=entry)


def batching(entries: list[Entry]) -> Callable[[], object]:
    return lambda: actions.post(actor=CLERK, entries=entries)


def bare_insert() -> None:
    """One row with one unique key in a transaction of its own: the least that anything durable costs here."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE, [chance.token()])


def bare_batch(size: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_jobeffect (key, at) SELECT k, now() FROM unnest(%s::text[]) k",
            [[chance.token() for _ in range(size)]],
        )


def timed(works: list[Callable[[], object]]) -> list[float]:
    """Seconds of each."""
    seconds = []
    for work in works:
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return seconds


def shown(name: str, seconds: list[float], size: int) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"{name}_per_s": size * len(seconds) / sum(seconds),
        f"{name}_p50_ms": 1000 * ordered[len(ordered) // 2],
        f"{name}_p99_ms": 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
    }


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])

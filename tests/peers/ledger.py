"""django-hordak and django-ledger doing what ``bench ledger`` measures, on the same server in the same run.

``python tests/peers/ledger.py --single 500 --batch 1000 --rounds 5`` with HUYING_PEER_URL prints the figures as JSON.
django-hordak: its own transfer (which checks no balance); the same with a row lock and a look at the balance first; with a
key as well, so that a transfer asked for twice is made once (what ours guarantee); the checked one with one giver who has
as long a history as our hot account; and rows written in bulk (no checks at all). django-ledger by ``commit_txs``, posted,
which verifies the journal entry, but checks no balance of an account either. At once: by several processes, each of which
draws accounts of its own. All accounts have lived through as many entries as ours have.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.conf import settings

from huying.kernel.cli.together import together


def configure() -> None:
    url = urlsplit(os.environ["HUYING_PEER_URL"])
    options = dict(parse_qsl(url.query))
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username,
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.get("host") or url.hostname or "",
        "PORT": options.get("port") or str(url.port or ""),
        "CONN_MAX_AGE": None,
    }
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.messages",
            "mptt",
            "djmoney",
            "hordak",
            "django_ledger",
        ],
        DJANGO_LEDGER_USE_DEPRECATED_BEHAVIOR=False,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DATABASES={"default": database},
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=["CNY"],
        HORDAK_CURRENCIES=["CNY"],
        USE_TZ=True,
        SECRET_KEY="peer",  # a throw-away database
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def journal(accounts: int) -> Callable[[random.Random], None]:
    """An entity of django-ledger with so many accounts; each call posts one journal entry between two of them."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone
    from django_ledger.models import EntityModel, LedgerModel

    ledger = LedgerModel.objects.first()
    if ledger is None:
        user = get_user_model().objects.create_user("peer")
        entity = EntityModel.create_entity(name="peer", use_accrual_method=True, admin=user, fy_start_month=1)
        chart = entity.create_chart_of_accounts(assign_as_default=True, commit=True, coa_name="peer")
        for n in range(accounts):
            facts = {"code": str(1010 + n), "name": f"a{n}", "role": "asset_ca_cash", "balance_type": "debit"}
            entity.create_account(coa_model=chart, active=True, **facts)
        ledger = entity.create_ledger(name="peer", posted=True)
    opened = list(ledger.entity.default_coa.accountmodel_set.filter(code__gte="1010", code__lt=str(1010 + accounts)))

    def post(chance: random.Random) -> None:
        sides = zip(chance.sample(opened, 2), ("credit", "debit"), strict=True)
        legs = [{"account": one, "amount": 1, "tx_type": side, "description": "peer"} for one, side in sides]
        ledger.commit_txs(je_timestamp=timezone.now(), je_txs=legs, je_posted=True)

    return post


def measure(
    single: int, batch: int, rounds: int, accounts: int, history: int, entries: int, clients: int, seed: int
) -> dict[str, float]:
    from django.core.management import call_command
    from django.db import connection, transaction
    from hordak.models import Account, AccountType, Leg, Transaction
    from moneyed import Money

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS peer_key (key text PRIMARY KEY)")
    post = journal(min(accounts, 50))
    chance = random.Random(seed)
    opened = list(Account.objects.order_by("pk")) or [
        Account.objects.create(name=f"a{n}", code=str(n), type=AccountType.liability, currencies=["CNY"])
        for n in range(accounts)
    ]
    one = Money(1, "CNY")

    def plain() -> None:
        giver, taker = chance.sample(opened, 2)
        giver.transfer_to(taker, one)

    def guarded() -> None:
        giver, taker = chance.sample(opened, 2)
        with transaction.atomic():
            list(Account.objects.select_for_update().filter(pk__in=(giver.pk, taker.pk)).order_by("pk"))
            giver.get_balance()
            giver.transfer_to(taker, one)

    def keyed() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO peer_key (key) VALUES (%s)", [str(uuid.uuid4())])
            guarded()

    def hot() -> None:
        with transaction.atomic():
            taker = chance.choice(opened[1:])
            list(Account.objects.select_for_update().filter(pk__in=(opened[0].pk, taker.pk)).order_by("pk"))
            opened[0].get_balance()
            opened[0].transfer_to(taker, one)

    def bulk() -> None:
        rows_of(lambda: chance.sample(opened, 2))

    def hot_bulk() -> None:
        rows_of(lambda: [opened[0], chance.choice(opened[1:])])

    def rows_of(sides: Callable[[], list[Account]]) -> None:
        with transaction.atomic():
            made = Transaction.objects.bulk_create([Transaction() for _ in range(batch)])
            legs = []
            for row in made:
                giver, taker = sides()
                legs += [
                    Leg(transaction=row, account=giver, credit=one),
                    Leg(transaction=row, account=taker, debit=one),
                ]
            Leg.objects.bulk_create(legs)

    def entered() -> None:
        post(chance)

    def per_second(work: object, times: int, size: int = 1) -> float:
        begun = time.perf_counter()
        for _ in range(times):
            work()  # type: ignore[operator]
        return times * size / (time.perf_counter() - begun)

    def at_once(work: Callable[[], object], times: int) -> float:
        def ready(n: int) -> Callable[[], object]:
            chance.seed(f"{seed} {n} {time.time()}")
            return work

        return together(clients, times, ready)

    while opened[0].legs.count() < history:
        hot_bulk()
    while Leg.objects.count() < 2 * history + accounts * entries:
        bulk()
    measured: dict[str, Callable[[], float]] = {
        "hordak_per_s": lambda: per_second(plain, single),
        "hordak_checked_per_s": lambda: per_second(guarded, single),
        "hordak_keyed_per_s": lambda: per_second(keyed, single),
        "hordak_hot_per_s": lambda: per_second(hot, max(single // 3, 1)),
        "hordak_bulk_per_s": lambda: per_second(bulk, 2, batch),
        "hordak_hot_bulk_per_s": lambda: per_second(hot_bulk, 2, batch),
        "django_ledger_per_s": lambda: per_second(entered, max(single // 3, 1)),
        "hordak_checked_at_once_per_s": lambda: at_once(guarded, max(single // 3, 1)),
        "hordak_keyed_at_once_per_s": lambda: at_once(keyed, max(single // 3, 1)),
        "django_ledger_at_once_per_s": lambda: at_once(entered, max(single // 10, 1)),
    }
    found: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, once in measured.items():
            found[name].append(once())
    return {name: round(statistics.median(values), 1) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    sizes = {
        "single": 300,
        "batch": 1000,
        "rounds": 5,
        "accounts": 200,
        "history": 0,
        "entries": 0,
        "clients": 4,
        "seed": 20260302,
    }
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options, _rest = parser.parse_known_args()
    configure()
    json.dump(measure(**vars(options)), sys.stdout)


if __name__ == "__main__":
    main()

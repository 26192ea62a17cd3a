"""Tablets that were without network hand in what they saw, twice, mixed up and at once: nobody is counted twice."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any
from uuid import UUID

import django
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.activities import actions
from huying.activities.management import door
from huying.activities.management.rush import crowd
from huying.activities.models import Session, Shift, SignUp
from huying.activities.states import SignUpState
from huying.kernel import chance, clock

SMALL = {"people": 300, "scans": 1500, "batch": 50}
SHOWN = 50


class Command(BaseCommand):
    help = "Measure check-in without network (started by ./huying bench checkin, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--people", type=int, default=20_000)
        parser.add_argument("--scans", type=int, default=100_000)
        parser.add_argument("--tablets", type=int, default=4)
        parser.add_argument("--batch", type=int, default=500)
        parser.add_argument("--seed", type=int, default=20260302)
        parser.add_argument("--small", action="store_true", help="a few seconds, to see that it works")

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with a crowd: measure with ./huying bench checkin.")
        names = ("people", "scans", "tablets", "batch", "seed")
        sizes = {name: options[name] for name in names} | (SMALL if options["small"] else {})
        session, tickets = signed_up(sizes["people"])
        luck = random.Random(sizes["seed"])  # noqa: S311 - a course that can be repeated
        model = door.Model(frozenset(one for one, state in tickets.items() if state != SignUpState.CANCELLED))
        shown = luck.sample(sorted(tickets), len(tickets) * 9 // 10) + [chance.uuid7() for _ in range(10)]
        begins = clock.now().replace(microsecond=0) - 3 * crowd.DAY / 24
        sent = door.seen_by_tablets(luck, shown, sizes["scans"], sizes["tablets"], sizes["batch"], begins)
        for batches in sent:
            for batch in batches:
                model.take(batch)
        figures, arrived = handed_in(session, sent)
        wrong = door.violations(session, model, arrived)
        figures |= {"came": len(model.first), "counted": arrived, "violations": len(wrong)}
        told = {"versions": {"django": django.__version__}, "sizes": sizes, "figures": figures}
        self.stdout.write(json.dumps(told | {"violations": wrong[:SHOWN]}, ensure_ascii=False))
        if wrong:
            raise CommandError("Somebody was counted twice, or not at all.")


def signed_up(people: int) -> tuple[Session, dict[UUID, str]]:
    """A session with so many sign-ups: of twenty one waits and one was taken back; public ids with their states."""
    here = crowd.home()
    shift, now = crowd.opened(here, people, "量门口"), clock.now()
    rows = []
    for n, person in enumerate(crowd.residents(here, people)):
        state = {3: SignUpState.WAITING, 7: SignUpState.CANCELLED}.get(n % 20, SignUpState.SIGNED)
        rows.append(SignUp(session=shift.session, shift=shift, person=person, state=state, at=now, changed_at=now))
    SignUp.objects.bulk_create(rows, batch_size=1000)
    taken = sum(one.state == SignUpState.SIGNED for one in rows)
    waiting = sum(one.state == SignUpState.WAITING for one in rows)
    Shift.objects.filter(pk=shift.pk).update(taken=taken, capacity=taken, waiting=waiting)
    return shift.session, {one.public_id: one.state for one in rows}


def handed_in(session: Session, sent: list[list[door.Batch]]) -> tuple[dict[str, float], int]:
    """All tablets at once, each batch after the other; figures, and how many arrivals the answers spoke of."""
    seconds: list[float] = []
    arrived: list[int] = []
    troubles: list[str] = []

    def tablet(batches: list[door.Batch]) -> None:
        try:
            for batch in batches:
                begun = time.perf_counter()
                arrived.append(actions.take_scans(actor=crowd.BENCH, session=session, scans=batch).arrived)
                seconds.append(time.perf_counter() - begun)
        except Exception as error:
            troubles.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=tablet, args=(batches,)) for batches in sent]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - begun
    if troubles:
        raise CommandError(f"A tablet was refused: {troubles[0]}")
    scans, ordered = sum(len(batch) for batches in sent for batch in batches), sorted(seconds)
    return {
        "scans_handed_in": scans,
        "batches": len(ordered),
        "scans_per_s": round(scans / whole, 1),
        "batch_p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "batch_p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
    }, sum(arrived)

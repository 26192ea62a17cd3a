"""A rush at a few places, through real HTTP, while the server is killed: fair to everybody, and how fast."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.activities.actions import pressing
from huying.activities.management.rush import clients, crowd, judging, servers, ways
from huying.activities.management.rush.clients import Answer
from huying.activities.management.rush.crowd import Press
from huying.activities.models import Shift, SignUp
from huying.activities.states import HOLDING
from huying.kernel.actor import Actor
from huying.places.models import Place

PROCESSES, SHOWN = 2, 50
KILLED = ("web process", "jobs", "web server")
SMALL = {"people": 300, "places": 40, "kills": 3, "rounds": 1, "each": 60, "connections": 16}
OURS = "ours"
WAYS = (OURS, "row_lock", "no_lock", "nothing")
BATCH = 256


class Command(BaseCommand):
    help = "Measure a rush at an activity (started by ./huying bench rush, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--people", type=int, default=10_000)
        parser.add_argument("--places", type=int, default=500)
        parser.add_argument("--kills", type=int, default=9, help="web process, jobs and web server in turn")
        parser.add_argument("--connections", type=int, default=64)
        parser.add_argument("--rounds", type=int, default=5, help="of comparison with other ways of signing up")
        parser.add_argument("--each", type=int, default=400, help="people of each way in each round")
        parser.add_argument("--small", action="store_true", help="a few seconds, to see that it works")

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with a crowd: measure with ./huying bench rush.")
        sizes = {name: options[name] for name in SMALL} | (SMALL if options["small"] else {})
        with TemporaryDirectory(prefix="huying-rush-") as folder:
            here = crowd.home()
            figures, wrong = rush(here, Path(folder), sizes)
            if sizes["rounds"]:
                compared, strange = comparison(here, Path(folder), sizes)
                figures |= compared | at_the_database(here, sizes)
                wrong += strange
        told = {"versions": versions(), "sizes": sizes, "figures": figures | {"violations": len(wrong)}}
        self.stdout.write(json.dumps(told | {"violations": wrong[:SHOWN]}, ensure_ascii=False))
        if wrong:
            raise CommandError("The rush was not fair.")


def rush(here: Place, folder: Path, sizes: dict[str, int]) -> tuple[dict[str, Any], list[str]]:
    """The whole crowd at one activity while processes of the server are killed; figures and violations."""
    shift, presses = crowd.opened(here, sizes["places"], "挤一挤"), crowd.gathered(here, sizes["people"])
    with servers.running(folder, jobs=True) as server:
        killing = Killing(server, shift, len(presses), sizes["kills"])
        answers = pressed(server.port, crowd.button(shift), presses, sizes["connections"], killing.look)
        alive = server.answers()
    wrong = judging.violations(shift, [one.person for one in presses], answers)
    if not alive:
        wrong.append("the server did not come back after the last kill")
    if killing.done < sizes["kills"]:
        wrong.append(f"only {killing.done} of {sizes['kills']} kills: nothing was proved")
    held = SignUp.objects.filter(shift=shift, state__in=HOLDING).count()
    figures = {
        **shown("rush", answers),
        "rush_max_ms": round(1000 * max(one.answered - one.sent for one in answers)),
        "places_given": held,
        "waiting": shift.waiting,
        **{f"kills_{name.replace(' ', '_')}": count for name, count in server.kills.items()},
        "repeats": sum(one.repeats for one in answers),
        "answered_from_store": sum(one.replayed for one in answers),
        "refused_connections": sum(one.refused for one in answers),
        "errors_5xx": sum(one.broken for one in answers),
    }
    return figures, wrong


class Killing:
    """Kills when so many people stand in the list, spread evenly over the rush, and lets the supervisor look."""

    def __init__(self, server: servers.Servers, shift: Shift, people: int, kills: int) -> None:
        self.server, self.shift, self.people, self.kills, self.done = server, shift, people, kills, 0

    def look(self) -> None:
        self.server.supervisor.look()
        if self.done == self.kills:
            return
        taken, waiting = Shift.objects.values_list("taken", "waiting").get(pk=self.shift.pk)
        if taken + waiting >= self.people * (self.done + 0.5) / self.kills and self.server.kill(
            KILLED[self.done % len(KILLED)]
        ):
            self.done += 1


def comparison(here: Place, folder: Path, sizes: dict[str, int]) -> tuple[dict[str, Any], list[str]]:
    """The same small rush in our way, behind a lock of the activity, and without any lock, in turns; nobody is killed.

    Each has a server of its own, warm, and is asked in every round, so that whatever else the machine does disturbs all
    alike.
    """
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    oversold, wrong = 0, []
    with ExitStack() as stack:
        ports = {way: stack.enter_context(servers.running(folder, way=way)).port for way in WAYS}
        for port in ports.values():
            one_rush(here, port, sizes)
        for _turn in range(sizes["rounds"]):
            for way, port in ports.items():
                shift, presses, answers = one_rush(here, port, sizes)
                rounds[way].append(shown(way, answers))
                if way == OURS:
                    wrong += judging.violations(shift, [one.person for one in presses], answers)
                held = SignUp.objects.filter(shift=shift, state__in=HOLDING).count()
                oversold += held - shift.capacity if way == "no_lock" else 0
    if not oversold:
        wrong.append("without a lock nothing was sold twice: this rush proves nothing")
    figures: dict[str, Any] = {}
    for way in WAYS:
        figures |= {name: round(statistics.median(one[name] for one in rounds[way]), 1) for name in rounds[way][0]}
    figures["ours_to_row_lock"] = round(figures["ours_per_s"] / figures["row_lock_per_s"], 2)
    figures["ours_to_nothing"] = round(figures["ours_per_s"] / figures["nothing_per_s"], 2)
    return figures | {"no_lock_oversold": oversold}, wrong


def at_the_database(here: Place, sizes: dict[str, int]) -> dict[str, float]:
    """The same without HTTP, over one connection, in turns: batches as a long line gives them, and one by one behind a
    lock of the activity. Sign-ups a second.
    """
    seconds: dict[str, list[float]] = {"batch": [], "single": []}
    for _turn in range(sizes["rounds"]):
        for way, taken in seconds.items():
            shift = crowd.opened(here, max(sizes["each"] // 4, 1), "比一比")
            presses = [
                pressing.at_the_button(Actor(person_id=one.pk), shift, one)
                for one in crowd.residents(here, sizes["each"])
            ]
            begun = time.perf_counter()
            if way == "batch":
                for start in range(0, len(presses), BATCH):
                    pressing.sign_up_each(presses[start : start + BATCH])
            else:
                for one in presses:
                    ways.sign_up(one.actor, shift, locking=True)
            taken.append(time.perf_counter() - begun)
    rates = {f"database_{way}_per_s": round(sizes["each"] / statistics.median(of), 1) for way, of in seconds.items()}
    return rates | {
        "database_batch_to_single": round(rates["database_batch_per_s"] / rates["database_single_per_s"], 1)
    }


def one_rush(here: Place, port: int, sizes: dict[str, int]) -> tuple[Shift, list[Press], list[Answer]]:
    """A fresh crowd at a fresh activity with places for a quarter of it."""
    shift, presses = crowd.opened(here, max(sizes["each"] // 4, 1), "比一比"), crowd.gathered(here, sizes["each"])
    return shift, presses, pressed(port, crowd.button(shift), presses, sizes["connections"])


def pressed(
    port: int, address: str, presses: Sequence[Press], connections: int, meanwhile: Callable[[], object] = lambda: None
) -> list[Answer]:
    """What the crowd was answered, by client processes of their own; ``meanwhile`` is called again and again."""
    argv = [sys.executable, "-m", clients.__name__, str(port), str(max(connections // PROCESSES, 1)), address]
    shares = [
        "".join(f"{one.person} {one.session} {one.key}\n" for one in presses[n::PROCESSES]) for n in range(PROCESSES)
    ]
    said: list[str] = [""] * PROCESSES

    def run(n: int) -> None:
        done = subprocess.run(argv, input=shares[n], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
        said[n] = done.stdout

    threads = [threading.Thread(target=run, args=(n,)) for n in range(PROCESSES)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
        time.sleep(0.05)
    return [Answer(*json.loads(line)) for text in said for line in text.splitlines()]


def shown(name: str, answers: Sequence[Answer]) -> dict[str, float]:
    """Answers a second, and the middle and the hundredth slowest, from the first sending to the answer."""
    waits = sorted(1000 * (one.answered - one.sent) for one in answers)
    whole = max(one.answered for one in answers) - min(one.sent for one in answers)
    return {
        f"{name}_per_s": round(len(answers) / whole, 1),
        f"{name}_p50_ms": round(waits[len(waits) // 2], 1),
        f"{name}_p99_ms": round(waits[int(len(waits) * 0.99)], 1),
    }


def versions() -> dict[str, str]:
    from importlib.metadata import version  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = str(cursor.fetchone()[0])
    return {"postgresql": server, "limits": str(settings.DATABASE_LIMITS), "granian": version("granian")}

"""Exchanges under load by several clients that are killed and started again: nothing lost, nothing double."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandError

from huying.kernel.sealed import keyring
from huying.points.management import crowd, redeem
from huying.points.models import Gift
from huying.points.states import GiftState

SMALL = {"people": 12, "points": 100, "clients": 3, "kills": 3}
SHOWN = 50


class Command(BaseCommand):
    help = "Measure exchanges of points (started by ./huying bench points, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument("--points", type=int, default=200, help="of each; one exchange takes ten")
        parser.add_argument("--clients", type=int, default=6)
        parser.add_argument("--kills", type=int, default=20, help="clients killed in the middle, by SIGKILL")
        parser.add_argument("--seed", type=int, default=20260302)
        parser.add_argument("--small", action="store_true", help="a few seconds, to see that it works")

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with a crowd: measure with ./huying bench points.")
        sizes = {name: options[name] for name in SMALL} | (SMALL if options["small"] else {})
        keyring.ensure()  # codes are looked up by a keyed hash
        whole = sizes["people"] * sizes["points"] // crowd.PRICE
        stock = whole * 9 // 10  # some find the shelf empty
        shop = crowd.opened(sizes["people"], sizes["points"], stock)
        luck = random.Random(options["seed"])  # noqa: S311 - a course that can be repeated
        run = Run(shop, sizes["clients"], sizes["kills"], luck)
        seconds = run.go()
        wrong = run.wrong + crowd.violations(shop, sizes["points"], stock, run.told)
        figures = run.figures(seconds)
        told = {"versions": {"django": django.__version__}, "sizes": sizes, "seed": options["seed"]}
        document = {**told, "figures": figures | {"violations": len(wrong)}, "violations": wrong[:SHOWN]}
        self.stdout.write(json.dumps(document, ensure_ascii=False))
        if wrong:
            raise CommandError("Something was lost, or given twice.")


class Run:
    """Clients in processes of their own; one after the other is killed and started again while the rest goes on."""

    def __init__(self, shop: crowd.Shop, clients: int, kills: int, luck: random.Random) -> None:
        self.shop, self.clients, self.kills, self.luck = shop, clients, kills, luck
        self.lines: list[tuple[float, str, str]] = []
        self.told: set[str] = set()
        self.wrong: list[str] = []
        self.killed = 0
        self.guard = threading.Lock()

    def start(self, n: int) -> subprocess.Popen[str]:
        """Each client has all passbooks, so that they meet at the same ones."""
        facts = [str(self.shop.keeper.person_id), str(self.shop.good.pk), str(self.luck.randrange(10**6) + n)]
        argv = [sys.executable, "-m", redeem.__name__, *facts]
        one = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        assert one.stdin is not None
        one.stdin.write("\n".join(str(key) for key in self.shop.passbooks))
        one.stdin.close()
        threading.Thread(target=self.read, args=(one,), daemon=True).start()
        return one

    def read(self, one: subprocess.Popen[str]) -> None:
        assert one.stdout is not None
        for line in one.stdout:
            parts = line.split()
            if len(parts) == 3 and len(parts[2]) == 36:  # whole lines only: the last may be cut off
                with self.guard:
                    self.lines.append((float(parts[0]), parts[1], parts[2]))
                    self.told.add(parts[2])
                    if parts[1] == "double":
                        self.wrong.append(f"{parts[2]} was handed over twice")

    def go(self) -> float:
        """Seconds until every client has ended by itself."""
        running, begun = [self.start(n) for n in range(self.clients)], time.perf_counter()
        while any(one.poll() is None for one in running):
            time.sleep(0.2)
            alive = [n for n, one in enumerate(running) if one.poll() is None]
            with self.guard:
                steps = len(self.lines)
            if self.killed < self.kills and alive and steps > 5 * (self.killed + 1):
                n = self.luck.choice(alive)
                running[n].kill()
                running[n].wait()
                running[n] = self.start(n)
                self.killed += 1
        failed = [one.returncode for one in running if one.returncode]
        self.wrong += [f"a client ended with {code}" for code in failed]
        if self.killed < self.kills:
            self.wrong.append(f"only {self.killed} of {self.kills} kills: nothing was proved")
        return time.perf_counter() - begun

    def figures(self, seconds: float) -> dict[str, Any]:
        with self.guard:
            waits = {
                what: sorted(1000 * s for s, done, _key in self.lines if done == what) for what in ("reserve", "hand")
            }
        found: dict[str, Any] = {"kills": self.killed, "seconds": round(seconds, 1)}
        for what, row in waits.items():
            found[f"{what}s"] = len(row)
            if row:
                found[f"{what}_p50_ms"] = round(row[len(row) // 2], 1)
                found[f"{what}_p99_ms"] = round(row[int(len(row) * 0.99)], 1)
        found["exchanges_per_s"] = round(len(waits["hand"]) / seconds, 1)
        found["waiting_after_kills"] = Gift.objects.filter(state=GiftState.RESERVED).count()
        return found

"""How long a whole made-up jurisdiction takes: seconds by step, rows by table, and what full size would take."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.config.demo.city import plan, steps
from huying.config.demo.city.shape import SHAPES
from huying.figures import queries as figures
from huying.kernel.sealed import keyring
from huying.ledger import queries as ledger

COUNTED = (
    *("places_place", "people_person", "volunteers_volunteer", "volunteers_team", "volunteers_membership"),
    *("activities_activity", "activities_signup", "activities_checkin", "volunteers_servicerecord", "ledger_transfer"),
    *(
        "calls_call",
        "calls_callevent",
        "points_claim",
        "places_sitecheck",
        "kernel_auditline",
        "figures_contribution",
        "figures_fact",
        "figures_total",
    ),
)
FIXED = frozenset({"Places", "Who signs in", "Staff", "Figures of the pages", "Mechanisms", "Points", "Round-ups"})
TICKS = os.sysconf("SC_CLK_TCK")


class Command(BaseCommand):
    help = "Measure the demonstration in bulk (started by ./huying bench demo, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--like", choices=sorted(SHAPES), default="district")
        parser.add_argument("--scale", type=float, default=0.01)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if not os.environ.get("HUYING_BENCH"):
            raise CommandError("This fills the database: run ./huying bench demo")
        keyring.ensure()
        made = plan.begun(options["like"], options["seed"], options["scale"])
        before, watch = on_disk(), Watch()
        steps.run(made, watch.show)
        rows, size = counted(), on_disk() - before
        wrong = [f"figures: {one}" for one in (*figures.drift(), *figures.differences())][:5]
        wrong += [f"ledger: {one}" for one in ledger.findings()][:5]
        sizes = {"like": made.like, "scale": made.scale, "seed": made.seed, **rows}
        told = {"sizes": sizes, "figures": watch.figures(rows, size, made.scale), "wrong": wrong}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if wrong:
            raise CommandError("; ".join(wrong))


class Watch:
    """Seconds on the wall and of CPU (this process and the server's for our connection), step by step."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()
        self.first_cpu = self.last_cpu = spent()
        self.taken: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def show(self, what: str, done: int, of: int) -> None:
        if done == of:
            now = time.monotonic()
            self.taken[what], self.last = round(now - self.last, 2), now
            cpu = spent()
            self.cpu[what], self.last_cpu = round(cpu - self.last_cpu, 2), cpu

    def figures(self, rows: dict[str, int], size: int, scale: float) -> dict[str, Any]:
        """Extrapolated is what grows with the scale: all steps but those of places, staff and who signs in."""
        wall, cpu = time.monotonic() - self.began, spent() - self.first_cpu
        in_all, growing = sum(rows.values()), sum(taken for step, taken in self.taken.items() if step not in FIXED)
        growing_cpu = sum(taken for step, taken in self.cpu.items() if step not in FIXED)
        found: dict[str, Any] = {f"{step.lower().replace(' ', '_')}_s": taken for step, taken in self.taken.items()}
        found |= {f"{step.lower().replace(' ', '_')}_cpu_s": taken for step, taken in self.cpu.items()}
        return found | {
            "wall_s": round(wall, 1),
            "cpu_s": round(cpu, 1),
            "rows_per_s": round(in_all / wall),
            "cpu_s_per_1000_volunteers": round(1000 * cpu / rows["volunteers_volunteer"], 2),
            "megabytes": round(size / 1e6),
            "full_size_wall_s_extrapolated": round(wall - growing + growing / scale),
            "full_size_cpu_s_extrapolated": round(cpu - growing_cpu + growing_cpu / scale),
            "full_size_gigabytes_extrapolated": round(size / scale / 1e9, 2),
            "django": django.get_version(),
            "postgresql": postgresql(),
        }


def spent() -> float:
    """Seconds of CPU of this process and, where it can be read, of the server's process for our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return time.process_time()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / TICKS


def counted() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table in COUNTED:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own names
            found[table] = int(cursor.fetchone()[0])
    return found


def postgresql() -> str:
    """Version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def on_disk() -> int:
    """Bytes of this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])

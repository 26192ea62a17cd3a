"""How many forged records the rules find, and how many honest ones they bother somebody with (security G16)."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandError

from huying.volunteers import rules
from huying.volunteers.management import attendance, forging

RECALL, ALARMS = 0.95, 0.01
CASES = 3
"""Of each way to forge, in each window: so few that the rest stays what it is."""


class Command(BaseCommand):
    help = "Measure the rules for odd records on made-up weeks (started by ./huying bench fraud)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--honest", type=int, default=1_000_000)
        parser.add_argument("--window", type=int, default=50_000, help="records that an auditor's page looks through")
        parser.add_argument("--seed", type=int, default=20260302)

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = {name: options[name] for name in ("honest", "window", "seed")}
        sums: Counter[str] = Counter()
        seconds: list[float] = []
        while sums["honest"] < sizes["honest"]:
            left = min(sizes["window"], sizes["honest"] - sums["honest"])
            sums += measured(random.Random(sizes["seed"] + len(seconds)), left, seconds)  # noqa: S311
        recalls = {name: round(sums[f"found.{name}"] / sums[f"forged.{name}"], 4) for name in forging.PLAYBOOKS}
        alarms = sums["alarms"] / sums["honest"]
        figures = {f"recall.{name}": share for name, share in recalls.items()}
        figures |= {f"alarms.{code}": round(sums[f"alarms.{code}"] / sums["honest"], 5) for code in rules.ODDITIES}
        figures |= {"alarms": round(alarms, 5), "honest": sums["honest"], "forged": sums["forged"]}
        figures |= {"recall": round(sums["found"] / sums["forged"], 4), "seconds_a_window": round(max(seconds), 2)}
        told = {"versions": {"django": django.__version__}, "sizes": sizes, "figures": figures}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if min(recalls.values()) < RECALL or alarms > ALARMS:
            raise CommandError("The rules miss too much, or bother honest people too often.")


def measured(luck: random.Random, records: int, seconds: list[float]) -> Counter[str]:
    """One window: how many records there were, and of them found, by way of forging and by rule."""
    here, honest = attendance.world(luck, attendance.monday(), records)
    forged: dict[int, str] = {}
    entries = honest
    for name, forge in forging.PLAYBOOKS.items():
        for _case in range(CASES):
            added = forge(here)
            forged |= dict.fromkeys((one.key for one in added), name)
            entries = entries + added
    luck.shuffle(entries)
    began = time.perf_counter()
    odd = {code: find(entries) for code, (_words, find) in rules.ODDITIES.items()}
    seconds.append(time.perf_counter() - began)
    found = set[int]().union(*odd.values())
    sums = Counter(f"forged.{name}" for name in forged.values())
    sums += Counter(f"found.{name}" for key, name in forged.items() if key in found)
    sums += Counter({f"alarms.{code}": len(keys - forged.keys()) for code, keys in odd.items()})
    sums += Counter(honest=len(honest), forged=len(forged), found=len(found & forged.keys()))
    return sums + Counter(alarms=len(found - forged.keys()))

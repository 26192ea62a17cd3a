"""Mechanisms of the demonstration: two shipped packs of other places are on at the made-up district, side by side."""

from __future__ import annotations

import re

from huying.kernel.actor import Actor
from huying.packs import actions
from huying.packs.management import SHIPPED
from huying.packs.models import Pack, Switch
from huying.packs.queries import pack_by_key
from huying.packs.rules.writing import unsigned
from huying.places.models import Place

DEMO = Actor.system("demo")
ON = ("longyan/m14363", "nujiang/five_rhythms")
"""14363 with its seasons, groups and forces; five rhythms of days, weeks, months and years."""
TWICE = "longyan/m14363"
"""Loaded in two versions, so that there is a difference to look at."""


def load() -> list[Switch]:
    """Load both and switch them on at the district; nothing where a pack is there already."""
    if Pack.objects.exists():
        return []
    district = Place.objects.filter(depth=1).order_by("pk")[:1].get()
    made = []
    for name in ON:
        text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        if name == TWICE:
            actions.load_pack(actor=DEMO, text=before(text), file=f"{name}.yaml")
        key = actions.load_pack(actor=DEMO, text=text, file=f"{name}.yaml").key
        made.append(actions.switch_on(actor=DEMO, pack=pack_by_key(key), place=district, reason="演示"))
    return made


def before(text: str) -> str:
    """The version before: its components drove whole plans, checklists and templates, not yet their parts."""
    older = re.sub(r"((?:rhythms|standards|templates)\.\w+)/\d+", r"\1", unsigned(text))
    return re.sub(r"^version: \d+$", "version: 1", older, count=1, flags=re.MULTILINE)

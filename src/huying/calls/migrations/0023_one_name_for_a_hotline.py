"""A hotline has one name, however it was typed: its number where one is in it (decision 0046)."""

import re
import unicodedata
from typing import Any

from django.db import migrations

NUMBER = re.compile(r"\d{5,}")


def known_as(source: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", source).lower().split())
    if number := NUMBER.search(folded):
        return number.group()[:20]
    for words in ("热线", "hotline"):
        folded = folded.removesuffix(words) or folded
    return folded[:20] or source


def rename(apps: Any, schema_editor: Any) -> None:
    """Tickets under another spelling get the one name; one that is there under both keeps its own, for its call is there."""
    tickets = apps.get_model("calls", "HotlineTicket").objects
    drafts = apps.get_model("calls", "HotlineDraft").objects
    sources = {*tickets.values_list("source", flat=True).distinct(), *drafts.values_list("source", flat=True).distinct()}
    for source in sorted(sources):
        name = known_as(source)
        if name == source:
            continue
        drafts.filter(source=source).update(source=name)
        there = set(tickets.filter(source=name).values_list("number", flat=True))
        tickets.filter(source=source).exclude(number__in=there).update(source=name)


class Migration(migrations.Migration):
    dependencies = [("calls", "0022_rings_of_urgent_calls")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]

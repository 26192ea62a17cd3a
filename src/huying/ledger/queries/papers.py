"""What a transfer is for and what proves it, in words. Rooms above say how their codes and papers are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext

from huying.kernel.actor import Actor
from huying.ledger.models import Lot, Transfer
from huying.ledger.queries.receipts import receipt_code

PAPER = re.compile(r"([\w.]+):(\d+)\b")
"""``volunteers.ServiceRecord:123 A``: whose table, which row; what follows is the paper's own business."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What proves a transfer, as this reader may see it; ``href`` "" when he may not open it."""

    words: str
    href: str = ""


Reading = Callable[[Actor, set[int]], dict[int, Paper]]
_reasons: dict[str, str | Promise] = {}
_readings: dict[str, Reading] = {}


def say_reasons(words: Mapping[str, str | Promise]) -> None:
    """How the codes that a room writes as a reason are read. Rooms above say so when they start."""
    _reasons.update(words)


def read_papers(label: str, reading: Reading) -> None:
    """How papers of this type are called: ``reading`` gets who asks and the ids."""
    _readings[label] = reading


def reason_of(transfer: Transfer) -> str:
    """The reason in the reader's words; a sentence somebody wrote stays as it is."""
    return str(_reasons.get(transfer.reason, transfer.reason))


def papers_of(actor: Actor, transfers: Iterable[Transfer]) -> dict[int, Paper]:
    """Transfer key -> what proves it, one question for each type of paper; none where nothing was named."""
    named = {one.pk: found for one in transfers if (found := PAPER.match(one.evidence))}
    wanted: dict[str, set[int]] = {}
    for found in named.values():
        wanted.setdefault(found[1], set()).add(int(found[2]))
    known = {label: readings().get(label, nothing)(actor, ids) for label, ids in wanted.items()}
    papers = {key: known[found[1]].get(int(found[2])) for key, found in named.items()}
    return {key: paper for key, paper in papers.items() if paper is not None}


def readings() -> dict[str, Reading]:
    return {Transfer._meta.label: transfers_read, Lot._meta.label: lots_read, **_readings}


def nothing(actor: Actor, ids: set[int]) -> dict[int, Paper]:
    return {}


def transfers_read(actor: Actor, ids: set[int]) -> dict[int, Paper]:
    """Another transfer: the one that is put right."""
    rows = Transfer.objects.filter(pk__in=ids)
    return {one.pk: Paper(gettext("原来那一笔"), reverse("ledger:receipt", args=[receipt_code(one)])) for one in rows}


def lots_read(actor: Actor, ids: set[int]) -> dict[int, Paper]:
    return dict.fromkeys(ids, Paper(gettext("到期的一批")))

"""Records that look odd to a rule, for the auditor above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.volunteers import rules
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import COUNTED

LOOKED_BACK = timedelta(days=35)
MOST, SHOWN = 50_000, 50
FIELDS = (
    *("pk", "team_id", "person_id", "entered_by_id", "confirmed_by_id", "starts_at", "ends_at", "minutes"),
    *("recorded_at", "place__lon", "place__lat"),
)


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is odd, in words; how many records it concerns, and the latest of them."""

    code: str
    words: Promise
    count: int
    records: list[ServiceRecord]


@dataclass(frozen=True, slots=True)
class Oddities:
    """What was found among the records confirmed lately; ``cut``: there were more than could be looked through."""

    found: list[Oddity]
    looked_at: int
    cut: bool


def oddities(actor: Actor) -> Oddities:
    """Odd records of the last five weeks at the places that this actor audits, by what is odd and then by time."""
    rows = ServiceRecord.objects.filter(
        people_rules.within(actor, [RoleKind.AUDITOR], "place__path"),
        state__in=COUNTED,
        confirmed_at__gte=clock.now() - LOOKED_BACK,
    )
    entries = [rules.Entry(*row) for row in rows.order_by("-id").values_list(*FIELDS)[: MOST + 1]]
    cut, looked = len(entries) > MOST, entries[:MOST]
    odd = {code: find(looked) for code, (_words, find) in rules.ODDITIES.items()}
    latest = {code: sorted(keys, reverse=True)[:SHOWN] for code, keys in odd.items()}
    wanted = {key for keys in latest.values() for key in keys}
    rows = ServiceRecord.objects.filter(pk__in=wanted or {0}).select_related("place")
    known = {row.pk: row for row in rows}
    found = [
        Oddity(code, rules.ODDITIES[code][0], len(odd[code]), [known[key] for key in keys])
        for code, keys in latest.items()
        if keys
    ]
    return Oddities(found, len(looked), cut)

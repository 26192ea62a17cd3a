"""What the sorter says of a text, in lines of the menu; what it has been taught, and what it may learn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from huying.calls.models import Call, Correction, ServiceKind, SorterVersion
from huying.calls.queries.asking import menu
from huying.calls.states import NAMELESS
from huying.kernel.errors import NotFound
from huying.sorting import teaching, words
from huying.sorting.written import Example

if TYPE_CHECKING:
    from huying.sorting.sorter import Sorter

MOST = 3
LEAST_CHANCE = 0.05
"""Below it a kind is not worth a line."""
NEWEST = 20_000
"""So many corrections are learnt from, the newest."""
NOBODY = -1
"""Who says something without a name: all of them count as one, for nobody knows whether they are several."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of the menu the text may ask for: chance from 0 to 1, and the words that spoke for it."""

    kind: ServiceKind
    chance: float
    reasons: list[str]

    @property
    def percent(self) -> int:
        """The chance in whole per cent, never 100: nothing here is certain."""
        return min(99, round(self.chance * 100))


@dataclass(frozen=True, slots=True)
class Sorted:
    """At most three proposals, likeliest first. ``sure``: the first is above the threshold; else a person chooses.
    ``version`` is the key of the sorter that said so.
    """

    proposals: list[Proposal]
    sure: bool
    version: int

    @property
    def best(self) -> Proposal | None:
        """The likeliest line, sure or not."""
        return self.proposals[0] if self.proposals else None


def sorted_words(text: str, kinds: Iterable[ServiceKind] | None = None, names: tuple[str, ...] = ()) -> Sorted | None:
    """What the text asks for, of the ``kinds`` given or of the menu; None without words or without a sorter.

    A kind the sorter does not know is not proposed; what it holds likely but the menu does not have makes it unsure
    and is not shared out among the others.
    """
    read = words.cut(text, names)
    if not read.words:
        return None
    key = SorterVersion.objects.filter(active=True).values_list("pk", flat=True).first()
    if key is None:
        return None
    sorter = loaded(key)
    chances = dict(zip(sorter.labels, sorter.weighed(read.numbers()).tolist(), strict=True))
    known = [one for one in (menu() if kinds is None else kinds) if chances.get(one.code, 0.0) >= LEAST_CHANCE]
    best = sorted(known, key=lambda one: -chances[one.code])[:MOST]
    found = [Proposal(one, chances[one.code], sorter.reasons(read, one.code)) for one in best]
    return Sorted(found, bool(found) and found[0].chance >= sorter.threshold, key)


@lru_cache(maxsize=1)
def loaded(key: int) -> Sorter:
    """The arrays of one version, kept in this process until another serves. numpy comes with the first text only."""
    from huying.sorting.sorter import unpacked  # noqa: PLC0415 - see above

    body = SorterVersion.objects.values_list("body", flat=True).get(pk=key)
    if body is None:
        raise NotFound
    return unpacked(bytes(body))


def sorted_call(call: Call, kinds: Iterable[ServiceKind] | None = None) -> Sorted | None:
    """What the words of a call ask for; names of people and places are no reason."""
    return sorted_words(words_of(call), kinds, names_in(call))


def words_of(call: Call) -> str:
    """What was said, without the name of a kind that stands where nothing was."""
    title = "" if call.title == call.kind.name else call.title
    return f"{title}\n{call.details}".strip()


def names_in(call: Call) -> tuple[str, ...]:
    """Names that may stand in the words of a call."""
    return (call.requester.name, call.asked_by.name, call.place.name, call.place.short_name)


# ── what it learns ──────────────────────────────────────────────────────────
def lessons() -> dict[int, Example]:
    """The newest corrections as examples by the key of their call, without the names of who and where. Only calls
    that still have words count.
    """
    rows = Correction.objects.select_related("kind", "call__kind", "call__requester", "call__asked_by", "call__place")
    found: dict[int, Example] = {}
    for one in rows.order_by("-at", "-id")[:NEWEST]:
        call = one.call
        text = words.plain(words_of(call), names_in(call))
        if text:
            who = NOBODY if call.requester.name == NAMELESS else call.requester_id
            found[one.call_id] = Example(text, one.kind.code, who=who, weight=teaching.LESSON)
    return dict(sorted(found.items()))


def fingerprint(course: str, taken: dict[int, Example]) -> str:
    """A short name of everything a version learns from."""
    body = "\n".join([course, *(f"{key} {one.label} {one.who} {one.text}" for key, one in taken.items())])
    return blake2b(body.encode(), digest_size=16).hexdigest()


def forgotten(version: SorterVersion) -> bool:
    """Whether it learnt from words that have been forgotten since: then it must not serve again."""
    kept = Correction.objects.filter(call_id__in=version.lessons).count() if version.lessons else 0
    return kept < len(version.lessons)


# ── for those who keep it ───────────────────────────────────────────────────
def versions() -> QuerySet[SorterVersion]:
    """Every version without its arrays, newest first."""
    return SorterVersion.objects.defer("body", "lessons").order_by("-id")


def version_by_id(pk: int) -> SorterVersion:
    """One version; NotFound when it has been cleared away."""
    found = versions().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def corrections() -> QuerySet[Correction]:
    """Every correction, newest first, with its kinds; the words of the calls are not shown here."""
    return Correction.objects.select_related("kind", "was").order_by("-at", "-id")

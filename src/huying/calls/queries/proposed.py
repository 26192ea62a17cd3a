"""The lines and the gaps of one proposal as they are looked through: filters, pages by key, how many, and as a file.

A proposal has up to fifty thousand calls. Its lines stand in the order of one index (``line_shown``): those that could not be
sent, then the urgent, then the newest call. Filters by kind, place and words are asked of the calls of this proposal only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.calls.models import Proposal, ProposalGap, ProposalLine
from huying.calls.models.proposals import NOT_SENT
from huying.calls.queries.listing import masked
from huying.calls.queries.proposing import Gap, Line, Pace, gap_of, line_of, paces_of
from huying.kernel import paging
from huying.kernel.exports import CHUNK, Column
from huying.kernel.search import LONGEST, fold, pieces
from huying.places.models import Place

A_PAGE = 100
MOST_COUNTED = 1_000
"""So many that pass are counted; nobody needs to know of more whether they are 8,213 or 8,214."""
OPEN = "gap"
"""Instead of the state of a line: only calls that nobody can take."""
WHO = ("people", "teams")
ORDER = ("-not_sent", "-urgent", "-call_id", "-id")
CALL = (
    "call__number",
    "call__title",
    "call__public_id",
    "call__urgent",
    "call__state",
    "call__people_needed",
    "call__raised_for",
    "call__wanted_from",
    "call__wanted_to",
    "call__language__name",
    "call__language__name_en",
    "call__kind__name",
    "call__kind__name_en",
    "call__place__name",
    "call__place__name_en",
    "call__place__lon",
    "call__place__lat",
)
LINE = ("public_id", "state", "km", "held", "knows", "by_hand", "seats", "trouble", "proposal")
HELPER = ("volunteer__person__name", "volunteer__public_id", "volunteer__availability", "team__name", "team__public_id")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be shown; empty means all. ``state``: of a line, or ``OPEN``; ``who``: one of ``WHO``."""

    state: str = ""
    kind: str = ""
    place_path: str = ""
    who: str = ""
    urgent: bool = False
    words: str = ""

    @property
    def narrows(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Wanted()


def passing(found: Proposal, wanted: Wanted) -> QuerySet[ProposalLine]:
    """The lines that are wanted, unordered."""
    rows = of_calls(found.lines.all(), wanted)
    if wanted.state == OPEN:
        return rows.none()
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.urgent:
        rows = rows.filter(urgent=True)
    if wanted.who:
        rows = rows.filter(team__isnull=wanted.who == "people")
    for word in words_of(wanted):
        helper = holds(word, "volunteer__person__") | Q(team__name__icontains=word)
        rows = rows.filter(holds(word, "call__") | helper)
    return rows


def left(found: Proposal, wanted: Wanted) -> QuerySet[ProposalGap]:
    """The calls nobody can take that are wanted; none where only lines are meant."""
    rows = of_calls(found.gaps.all(), wanted)
    if wanted.who or wanted.state not in {"", OPEN}:
        return rows.none()
    if wanted.urgent:
        rows = rows.filter(call__urgent=True)
    for word in words_of(wanted):
        rows = rows.filter(holds(word, "call__"))
    return rows


def of_calls(rows: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    """Those of lines or gaps whose call is of the kind and at the place."""
    if wanted.kind:
        rows = rows.filter(call__kind__code=wanted.kind)
    return rows.filter(call__place__path__startswith=wanted.place_path) if wanted.place_path else rows


def words_of(wanted: Wanted) -> list[str]:
    return fold(wanted.words)[:LONGEST].split()


def holds(word: str, way: str) -> Q:
    """Rows whose searchable text holds the word; ``way`` leads to it."""
    return Q(**{f"{way}search_terms__contains": pieces(word), f"{way}search_text__contains": word})


def lines(found: Proposal, wanted: Wanted = EVERYTHING, cursor: str | None = None, size: int = 0) -> paging.Page[Line]:
    """One page of lines, those that could not be sent first: their keys by index, then what their rows show."""
    keys = passing(found, wanted).annotate(not_sent=NOT_SENT)
    page = paging.page(keys.values("not_sent", "urgent", "call_id", "id"), ORDER, cursor, size or A_PAGE)
    return paging.Page(shown([row["id"] for row in page.rows]), page.next, page.previous)


def shown(keys: list[int]) -> list[Line]:
    """These lines with their words, in this order; three questions."""
    rows = ProposalLine.objects.filter(pk__in=keys).only(*LINE, *CALL, *HELPER)
    rows = rows.select_related("call__kind", "call__place", "call__language", "volunteer__person", "team")
    found = {row.pk: row for row in rows}
    paces = paces_of({row.volunteer_id for row in found.values() if row.volunteer_id})
    return [line_of(row, paces.get(row.volunteer_id or 0) or Pace()) for key in keys if (row := found.get(key))]


def gaps(found: Proposal, wanted: Wanted = EVERYTHING, cursor: str | None = None, size: int = 0) -> paging.Page[Gap]:
    """One page of calls that nobody can take, the oldest first."""
    rows = left(found, wanted).select_related("call__kind__category", "call__place", "volunteer__person", "team")
    page = paging.page(rows, ("call_id", "id"), cursor, size or A_PAGE)
    return paging.Page([gap_of(row) for row in page.rows], page.next, page.previous)


def many(rows: QuerySet[Any]) -> int:
    """How many pass; one more than ``MOST_COUNTED`` for any number above it."""
    return rows.values("pk")[: MOST_COUNTED + 1].count()


def place_in(found: Proposal, public_id: Any) -> Place | None:
    """A place below that of the proposal, to look through what is there."""
    return Place.objects.filter(public_id=public_id, path__startswith=found.place.path).first()


@dataclass(frozen=True, slots=True)
class Filed:
    """One row of the file: a line, or a call that nobody can take."""

    number: str
    service: str
    title: str
    place: str
    urgent: bool
    helper: str
    team: bool
    people: int
    state: str
    why: str


FILED: tuple[Column[Filed], ...] = (
    Column(gettext_lazy("编号"), "number"),
    Column(gettext_lazy("服务"), "service"),
    Column(gettext_lazy("事项"), "title"),
    Column(gettext_lazy("地方"), "place"),
    Column(gettext_lazy("紧急"), "urgent"),
    Column(gettext_lazy("派给"), "helper"),
    Column(gettext_lazy("队伍"), "team"),
    Column(gettext_lazy("人数"), "people"),
    Column(gettext_lazy("状态"), "state"),
    Column(gettext_lazy("理由或原因"), "why"),
)
"""Columns of the file: names of persons cut to the family name, no address, no position."""


def filed(found: Proposal, wanted: Wanted) -> Iterator[Filed]:
    """Every line that is wanted in the order of the page, then every gap; read in pieces."""
    rows = passing(found, wanted).annotate(not_sent=NOT_SENT).order_by(*ORDER).values_list("pk", flat=True)
    keys = rows.iterator(chunk_size=CHUNK)
    while some := list(islice(keys, CHUNK)):
        yield from (filed_line(one) for one in shown(some))
    open_calls = left(found, wanted).select_related("call__kind__category", "call__place", "volunteer__person", "team")
    yield from (filed_gap(gap_of(row)) for row in open_calls.order_by("call_id", "id").iterator(chunk_size=CHUNK))


def filed_line(one: Line) -> Filed:
    row, call = one.row, one.row.call
    who = masked(one.who) if row.volunteer_id else one.who
    why = one.trouble or " · ".join(one.reasons)
    state = str(row.get_state_display())
    return Filed(
        call.number, one.kind, call.title, one.where, call.urgent, who, row.team_id is not None, row.seats, state, why
    )


def filed_gap(one: Gap) -> Filed:
    call = one.row.call
    return Filed(
        call.number, one.kind, call.title, one.where, call.urgent, "", False, one.row.empty, _("还没有人"), one.why
    )

"""Tickets of a hotline become calls: from a table that somebody looked through, or from the hotline's own program.

A number comes in once; all tickets of one table come in together or none. Lock order: calls as they are made; tickets are
written last, in the order of their numbers, so that two people with the same table wait for each other in one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.calls import rules
from huying.calls.actions.intake import Ask, bring_in
from huying.calls.models import Call, DoorKey, HotlineDraft, HotlineTicket
from huying.calls.queries.hotline import (
    COLUMNS,
    DRAFTS_LAST,
    REQUIRED,
    Plan,
    Planned,
    known_calls,
    plan,
    waiting_drafts,
)
from huying.calls.states import Channel, Decision, ReachedBy
from huying.kernel import audit, clock, imports
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.search import fold
from huying.kernel.transactions import begin
from huying.people.models import Person
from huying.places.models import Place

MOST_ROWS = 200
"""As many as one person can look through, and as one transaction carries in a few seconds."""


class NothingInTable(InvalidInput):
    code = "table_empty"
    message = gettext_lazy("表格里没有可以导入的工单。")


class TicketsHaveProblems(InvalidInput):
    code = "tickets_have_problems"
    message = gettext_lazy("有 {count} 处要改，一件工单也没有收进来。")


class TicketsTaken(Conflict):
    code = "tickets_taken"
    message = gettext_lazy("其中有工单刚刚被别人收进来了，请重新检查再导入。")


class Undecided(InvalidInput):
    code = "undecided"
    message = gettext_lazy("还有工单没有决定怎么办。")


class SourceMissing(InvalidInput):
    code = "source_missing"
    message = gettext_lazy("请写是哪条热线。")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one ticket: its call, None when it was skipped; ``is_new`` when this made the call."""

    number: str
    call: Call | None
    is_new: bool


LONGEST_SOURCE = 20
NUMBER = re.compile(r"\d{5,}")
SAME_WORDS = ("热线", "hotline")


def known_as(source: str) -> str:
    """The one name of a hotline, however it was typed: its telephone number where one is in it, else the words without
    blanks, half width, lower case, and without "hotline" at their end. So a ticket that came by key and again in a table is
    one ticket. Raises SourceMissing.
    """
    folded = "".join(fold(source).split())
    if number := NUMBER.search(folded):
        return number.group()[:LONGEST_SOURCE]
    for words in SAME_WORDS:
        folded = folded.removesuffix(words) or folded
    if not folded:
        raise SourceMissing(fields={"source": SourceMissing.message})
    return folded[:LONGEST_SOURCE]


def check_tickets(
    *, actor: Actor, area: Place, source: str, upload: UploadedFile[Any]
) -> tuple[HotlineDraft | None, Plan]:
    """Read a table and say what its tickets would become. Forbidden, TableRefused, NothingInTable.

    Without problems it is kept, sealed, until the next day, for the same person to decide about.
    """
    if not rules.can_take_tickets(actor, area):
        raise Forbidden
    source = known_as(source)
    limits = imports.TableLimits(rows=MOST_ROWS + 1, cell=4000)
    rows = [
        {"row": one.number, **{name: text for name, text in one.values.items() if text}}
        for one in imports.records(upload, COLUMNS, required=REQUIRED, limits=limits)
    ]
    if not rows:
        raise NothingInTable
    found = plan(actor, area, source, rows)
    if found.problems:
        return None, found
    with begin(actor):
        draft = HotlineDraft(place=area, person_id=actor.person_id or 0, source=source)
        draft.file_name = (upload.name or "")[-200:]
        draft.rows = json.dumps(rows, ensure_ascii=False)
        draft.save(force_insert=True)
    return draft, found


def forget_drafts(*, actor: Actor) -> None:
    """Tables whose day is over go, decided about or not: nobody can search them for a person who is erased."""
    with begin(actor):
        HotlineDraft.objects.filter(made_at__lt=clock.now() - DRAFTS_LAST).delete()


def rows_of(draft: HotlineDraft) -> list[dict[str, Any]]:
    """The rows of a draft in the open; none once it was taken."""
    return json.loads(draft.rows.open()) if draft.rows else []


def take_draft(*, actor: Actor, draft: HotlineDraft, decisions: Mapping[int, str]) -> list[Taken]:
    """Take the tickets of a table as decided: row -> ``new``, ``skip``, ``same:<id of a call>`` or ``row:<earlier row>``.

    All or nothing, once. Forbidden when his duty there ended meanwhile, NotFound when it is not one's own, was taken or
    its day is over, Undecided, TicketsHaveProblems when others changed the menu or the places meanwhile, TicketsTaken.
    """
    if not rules.can_take_tickets(actor, draft.place):
        raise Forbidden
    with begin(actor):
        mine = waiting_drafts().filter(pk=draft.pk, person_id=actor.person_id or 0)
        rows = rows_of(draft)
        if not mine.update(done_at=clock.now(), rows=None):
            raise NotFound
        found = plan(actor, draft.place, draft.source, rows)
        return write(actor, draft.place, draft.source, found, decisions, door=None)


def take_tickets(
    *, actor: Actor, area: Place, source: str, rows: Sequence[Mapping[str, Any]], door: DoorKey | None = None
) -> list[Taken]:
    """The hotline's own program hands tickets in: each number that is not here yet becomes a call, at once.

    All or nothing. TicketsHaveProblems names each value by ``tickets.<place in the list>.<name>``; Forbidden.
    """
    if not rules.can_take_tickets(actor, area):
        raise Forbidden
    source = known_as(source)
    with begin(actor):
        found = plan(actor, area, source, rows, compared=False)
        decisions = dict.fromkeys((one.row for one in found.fresh), str(Decision.NEW))
        return write(actor, area, source, found, decisions, door=door)


def write(
    actor: Actor, area: Place, source: str, found: Plan, decisions: Mapping[int, str], *, door: DoorKey | None
) -> list[Taken]:
    """Make the calls, then the tickets; inside an open action. ``decisions`` speak of every ticket not here yet."""
    if found.problems:
        named = {f"tickets.{one.row}.{one.column}": one.sentence for one in found.problems}
        raise TicketsHaveProblems(count=len(found.problems), fields=named)
    calls = decided(actor, found.fresh, decisions, door)
    rows = [row(actor, source, one, calls[one.row], decisions[one.row]) for one in found.fresh]
    try:
        with transaction.atomic():
            HotlineTicket.objects.bulk_create(sorted(rows, key=lambda one: one.number))
    except IntegrityError:
        raise TicketsTaken from None
    numbers = {kind: sum(one.decision == kind for one in rows) for kind in Decision.values}
    changes = {"source": source, "known": len(found.tickets) - len(rows), **numbers}
    audit.record(actor, "hotline.taken", None, place_path=area.path, changes=changes)
    fresh = {one.row for one in found.fresh}
    return [
        Taken(one.number, calls[one.row], decisions[one.row] == Decision.NEW)
        if one.row in fresh
        else Taken(one.number, one.known.call if one.known else None, False)
        for one in found.tickets
    ]


def decided(
    actor: Actor, tickets: Sequence[Planned], decisions: Mapping[int, str], door: DoorKey | None
) -> dict[int, Call | None]:
    """The call of each row: made, found, that of an earlier row, or none. Undecided names the rows."""
    wanted = {one.row: decisions.get(one.row, "") for one in tickets}
    ids = {row: uuid_in(said) for row, said in wanted.items() if said.startswith("same:")}
    known = known_calls(actor, [one for one in ids.values() if one])
    calls: dict[int, Call | None] = {}
    wrong = []
    for ticket in sorted(tickets, key=lambda one: one.row):
        said = wanted[ticket.row]
        if said == Decision.NEW:
            calls[ticket.row] = made(actor, ticket, door)
        elif said == Decision.SKIP:
            calls[ticket.row] = None
        elif (found := known.get(ids.get(ticket.row))) is not None:  # type: ignore[arg-type]
            calls[ticket.row] = found
        elif said == f"row:{ticket.twin}" and calls.get(ticket.twin or 0) is not None:
            calls[ticket.row] = calls[ticket.twin or 0]
        else:
            wrong.append(ticket.row)
    if wrong:
        raise Undecided(fields={f"row_{row}": _("请选一种处理办法。") for row in wrong})
    return calls


def made(actor: Actor, ticket: Planned, door: DoorKey | None) -> Call:
    """A new call from a ticket; who left no number hears by way of the hotline."""
    what = Ask(
        kind=ticket.kind,
        place=ticket.place,
        requester=Person(),
        title=ticket.title,
        details=ticket.details,
        address=ticket.address,
        contact_phone=ticket.phone,
        lon=ticket.place.lon,
        lat=ticket.place.lat,
        urgent=ticket.urgent,
        channel=Channel.HOTLINE,
        door=door,
        reached_by=ReachedBy.PHONE if ticket.phone else ReachedBy.HOTLINE,
    )
    return bring_in(actor=actor, what=what, name=ticket.name, phone=ticket.phone)


def row(actor: Actor, source: str, ticket: Planned, call: Call | None, said: str) -> HotlineTicket:
    """The ticket as it is kept: its number and its call, no word and no number of a person."""
    decision = Decision(said) if said in Decision.values else Decision.SAME
    return HotlineTicket(
        source=source,
        number=ticket.number,
        place=ticket.place,
        call=call,
        decision=decision,
        sent_at=ticket.sent_at,
        taken_at=clock.now(),
        taken_by_id=actor.person_id or 0,
    )


def uuid_in(said: str) -> UUID | None:
    try:
        return UUID(said.partition(":")[2])
    except ValueError:
        return None

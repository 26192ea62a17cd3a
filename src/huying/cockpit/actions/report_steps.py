"""Steps of a round-up's life: its figures are frozen, a second person signs and the paper gets its number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from huying.cockpit.actions.report_refusals import (
    LetterheadMissing,
    PeriodNotOver,
    ReasonMissing,
    SecondPersonNeeded,
    StepNotNow,
)
from huying.cockpit.models import PaperCounter, Report, ReportEvent
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import Document, filled, period_of
from huying.cockpit.queries.report_grids import numbers_in
from huying.cockpit.rules import reports as rules
from huying.cockpit.states import TRANSITIONS, ReportState, Verb
from huying.figures import actions as figure_actions
from huying.figures import queries as figures
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.transactions import begin
from huying.places.models import Place

MOST_REASON = 300
PUTS_OUT = frozenset({Verb.LOCK, Verb.SIGN, Verb.PUBLISH})
"""Before its period has ended, no paper for everybody goes this way: its numbers would tell what happens afterwards."""


def step_report(*, actor: Actor, report: Report, verb: Verb, reason: str = "") -> Report:
    """One step of ``states.TRANSITIONS``. Forbidden, SecondPersonNeeded, StepNotNow, ReasonMissing, LetterheadMissing,
    PeriodNotOver.
    """
    step, said = TRANSITIONS[verb], reason.strip()[:MOST_REASON]
    if step.reason and not said:
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        fresh = locks.one(Report, pk=report.pk)
        fresh.place, fresh.template = report.place, report.template
        if not rules.can_step(actor, fresh, verb):
            mine = verb == Verb.SIGN and actor.person_id is not None and actor.person_id == fresh.locked_by
            raise SecondPersonNeeded if mine and rules.can_sign(actor, fresh.place) else Forbidden
        if fresh.state not in step.from_:
            raise StepNotNow(state=ReportState(fresh.state).label)
        if fresh.is_public and verb in PUTS_OUT and fresh.until > clock.today():
            raise PeriodNotOver(day=fresh.until.isoformat())
        before, fresh.state = fresh.state, step.to
        CHANGES.get(verb, nothing_else)(actor, fresh, clock.now())
        fresh.edition += 1
        fresh.save()
        facts = {"from_state": before, "to_state": fresh.state, "person_id": actor.person_id, "reason": said}
        ReportEvent.objects.create(report=fresh, verb=verb, **facts)
        changes = {"number": fresh.paper_number} if fresh.number else {}
        audit.record(actor, f"roundup.{verb}", fresh, place_path=fresh.place.path, changes=changes, reason=said)
        return fresh


def freeze(actor: Actor, report: Report, at: datetime) -> None:
    """The document as its figures are now, every number with the code that opens it."""
    document = filled(queries.asked(report), at)
    cite_all(actor, report, document)
    report.frozen, report.locked_by, report.locked_at = document, actor.person_id, at
    report.digest = digest_of(document)


def digest_of(document: Document) -> str:
    """SHA-256 of the document as canonical JSON."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def cite_all(actor: Actor, report: Report, document: Document) -> None:
    """Give each number its short codes: of all metrics and stretches of time that it was worked out from."""
    for fact in document["numbers"]:
        fact["codes"] = [cited(actor, report, metric, days) for metric, days in worked_from(fact)]
        if "reported" in fact:
            figure = figures.reported_figure(actor, fact["reported"])
            fact["codes"] = [figure_actions.cite_reported(actor=actor, figure=figure).code]
    cite_tables(actor, [one for one in document["blocks"] if one["kind"] == "table"])


def cite_tables(actor: Actor, tables: list[dict[str, Any]]) -> None:
    """Give each table ``codes``: row by row, for each metric the code of the number in the cell, or nothing."""
    found = [numbers_in(table) for table in tables]
    public_ids = {place for cells in found for _metric, place, _since, _until in cells.values()}
    keys = {
        str(public): key
        for public, key in Place.objects.filter(public_id__in=public_ids).values_list("public_id", "pk")
    }
    asked = [{at: cell_of(keys, number) for at, number in cells.items()} for cells in found]
    codes = figure_actions.cite_many(actor=actor, asked=(one for cells in asked for one in cells.values()))
    for table, cells in zip(tables, asked, strict=True):
        metrics = range(len(table["heads"]) - 1)
        table["codes"] = [
            [codes[cells[n, k]] if (n, k) in cells else "" for k in metrics] for n in range(len(table["rows"]))
        ]


def cell_of(keys: dict[str, int], number: tuple[str, str, str, str]) -> figure_actions.Cited:
    metric, place, since, until = number
    return figure_actions.Cited(metric, keys[place], period_of([since, until]))


def worked_from(fact: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(metric, days) for days in fact.get("stretches", []) for metric in fact["with"]]


def cited(actor: Actor, report: Report, metric: str, days: list[str]) -> str:
    period = period_of(days)
    return str(figure_actions.cite(actor=actor, metric=metric, place=report.place, period=period).code)


def thaw(_actor: Actor, report: Report, _at: datetime) -> None:
    report.frozen, report.digest, report.locked_by, report.locked_at = None, "", None, None


def number(actor: Actor, report: Report, at: datetime) -> None:
    """The next number of this place and year. Its counter stays locked until the signature is there or given up, so
    that numbers have no gap; a number once given is never given again, also when the paper is withdrawn.
    """
    head = queries.letterhead(report.place)
    if head is None:
        raise LetterheadMissing
    year = clock.local(at).year
    PaperCounter.objects.bulk_create([PaperCounter(place=report.place, year=year)], ignore_conflicts=True)
    counter = locks.one(PaperCounter, place=report.place, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    report.organ, report.letters, report.year, report.number = head.organ, head.letters, year, counter.last
    report.signed_by, report.signed_at = actor.person_id, at


def nothing_else(_actor: Actor, _report: Report, _at: datetime) -> None:
    """The state alone changes."""


CHANGES: dict[Verb, Callable[[Actor, Report, datetime], None]] = {
    Verb.LOCK: freeze,
    Verb.UNLOCK: thaw,
    Verb.SIGN: number,
}

"""What can be asked of round-ups: lists, one of them with its document, what templates may say, how papers are headed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cockpit.models import Letterhead, Report, ReportEvent
from huying.cockpit.queries import report_photos
from huying.cockpit.queries.report_filling import PLAIN, REPORTED, Asked, Document, filled
from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules import reports as rules
from huying.cockpit.rules.report_notation import (
    Block,
    Field,
    Grid,
    Sentence,
    fields_of,
    parse,
    pieces,
    wrong,
)
from huying.cockpit.states import FROZEN, ReportState
from huying.figures import queries as figures
from huying.figures.queries import Period
from huying.figures.states import MetricKind
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound, Text
from huying.people.models import Person
from huying.places.models import Place


def listed(actor: Actor, place: Place, state: str = "") -> QuerySet[Report]:
    """Round-ups of the place and everywhere below it that the actor sees, the newest first."""
    rows = Report.objects.filter(rules.visible_to(actor), place__path__startswith=place.path)
    if state:
        rows = rows.filter(state=state)
    return rows.select_related("place", "template").order_by("-id")


def report(actor: Actor, public_id: UUID) -> Report:
    """One that the actor sees; NotFound."""
    found = Report.objects.filter(rules.visible_to(actor), public_id=public_id)
    one = found.select_related("place", "place__parent", "template").first()
    if one is None:
        raise NotFound
    return one


def events(of: Report) -> QuerySet[ReportEvent]:
    """Its history, the newest first."""
    return ReportEvent.objects.filter(report=of).order_by("-id")


def names_of(rows: Iterable[ReportEvent]) -> dict[int, str]:
    """Who did it, by key."""
    keys = {one.person_id for one in rows if one.person_id}
    return dict(Person.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def asked(of: Report, *, title: str | None = None, overrides: dict[str, str] | None = None) -> Asked:
    """What is to be filled for this round-up, or for one with other words."""
    return Asked(
        place=of.place,
        period=Period(of.since, of.until),
        blocks=parse(of.template.body),
        title=of.title if title is None else title,
        addressed_to=of.addressed_to,
        copied_to=of.copied_to,
        is_public=of.is_public,
        overrides=of.overrides if overrides is None else overrides,
        cases=of.cases if overrides is None else {},
    )


def document(of: Report) -> Document:
    """As it was locked, or filled from the figures of this moment."""
    if ReportState(of.state) in FROZEN:
        return dict(of.frozen or {})
    return filled(asked(of), clock.now())


def consent_ended(of: Report, document: Document) -> int:
    """How many of its pictures may not be shown any more."""
    pictures = report_photos.pictures_of(document)
    return len(pictures) - len(report_photos.standing(pictures, public=of.is_public)) if pictures else 0


def letterhead(place: Place) -> Letterhead | None:
    return Letterhead.objects.filter(place=place).first()


def read_template(body: str) -> list[Block]:
    """The blocks of a template whose every name is known. TemplateWrong naming the line, the field and what there is."""
    blocks = parse(body)
    metrics = {one.pk: one for one in figures.register()}
    for block in blocks:
        if isinstance(block, Sentence) and block.of and (block.of.name not in metrics or block.of.filter == "share"):
            raise wrong(block.line, unknown(block.of, metrics))
        if isinstance(block, Grid) and (strange := [one for one in block.metrics if one not in metrics]):
            raise wrong(block.line, unknown(Field(strange[0]), metrics))
        for one in fields_of(block):
            if problem := misfit(one, metrics):
                raise wrong(block.line, problem)
    return blocks


def misfit(one: Field, metrics: dict[str, Any]) -> Text:
    """Why a field cannot be filled; nothing when it can."""
    if one.name in PLAIN or one.name.startswith(REPORTED):
        return _("“%(field)s”后面不能再写竖线。") % {"field": one.name} if one.filter else ""
    if one.name not in metrics or (one.arg and one.arg not in metrics):
        return unknown(one, metrics)
    if one.filter and one.filter not in saying.FILTERS:
        known = "、".join(saying.FILTERS)
        return _("“%(field)s”里的“%(filter)s”没有这种写法。可以用：%(known)s。") % {
            "field": one.written,
            "filter": one.filter,
            "known": known,
        }
    same = one.arg and metrics[one.arg].unit_id == metrics[one.name].unit_id
    ratio = metrics[one.name].kind == MetricKind.RATIO
    if (one.filter == "share") != bool(one.arg) or (one.arg and (not same or ratio)):
        return _("占比这样写：{calls_on_time|share:calls_closed}，两个数单位要相同。")
    return ""


def unknown(one: Field, metrics: Iterable[str]) -> Text:
    known = "、".join([*PLAIN, "reported.<code>", *metrics])
    strange = one.arg if one.name in metrics else one.name
    return _("没有“%(name)s”这个数。可以用：%(known)s。") % {"name": strange, "known": known}


def read_overrides(of: Report, words: dict[int, str]) -> dict[str, str]:
    """An editor's words that differ from the template's, as they are kept. InvalidInput naming ``words_<n>``."""
    blocks, metrics = parse(of.template.body), {one.pk: one for one in figures.register()}
    kept: dict[str, str] = {}
    problems: dict[str, Text] = {}
    for n, text in words.items():
        tidy = " ".join(text.split())
        if n >= len(blocks) or not isinstance(blocks[n], Sentence) or not tidy:
            continue
        try:
            found = [one for one in pieces(tidy) if isinstance(one, Field)]
            problem: Text = next((p for one in found if (p := misfit(one, metrics))), "")
        except ValueError as bad:
            problem = _("“%(field)s”写得不对，应当像 {calls_closed|prev} 这样。") % {"field": bad}
        if problem:
            problems[f"words_{n}"] = problem
        kept[str(n)] = tidy
    if problems:
        raise InvalidInput(fields=problems)
    return kept

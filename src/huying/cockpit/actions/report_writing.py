"""Templates are written, papers get their head, round-ups are made and edited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huying.cockpit.actions.report_refusals import EditedMeanwhile, PeriodNotPublic, StepNotNow
from huying.cockpit.models import Letterhead, Report, ReportEvent, ReportTemplate
from huying.cockpit.models.reports import CODE
from huying.cockpit.queries import report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import cases_now
from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules import reports as rules
from huying.cockpit.states import FIRST_TEMPLATES, ReportState, Stretch
from huying.figures.queries import Period
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place

LONGEST = 1100
"""Days: three years and a little."""
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
AROUND = ("title", "addressed_to", "copied_to")
"""What is written around the sentences."""
CODE_WORDS = _("代码用小写英文字母开头，只用小写字母、数字和下划线。")


@dataclass(frozen=True, slots=True)
class Words:
    """What a template is called and says."""

    name: str
    stretch: str
    body: str
    name_en: str = ""


def write_template(
    *, actor: Actor, place: Place, code: str, words: Words, after: int, retired: bool = False
) -> ReportTemplate:
    """A new version for ``place`` and what is below it; ``after`` is the version it was written on (0: none of the place).

    Forbidden, TemplateWrong naming the line, EditedMeanwhile, InvalidInput naming the field.
    """
    queries.read_template(words.body)
    if not re.fullmatch(CODE, code, re.ASCII):
        raise InvalidInput(fields={"code": CODE_WORDS})
    with begin(actor):
        if not rules.can_write(actor, place):
            raise Forbidden
        if not words.name.strip():
            raise InvalidInput(fields={"name": _("请写名称。")})
        facts = {"name": words.name.strip(), "name_en": words.name_en.strip(), "stretch": words.stretch}
        if after != (report_templates.versions(place, code).aggregate(last=Max("version"))["last"] or 0):
            raise EditedMeanwhile
        made = ReportTemplate(place=place, code=code, version=after + 1, body=words.body, retired=retired, **facts)
        made.made_by = actor.person_id
        # A version is there once: of two who write the same one at once, the second finds no row of his own
        ReportTemplate.objects.bulk_create([made], ignore_conflicts=True)
        kept = ReportTemplate.objects.filter(public_id=made.public_id).first()
        if kept is None:
            raise EditedMeanwhile
        audit.record(actor, "roundup.template", kept, place_path=place.path, changes={"version": kept.version})
        return kept


def install_first_templates(model: type[Any] = ReportTemplate) -> None:
    """The templates that come with the platform; again changes nothing. For migrations and tests."""
    rows = [
        model(place=None, code=code, version=1, name=name, name_en=name_en, stretch=stretch.value, body=body)
        for code, name, name_en, stretch, body in FIRST_TEMPLATES
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)


def set_letterhead(*, actor: Actor, place: Place, organ: str, letters: str) -> Letterhead:
    """How the papers of this place are headed from now on; papers already signed keep theirs. Forbidden, InvalidInput."""
    facts = {"organ": organ.strip(), "letters": letters.strip()}
    if empty := {name: _("请填写。") for name, text in facts.items() if not text}:
        raise InvalidInput(fields=empty)
    with begin(actor):
        if not rules.can_write(actor, place):
            raise Forbidden
        Letterhead.objects.bulk_create([Letterhead(place=place, **facts)], ignore_conflicts=True)
        head = locks.one(Letterhead, place=place)
        head.organ, head.letters = facts["organ"], facts["letters"]
        head.save(update_fields=["organ", "letters"])
        audit.record(actor, "roundup.letterhead", head, place_path=place.path, changes=facts)
        return head


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round-up to be made; ``until`` is the first day after the period."""

    template: ReportTemplate
    since: date
    until: date
    title: str
    addressed_to: str = ""
    is_public: bool = False
    copied_to: str = ""


def make_report(*, actor: Actor, place: Place, wanted: Wanted) -> Report:
    """A draft. Forbidden, InvalidInput naming the field, PeriodNotPublic."""
    check_period(wanted)
    with begin(actor):
        if not rules.can_write(actor, place):
            raise Forbidden
        made = Report.objects.create(
            place=place,
            template=wanted.template,
            title=wanted.title.strip(),
            addressed_to=wanted.addressed_to.strip(),
            copied_to=wanted.copied_to.strip(),
            since=wanted.since,
            until=wanted.until,
            is_public=wanted.is_public,
            made_by=actor.person_id,
        )
        ReportEvent.objects.create(report=made, verb="create", to_state=made.state, person_id=actor.person_id)
        audit.record(actor, "roundup.create", made, place_path=place.path)
        return made


def check_period(wanted: Wanted) -> None:
    if not wanted.title.strip():
        raise InvalidInput(fields={"title": _("请写标题。")})
    if not FIRST <= wanted.since < wanted.until <= LAST or (wanted.until - wanted.since).days > LONGEST:
        raise InvalidInput(fields={"until": _("结束要在开始之后，最长三年。")})
    period, stretch = Period(wanted.since, wanted.until), wanted.template.stretch
    if stretch == Stretch.MONTH and period != Period.month(wanted.since):
        raise InvalidInput(fields={"until": _("这个模板只能写一个整月。")})
    if stretch == Stretch.YEAR and period != Period.year(wanted.since.year):
        raise InvalidInput(fields={"until": _("这个模板只能写一整年。")})
    if wanted.is_public and not saying.whole(period):
        raise PeriodNotPublic(fields={"is_public": PeriodNotPublic.message})


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor sends; ``words``: number of a block -> his words; ``edition``: of what he had before him;
    ``cases``: number of a block -> the case that he saw there. Where he says none it is that of this moment.
    """

    title: str
    addressed_to: str
    words: Mapping[int, str]
    edition: int
    cases: Mapping[str, str] = field(default_factory=dict)
    copied_to: str = ""


def runs(report: Report) -> bool:
    """A paper for everybody whose period has not ended."""
    return report.is_public and report.until > clock.today()


def edit_report(*, actor: Actor, report: Report, edit: Edit) -> Report:
    """New words in a draft; numbers stay fields. Forbidden, StepNotNow, EditedMeanwhile, InvalidInput naming the fields."""
    if not edit.title.strip():
        raise InvalidInput(fields={"title": _("请写标题。")})
    overrides = queries.read_overrides(report, dict(edit.words))
    seen = cases_now(queries.asked(report, overrides=overrides)) | dict(edit.cases)
    with begin(actor):
        if not rules.can_write(actor, report.place):
            raise Forbidden
        fresh = locks.one(Report, pk=report.pk)
        if fresh.state != ReportState.DRAFT:
            raise StepNotNow(state=ReportState(fresh.state).label)
        if fresh.edition != edit.edition:
            raise EditedMeanwhile
        around = {name: str(getattr(edit, name)).strip() for name in AROUND}
        after, before = {**around, **overrides}, {name: getattr(fresh, name) for name in AROUND} | fresh.overrides
        keys = sorted(after.keys() | before.keys())
        changes = {key: [before.get(key, ""), after.get(key, "")] for key in keys if before.get(key) != after.get(key)}
        # Of what runs nothing is told to everybody: words written before the end are about no case, and stay
        cases = {} if runs(report) else {n: case for n, case in seen.items() if n in overrides}
        if not changes and cases == fresh.cases:
            return fresh
        for name, words in around.items():
            setattr(fresh, name, words)
        fresh.overrides, fresh.cases = overrides, cases
        fresh.edition += 1
        fresh.save(update_fields=[*AROUND, "overrides", "cases", "edition"])
        facts = {"from_state": fresh.state, "to_state": fresh.state, "person_id": actor.person_id}
        ReportEvent.objects.create(report=fresh, verb="edit", changes=changes, **facts)
        audit.record(actor, "roundup.edit", fresh, place_path=report.place.path, changes={"blocks": len(changes)})
        return fresh

"""The door for mechanisms of a locality: templates of round-ups at a place, whether its units are shown in order."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from huying.cockpit.actions.report_writing import Words, write_template
from huying.cockpit.models import BoardSetting, ReportTemplate
from huying.cockpit.queries import report_templates
from huying.cockpit.queries.reports import read_template
from huying.kernel.actor import Actor
from huying.places.actions.packing import Facts
from huying.places.models import Place

__all__ = ["end_template", "keep_template", "known_templates", "ranks_at", "read_template"]


def keep_template(*, actor: Actor, place: Place, code: str, facts: Facts) -> str:
    """A new version at the place, unless the newest one says just this. Its code. Raises TemplateWrong."""
    newest = report_templates.versions(place, code).first()
    words = Words(facts["name"]["zh"], facts["stretch"], facts["body"], facts["name"]["en"])
    if newest is None or newest.retired or said(newest) != words:
        last = report_templates.versions(place, code).aggregate(last=Max("version"))["last"] or 0
        write_template(actor=actor, place=place, code=code, words=words, after=last)
    return code


def end_template(*, actor: Actor, place: Place, code: str) -> None:
    """A last version that says it is no longer offered; round-ups made of it stay."""
    newest = report_templates.versions(place, code).first()
    if newest is not None and not newest.retired:
        words = said(newest)
        write_template(actor=actor, place=place, code=code, words=words, after=newest.version, retired=True)


def said(row: ReportTemplate) -> Words:
    return Words(row.name, row.stretch, row.body, row.name_en)


def templates_at(place: Place) -> list[Facts]:
    """The newest of each template that this place itself wrote and offers, as a pack says them."""
    rows = ReportTemplate.objects.filter(place=place).order_by("code", "-version").distinct("code")
    return [
        {"code": one.code, "name": {"zh": one.name, "en": one.name_en}, "stretch": one.stretch, "body": one.body}
        for one in rows
        if not one.retired
    ]


def known_templates(codes: Iterable[str]) -> set[str]:
    """Which of these codes any template has, wherever it was written."""
    return set(ReportTemplate.objects.filter(code__in=list(codes)).values_list("code", flat=True))


def ranks_at(place: Place) -> bool:
    """The place itself shows its units in order."""
    return BoardSetting.objects.filter(place=place, ranks=True).exists()

"""Numbers as files: all metrics of a place, and the records behind one number; who took them stands in the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.figures import queries
from huying.figures.forms import ExportForm, FindForm, PeriodForm
from huying.figures.states import Split
from huying.figures.views.numbers import Asked, asked, shown_values, values_of
from huying.figures.views.places import checked, read_place, reader
from huying.kernel import exports
from huying.kernel.errors import InvalidInput
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui.naming import named


def good(form: Any) -> None:
    """InvalidInput naming the fields that are wrong."""
    if not form.is_valid():
        raise InvalidInput(fields={name: str(errors[0]) for name, errors in form.errors.items()})


@require_safe
@fresh
def export(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """All metrics of a place in a period, for itself, by place below, or by month."""
    actor = reader(request)
    place, kind, asked = read_place(actor, public_id), exports.kind_of(form), ExportForm(request.GET)
    good(asked)
    split = Split(asked.cleaned_data["split"] or Split.NONE)
    rows = queries.table(actor, place, asked.period(), split)
    name = gettext("%(place)s的数据") % {"place": named(place)}
    return exports.respond(actor=actor, name=name, kind=kind, columns=queries.CELLS, rows=rows, place_path=place.path)


@require_safe
@fresh
def number_export(request: Request, public_id: UUID, metric: str, form: str) -> HttpResponseBase:
    """The records behind a number, as far as the reader may see them."""
    actor = reader(request)
    place, of = read_place(actor, public_id), queries.metric(metric)
    kind, asked = exports.kind_of(form), PeriodForm(request.GET)
    good(asked)
    rows = queries.all_records(actor, of, place, asked.period())
    name = f"{named(of)} · {named(place)}"
    return exports.respond(actor=actor, name=name, kind=kind, columns=queries.RECORDS, rows=rows, place_path=place.path)


@require_safe
@never_cache
def number_values(request: Request, public_id: UUID, metric: str, form: str) -> HttpResponseBase:
    """What the page of a number shows: its value, those of the places right below, and over time; for everybody what
    everybody may see.
    """
    what, kind = asked(request, public_id, metric), exports.kind_of(form)
    good(what.form)
    send = fresh(values_sent) if what.reads else values_sent
    return send(request, what, kind)


def values_sent(request: Request, what: Asked, kind: exports.Kind) -> HttpResponseBase:
    rows, name = list(shown_values(what)), f"{named(what.metric)} · {named(what.place)}"
    columns = values_of(what.metric)
    return exports.respond(
        actor=what.actor, name=name, kind=kind, columns=columns, rows=rows, place_path=what.place.path
    )


@require_safe
@fresh
def reported_export(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """What others reported of a place, as far as it was looked for; corrected words are left out."""
    actor = reader(request)
    place, kind = read_place(actor, public_id), exports.kind_of(form)
    rows = queries.reported(actor, place=place, words=FindForm(request.GET).words()).order_by("-as_of", "-id")
    name = gettext("%(place)s填报的数") % {"place": named(place)}
    return exports.respond(
        actor=actor, name=name, kind=kind, columns=queries.REPORTED, rows=rows, place_path=place.path
    )


CHECKS: tuple[Column[dict[str, Any]], ...] = (
    Column(_("检查"), lambda one: one["check"].name, "name"),
    Column(_("结果"), lambda one: str(one["verdict"].label), "verdict"),
    Column(_("算出来的数"), lambda one: one["value"], "value"),
    Column(_("说明"), lambda one: one["words"], "words"),
)


@require_safe
@fresh
def checks_export(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The checks of what was reported of a place, and how each ends today."""
    actor = reader(request)
    place, kind = read_place(actor, public_id), exports.kind_of(form)
    rows = [checked(one) for one in queries.verdicts(actor, place)]
    name = gettext("%(place)s的检查") % {"place": named(place)}
    return exports.respond(actor=actor, name=name, kind=kind, columns=CHECKS, rows=rows, place_path=place.path)


@require_safe
def feeds_export(request: Request, form: str) -> HttpResponseBase:
    """My own feeds that go on."""
    actor = signed_in(request)
    rows, kind = queries.my_feeds(actor).filter(ended_at=None).order_by("-id"), exports.kind_of(form)
    return exports.respond(actor=actor, name=gettext("定时导出"), kind=kind, columns=queries.FEEDS, rows=rows)

"""The panels of a board below its strip: curves, kinds, hours, map, units, sites, the latest, what is coming."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.cockpit.queries import Board, setting_of
from huying.cockpit.queries.boards import BY_PLACE, RANKED, SITES, Unit
from huying.cockpit.rules.board_periods import Span
from huying.cockpit.views.board_words import (
    DASH,
    made_of,
    name_of,
    number_link,
    percent,
    shown,
    unit_of,
    with_unit,
)
from huying.figures import queries as figure_queries
from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.figures.states import Grain, MetricKind
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui import when
from huying.ui.naming import named

KINDS = 8
HOURS = range(24)
WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)
STATE_TONES = {"submitted": "kaki", "closed": "pine", "delivered": "dai", "cancelled": "ink", "rejected": "ink"}


def curves(board: Board) -> dict[str, Any]:
    """Calls and answers by day or month: rows for the table, each number with its page, and the same for the chart."""
    codes = board.scene.curves
    days = list(board.curves[codes[0]])
    names = [named(board.metrics[code]) for code in codes]
    labels = [day_label(day, board.span.grain) for day in days]
    rows = [
        (label, [{"n": board.curves[code][day], "href": number_link(board.place, code, cut)} for code in codes])
        for label, day, cut in zip(labels, days, stretches(board.span), strict=True)
    ]
    series = [
        {"name": name, "data": list(board.curves[code].values())} for name, code in zip(names, codes, strict=True)
    ]
    unit = unit_of(board.metrics[codes[0]])
    data = {"kind": "curves", "labels": labels, "series": series, "unit": unit}
    href = number_link(board.place, codes[0], board.span.trend)
    return {"rows": rows, "heads": names, "unit": unit, "title": " · ".join(names), "data": data, "href": href}


def stretches(shown: Span) -> list[Period]:
    """The days, or the months as far as they are drawn."""
    trend = shown.trend
    days = figure_queries.stretches(trend, shown.grain)
    ends = [*days[1:], trend.until]
    return [Period(max(since, trend.since), until) for since, until in zip(days, ends, strict=True)]


def day_label(day: date, grain: Grain) -> str:
    return f"{day:%Y-%m}" if grain == Grain.MONTH else f"{day.month}/{day.day}"


def days_in_short(period: Period) -> str:
    """11/1–11/23, the last day included."""
    last = date.fromordinal(period.until.toordinal() - 1)
    return f"{period.since.month}/{period.since.day}–{last.month}/{last.day}"


def kinds(board: Board) -> dict[str, Any]:
    """What was asked for, most first; the rest together."""
    first, rest = board.mix.kinds[:KINDS], board.mix.kinds[KINDS:]
    rows = [(named(kind), n, kind.tone) for kind, n in first]
    if rest:
        rows.append((_("另外几类"), sum(n for _kind, n in rest), "ink"))
    total = board.mix.total
    lines = [(name, n, f"{percent(Value(None, n, total))}%", tone) for name, n, tone in rows]
    data = {"kind": "bars", "rows": [{"name": name, "n": n, "tone": tone} for name, n, tone in rows], "unit": _("件")}
    href = number_link(board.place, "calls_submitted", board.span.shown)
    return {"rows": lines, "total": total, "data": data, "href": href}


def hours(board: Board) -> dict[str, Any]:
    """When it was asked, by weekday and hour of China, and the busiest hour in words."""
    found = board.mix.hours
    most = max(found.values(), default=0)
    rows = [(str(name), [found.get((day, hour), 0) for hour in HOURS]) for day, name in enumerate(WEEKDAYS, 1)]
    cells = [[hour, day - 1, n] for (day, hour), n in sorted(found.items())]
    busiest = ""
    if most:
        day, hour = min(key for key, n in found.items() if n == most)
        busiest = _("%(day)s %(hour)d 时最多，%(n)d 件") % {"day": WEEKDAYS[day - 1], "hour": hour, "n": most}
    labels = [str(name) for name in WEEKDAYS]
    data = {"kind": "heat", "cells": cells, "most": most, "days": labels, "unit": _("件"), "hour": _("点")}
    href = number_link(board.place, "calls_submitted", board.span.shown)
    return {"rows": rows, "hours": list(HOURS), "busiest": busiest, "data": data, "href": href}


def area_map(board: Board, colour: Metric) -> Any:
    """The picture with its areas coloured by a metric; None without borders."""
    if board.picture is None:
        return None
    numbers = {key: number for key, one in board.areas.items() if (number := whole_number(one[colour.pk])) is not None}
    return place_queries.coloured(board.picture, numbers)


def whole_number(value: Value) -> int | None:
    """What an area is coloured by: amounts as they are, shares in whole percent."""
    if value.whole is not None:
        share = value.rounded(0)
        return None if share is None else int(share)
    return value.amount


def areas(board: Board, picture: Any, colour: Metric, query: str) -> list[dict[str, Any]]:
    """The areas to draw: shape, name, number in words, and the board it leads to."""
    found = []
    for area in picture.areas if picture else ():
        values = board.areas.get(area.place_id)
        text = with_unit(colour, values[colour.pk]) if values else ""
        page = board.pages.get(area.place_id)
        href = reverse("cockpit:board", args=[page]) + query if page else ""
        found.append({"area": area, "text": text, "href": href, "here": area.place_id == board.place.pk})
    return found


def units(board: Board, colour: Metric, query: str) -> dict[str, Any]:
    """The places right below with one number each: in the order of the tree, or ranked where that is switched on."""
    setting = setting_of(board.place)
    ranked = bool(setting and setting.ranks)
    metric = board.metrics[RANKED] if ranked else colour
    listed = [one for one in board.units if has_something(one) or one.place.kind.is_division]
    ordered = sorted(listed, key=by_rank) if ranked else listed
    most = max((size_of(one.values[metric.pk]) for one in listed), default=Decimal(0))
    rows, last, place = list[dict[str, Any]](), None, 0
    for number, one in enumerate(ordered, 1):
        value = one.values[metric.pk]
        if value.exact != last:
            last, place = value.exact, number
        rows.append(
            unit_row(one, metric, most, board.span.shown, query)
            | {"rank": place if ranked and last is not None else None}
        )
    if board.units and not ranked and board.own[metric.pk].amount:
        rows.append(own_row(board, metric, most))
    return {"rows": rows, "ranked": ranked, "setting": setting, "metric": metric, "name": name_of(metric)}


def own_row(board: Board, metric: Metric, most: Decimal) -> dict[str, Any]:
    """What was counted at the place itself, so that the parts make the whole."""
    value = board.own[metric.pk]
    row = number_row(board.place, metric, value, most, board.span.shown)
    return row | {"name": _("本级"), "href": "", "rank": None}


def unit_row(one: Unit, metric: Metric, most: Decimal, period: Period, query: str) -> dict[str, Any]:
    href = reverse("cockpit:board", args=[one.place.public_id]) + query
    value = one.values[metric.pk]
    return number_row(one.place, metric, value, most, period) | {"name": named(one.place), "href": href}


def number_row(place: Place, metric: Metric, value: Value, most: Decimal, period: Period) -> dict[str, Any]:
    """A number with its unit, what it is made of, the way to what is behind it, and the length of its bar."""
    text = shown(metric, value)
    return {
        "value": text,
        "unit": "" if text == DASH else unit_of(metric),
        "of": made_of(metric, value) if value.whole else "",
        "number_href": number_link(place, metric.pk, period),
        "size": float(size_of(value)),
        "most": 100 if metric.kind == MetricKind.RATIO else float(most) or 1,
    }


def has_something(one: Unit) -> bool:
    """A site with nothing to show stands among the sites, not among the units."""
    return any(one.values[code].amount or one.values[code].whole for code in BY_PLACE if code != "sites")


def by_rank(one: Unit) -> tuple[bool, Fraction]:
    """The largest share first; those without any last, in the order of the tree (sorting keeps it)."""
    share = one.values[RANKED].exact
    return share is None, -(share or Fraction(0))


def size_of(value: Value) -> Decimal:
    """The length of a bar."""
    return value.percent or Decimal(0) if value.whole is not None else Decimal(value.amount or 0)


def sites(board: Board) -> list[dict[str, Any]]:
    """Sites in use by kind; kinds that have none are left out."""
    found = []
    for code, metric in board.metrics.items():
        value = board.now[code]
        if code.startswith(SITES) and value.amount:
            name = named(metric)
            found.append({"name": name, "n": value.amount, "unit": unit_of(metric), "href": list_of(board, code)})
    return found


def list_of(board: Board, code: str) -> str:
    """The list of sites of one kind."""
    kind = code.removeprefix(SITES)
    return f"{reverse('places:list')}?within={board.place.public_id}&kind={kind}"


def latest(board: Board) -> list[dict[str, Any]]:
    """What was done last: the service, where, what came of it, when. Nobody is named."""
    return [
        {
            "at": one.at,
            "time": when.clock_text(one.at),
            "kind": named(one.kind),
            "icon": one.kind.icon,
            "state": str(one.state.label),
            "tone": STATE_TONES.get(one.state.value, "gui"),
            "where": named(one.place) or DASH,
        }
        for one in board.latest
    ]


def coming(board: Board) -> list[dict[str, Any]]:
    """What is on next."""
    return [
        {
            "title": one.activity.title,
            "href": reverse("activities:activity", args=[one.activity.public_id]),
            "at": one.starts_at,
            "where": where_of(one.activity.place, one.venue),
        }
        for one in board.coming
    ]


def where_of(place: Place, venue: Place | None) -> str:
    return named(venue or place)

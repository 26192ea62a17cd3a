"""A board in words: every number with its unit, what it is made of, how it changed, and the way to what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huying.calls import rules as call_rules
from huying.calls.queries import Clocks
from huying.cockpit.queries import Board
from huying.cockpit.queries.measures import Measure
from huying.cockpit.rules.board_changes import Change, Way, amount_changed, rounded, share_changed
from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.figures.rules import percents
from huying.figures.states import Direction, MetricKind
from huying.figures.states.calls import MARKS
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named

DASH = "–"
MINUTES = "minute"
ARROWS = {Way.UP: "↑", Way.DOWN: "↓", Way.SAME: "→", Way.UNKNOWN: ""}
CLOCKS: tuple[tuple[str, Promise, str, str], ...] = (
    ("late", gettext_lazy("已超时"), "mei", "late"),
    ("amber", gettext_lazy("过半"), "gui", "amber"),
    ("calm", gettext_lazy("来得及"), "pine", ""),
    ("paused", gettext_lazy("没有在计时"), "ink", ""),
)
"""Colour of the clock: code, words, tone, and what the list of calls calls it."""
LABELS: dict[str, Promise] = {
    "open": gettext_lazy("没办完的求助"),
    "active": gettext_lazy("活跃志愿者"),
}
"""What the measures of a board are called that are no metrics of figures."""
SAYS: dict[str, Promise] = {
    "open": gettext_lazy("现在还没有结束的求助。"),
    "active": gettext_lazy("登记为志愿者、一年内有确认的服务的人，每人只算一次。"),
}


def number_link(place: Place, code: str, period: Period) -> str:
    """Where a number of figures is explained and opens to its records: the one place that says so."""
    days = urlencode({"since": period.since.isoformat(), "until": period.until.isoformat()})
    return f"{reverse('figures:number', args=[place.public_id, code])}?{days}"


def shown(metric: Metric, value: Value | None) -> str:
    """A value in figures: minutes as hours, shares with one decimal; a dash where nothing can be said."""
    if value is None:
        return DASH
    if metric.kind == MetricKind.RATIO:
        return percent(value)
    if value.amount is None:
        return DASH
    if metric.unit_id == MINUTES:
        return hours(value.amount)
    return grouped(value.amount)


def hours(minutes: int) -> str:
    """90 minutes are 1.5; whole hours from a hundred on."""
    if minutes < 6000:
        return one_decimal(Decimal(minutes) / 60)
    return grouped(int((Decimal(minutes) / 60).quantize(Decimal(1), ROUND_HALF_UP)))


def grouped(number: int) -> str:
    """12,345."""
    return f"{number:,}"


def percent(value: Value) -> str:
    """A share with one decimal, rounded once from what it is made of; a dash where nothing was counted."""
    found = None if value.part is None or not value.whole else percents.percent(value.part, value.whole, 1)
    return DASH if found is None else number_format(found, 1)


def exact(value: Value | None) -> Fraction | None:
    """A share in percent, not rounded."""
    if value is None or value.part is None or not value.whole:
        return None
    return 100 * Fraction(value.part) / value.whole


def one_decimal(value: Decimal) -> str:
    """Half up, as on paper (the formats of Django cut off)."""
    return number_format(rounded(value), 1)


def unit_of(metric: Metric) -> str:
    if metric.kind == MetricKind.RATIO:
        return "%"
    return _("小时") if metric.unit_id == MINUTES else named(metric.unit)


def name_of(metric: Metric) -> str:
    """What the metric is called where minutes are shown as hours."""
    return _("服务时长") if metric.pk == "service_minutes" else named(metric)


def with_unit(metric: Metric, value: Value | None) -> str:
    """44 件, 93.1%; a dash alone where nothing can be said."""
    text = shown(metric, value)
    if text == DASH:
        return text
    return f"{text}%" if metric.kind == MetricKind.RATIO else f"{text} {unit_of(metric)}"


def made_of(metric: Metric, value: Value) -> str:
    """12 / 15 件: what a share is made of. Marks are a hundred for each rating, so they are told as ratings."""
    part, whole = value.part or 0, value.whole or 0
    if metric.numerator_id in MARKS:
        return _("%(part)s / %(whole)s 条评价") % {"part": Decimal(part) / 100, "whole": Decimal(whole) / 100}
    return f"{part} / {whole} {named(metric.numerator.unit) if metric.numerator else ''}"


def in_words(
    change: Change | None, unit: str, direction: str, *, share: bool = False, minutes: bool = False
) -> dict[str, str] | None:
    """A change as arrow, words and whether it is for the better; None where nothing is compared."""
    if change is None:
        return None
    if change.way == Way.UNKNOWN:
        return {"arrow": "", "words": _("上期没有数"), "tone": "none"}
    if change.way == Way.SAME:
        return {"arrow": ARROWS[change.way], "words": _("持平"), "tone": "none"}
    up = change.way == Way.UP
    if share:
        words = (_("高 %(by)s 个百分点") if up else _("低 %(by)s 个百分点")) % {"by": number_format(change.by, 1)}
    elif change.percent is None:
        words = (_("多 %(by)s %(unit)s") if up else _("少 %(by)s %(unit)s")) % {
            "by": hours(int(change.by)) if minutes else grouped(int(change.by)),
            "unit": unit,
        }
    else:
        words = (_("多 %(by)s%%") if up else _("少 %(by)s%%")) % {"by": number_format(change.percent, 1)}
    good = {Direction.UP: up, Direction.DOWN: not up}.get(Direction(direction))
    tone = "none" if good is None else "good" if good else "bad"
    return {"arrow": ARROWS[change.way], "words": words, "tone": tone}


def figure_tile(board: Board, code: str, sub: str = "", of: str = "") -> dict[str, Any]:
    """One number of figures; ``sub`` says another one beside it, of the metric ``of``."""
    metric, value = board.metrics[code], board.now.get(code)
    ratio = metric.kind == MetricKind.RATIO
    change = None
    if board.span.before is not None and value is not None and metric.kind != MetricKind.STOCK:
        old = board.before.get(code)
        amount = old.amount if old else None
        change = share_changed(exact(value), exact(old)) if ratio else amount_changed(value.amount, amount)
    if ratio and value is not None and value.whole is not None:
        sub = made_of(metric, value)
    return {
        "code": code,
        "label": name_of(metric),
        "says": named(metric, "counts"),
        "value": shown(metric, value),
        "unit": unit_of(metric),
        "sub": sub,
        "change": in_words(change, unit_of(metric), metric.direction, share=ratio, minutes=metric.unit_id == MINUTES),
        "href": number_link(board.place, code, board.span.shown),
        "sub_href": number_link(board.place, of, board.span.shown) if of else "",
        "line": line(over_time(board, metric)),
    }


def over_time(board: Board, metric: Metric) -> list[Fraction | None]:
    """A flow, or a ratio of flows, over the days or months that the curves show; nothing of a stock."""
    if metric.kind != MetricKind.RATIO:
        return [Fraction(one) for one in board.curves.get(metric.pk, {}).values()]
    part, whole = (board.curves.get(code or "", {}) for code in (metric.numerator_id, metric.denominator_id))
    return [Fraction(part[day], n) if n else None for day, n in whole.items() if day in part]


def line(values: Sequence[Fraction | None]) -> str:
    """The points of a small line, 100 wide and 20 high, from the lowest to the highest; "" where there is none to draw.

    It is a picture beside the number, for the eye alone: its numbers stand in the table of the page that the tile opens.
    """
    known = [one for one in values if one is not None]
    if len(known) < 3 or min(known) == max(known):
        return ""
    low, high = min(known), max(known)
    step = Fraction(100, len(values) - 1)
    at = [(n * step, 19 - 18 * (one - low) / (high - low)) for n, one in enumerate(values) if one is not None]
    return " ".join(f"{float(x):.1f},{float(y):.1f}" for x, y in at)


def measure_link(place: Place, code: str, period: Period) -> str:
    """The page of a number of the board that is no metric of figures, for the very days that the board shows."""
    last = type(period.until).fromordinal(period.until.toordinal() - 1)
    days = {"period": "custom", "since": period.since.isoformat(), "until": last.isoformat()}
    return f"{reverse('cockpit:measure', args=[place.public_id, code])}?{urlencode(days)}"


def says(code: str) -> str:
    """What a measure counts."""
    return str(SAYS[code])


def measure_unit(code: str) -> str:
    return {"open": _("件"), "active": _("人")}[code]


def measure_tile(board: Board, found: Measure, sub: str = "", of: str = "") -> dict[str, Any]:
    """One measure of calls or volunteers, which is of this moment and compared with nothing."""
    return {
        "code": found.code,
        "label": str(LABELS[found.code]),
        "says": says(found.code),
        "value": grouped(found.amount),
        "unit": measure_unit(found.code),
        "sub": sub,
        "change": None,
        "href": measure_link(board.place, found.code, board.span.shown),
        "sub_href": number_link(board.place, of, board.span.shown) if of else "",
    }


def tiles(board: Board) -> list[dict[str, Any]]:
    """The strip of key figures. Closed stands beside solved: the one is not the other."""
    now, clocks = board.now, board.clocks
    registered = board.metrics["volunteers_registered"]
    records, sessions = (now[code].amount or 0 for code in ("service_records", "sessions_held"))
    parts = {
        "open": (_("超时 %(late)d · 过半 %(amber)d") % {"late": clocks.late, "amber": clocks.amber}, ""),
        "active": (_("注册 %(n)s 人") % {"n": shown(registered, now[registered.pk])}, registered.pk),
        "service_minutes": (ngettext("%(n)d 次服务", "%(n)d 次服务", records) % {"n": records}, "service_records"),
        "attended": (ngettext("%(n)d 场活动", "%(n)d 场活动", sessions) % {"n": sessions}, "sessions_held"),
    }
    measures = {"open": Measure("open", clocks.total), "active": Measure("active", board.active)}
    return [
        measure_tile(board, measures[code], *parts.get(code, ("", "")))
        if code in LABELS
        else figure_tile(board, code, *parts.get(code, ("", "")))
        for code in board.scene.tiles
    ]


def has_desk(actor: Actor, place: Place) -> bool:
    """Calls of the place stand on the reader's desk, so that lists of them may be opened."""
    return people_rules.reaches(actor, call_rules.READERS, place)


def call_list(actor: Actor, place: Place, **filters: str) -> str:
    """The list of calls below a place; "" for those without a desk."""
    if not has_desk(actor, place):
        return ""
    return f"{reverse('calls:list')}?{urlencode({'place': place.public_id, **filters})}"


def clocks(actor: Actor, place: Place, found: Clocks) -> list[dict[str, Any]]:
    """Open calls by the colour of their clock, each colour with its words and its list (``list``: for those with a desk)."""
    rows = []
    for code, words, tone, only in CLOCKS:
        listed = call_list(actor, place, only=only) if only else ""
        href = listed or f"{reverse('cockpit:measure', args=[place.public_id, 'open'])}#clocks"
        n, whole = getattr(found, code), max(found.total, 1)
        rows.append({"words": str(words), "n": n, "tone": tone, "href": href, "list": listed, "whole": whole})
    return rows

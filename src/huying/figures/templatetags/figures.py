"""``{% load figures %}``: a number as a link to its definition and the records behind it, in one line of any page.

``{% number metric="calls_closed" place=place period=period value=value %}``: ``metric`` a code or a row of the register,
``period`` a ``queries.Period``, ``value`` what ``queries.value`` gave, or a text that stands for it. ``within`` (a text)
stands before the number for those who cannot see in which row of which table it stands.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.places.models import Place

register = template.Library()


def in_figures(value: Value) -> str:
    """A value as it is printed: a percentage with two places, everything else whole; a dash where nothing can be said."""
    if value.hidden:
        return gettext("不公开")
    if value.whole is not None:
        return "–" if value.percent is None else f"{value.percent}%"
    return "–" if value.amount is None else f"{value.amount:,}"


def address(metric: Metric | str, place: Place, period: Period) -> str:
    """The page of one number."""
    code = metric if isinstance(metric, str) else metric.pk
    days = urlencode({"since": period.since.isoformat(), "until": period.until.isoformat()})
    return f"{reverse('figures:number', args=[place.public_id, code])}?{days}"


@register.filter
def in_words(period: Period) -> str:
    """A year, a month, a day, or both ends, the last day included."""
    first, last = period.since, period.until - timedelta(days=1)
    if period == Period.year(first.year):
        return gettext("%(year)s 年") % {"year": first.year}
    if period == Period.month(first):
        return gettext("%(year)s 年 %(month)s 月") % {"year": first.year, "month": first.month}
    if first == last:
        return first.isoformat()
    return gettext("%(since)s 至 %(until)s") % {"since": first.isoformat(), "until": last.isoformat()}


@register.filter
def printed(value: Value) -> str:
    """A value as it is printed."""
    return in_figures(value)


@register.simple_tag
def number_address(metric: Metric | str, place: Place, period: Period) -> str:
    """The page of one number, for a link with words of its own."""
    return address(metric, place, period)


@register.simple_tag
def number(*, metric: Metric | str, place: Place, period: Period, value: Value | str, within: str = "") -> SafeString:
    """The number, linked to where it comes from."""
    shown = in_figures(value) if isinstance(value, Value) else value
    before = format_html('<span class="hy-sr">{} </span>', within) if within else ""
    return format_html('<a class="hy-link hy-num" href="{}">{}{}</a>', address(metric, place, period), before, shown)

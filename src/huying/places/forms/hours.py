"""Opening hours as people write them: ``09:00-12:00 14:00-17:30``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.kernel import worktime
from huying.kernel.worktime.hours import WEEKDAYS, read_date, read_intervals
from huying.places.queries.hours import WEEK

SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2}):(\d{2})")
CLOSED_WORDS = {"", "休息", "关闭", "不开放", "closed"}
LONGEST_LINE = 120
DAYS = dict(zip(WEEKDAYS, WEEK, strict=True))


class HoursForm(forms.Form):
    """One line a weekday, what holidays and worked weekends mean, and special days one a line."""

    mon = forms.CharField(label=DAYS["mon"], max_length=LONGEST_LINE, required=False)
    tue = forms.CharField(label=DAYS["tue"], max_length=LONGEST_LINE, required=False)
    wed = forms.CharField(label=DAYS["wed"], max_length=LONGEST_LINE, required=False)
    thu = forms.CharField(label=DAYS["thu"], max_length=LONGEST_LINE, required=False)
    fri = forms.CharField(label=DAYS["fri"], max_length=LONGEST_LINE, required=False)
    sat = forms.CharField(label=DAYS["sat"], max_length=LONGEST_LINE, required=False)
    sun = forms.CharField(label=DAYS["sun"], max_length=LONGEST_LINE, required=False)
    makeup = forms.CharField(
        label=_("调休上班的周末"), help_text=_("不填就和周一一样"), max_length=LONGEST_LINE, required=False
    )
    holidays = forms.ChoiceField(
        label=_("法定节假日"), choices=[("closed", _("不开放")), ("usual", _("照常开放"))], initial="closed"
    )
    special = forms.CharField(
        label=_("特别日期"),
        help_text=_("一行一天，如 2026-10-01 休息，2026-10-08 09:00-12:00"),
        max_length=8000,
        required=False,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, hours: Mapping[str, Any] | None = None, **kwargs: Any):
        if hours is not None:
            kwargs.setdefault("initial", written(hours))
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in (*WEEKDAYS, "makeup"):
            if data.get(name):
                self._read(name, partial(spans_of, data[name]))
        self._read("special", partial(special_of, data.get("special", "")))
        return data

    def _read(self, name: str, reading: Callable[[], Any]) -> None:
        try:
            self.cleaned_data[f"{name}_spans"] = reading()
        except (worktime.HoursUnclear, ValidationError) as unclear:
            self.add_error(name, unclear if isinstance(unclear, ValidationError) else str(unclear))

    def hours(self) -> dict[str, Any] | None:
        """The form that ``worktime.parse`` reads; None when nothing was written: hours are not known."""
        data = self.cleaned_data
        week = {name: data[f"{name}_spans"] for name in WEEKDAYS if f"{name}_spans" in data}
        if not week and not data["special_spans"]:
            return None
        found: dict[str, Any] = {**week, "holidays": data["holidays"], "special": data["special_spans"]}
        if "makeup_spans" in data:
            found["makeup"] = data["makeup_spans"]
        return found


def spans_of(line: str) -> list[list[str]]:
    """``9:00-12:00、14:00至17:30`` as pairs of clock times; a word for closed gives none. ValidationError."""
    plain = unicodedata.normalize("NFKC", line).strip()
    if plain in CLOSED_WORDS:
        return []
    rest = SPAN.sub("", plain)
    if rest.strip(" ,、;，；。") or not SPAN.search(plain):
        raise ValidationError(_("请写成 09:00-12:00 14:00-17:30 这样。"))
    spans = [[f"{int(a):02d}:{b}", f"{int(c):02d}:{d}"] for a, b, c, d in SPAN.findall(plain)]
    intervals = read_intervals(spans)
    for (_start, end), (following, _end) in pairwise(intervals):
        if following < end:
            raise ValidationError(_("前后两段时间重叠了。"))
    if any(start >= end for start, end in intervals):
        raise ValidationError(_("开始时间要早于结束时间。"))
    return sorted(spans)


def special_of(text: str) -> dict[str, list[list[str]]]:
    """Lines ``2026-10-01 休息`` as {ISO date: spans}. ValidationError names the line."""
    found: dict[str, list[list[str]]] = {}
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        day, _space, rest = line.partition(" ")
        try:
            found[read_date(day).isoformat()] = spans_of(rest)
        except (worktime.HoursUnclear, ValidationError):
            raise ValidationError(
                _("第 %(number)s 行看不懂：%(line)s"), params={"number": number, "line": line[:40]}
            ) from None
    return found


def written(hours: Mapping[str, Any]) -> dict[str, str]:
    """Stored hours as the lines of the form."""
    lines = {name: spans_text(hours[name]) for name in (*WEEKDAYS, "makeup") if hours.get(name)}
    special = [f"{day} {spans_text(spans)}" for day, spans in sorted(hours.get("special", {}).items())]
    return {**lines, "holidays": hours.get("holidays", "closed"), "special": "\n".join(special)}


def spans_text(spans: list[list[str]]) -> str:
    return " ".join(f"{start}-{end}" for start, end in spans) or str(_("休息"))

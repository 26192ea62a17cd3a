"""What people type to use a room: a day and two times, for what, who, how many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.places import queries
from huying.places.actions import Wanted
from huying.places.actions.bookings import FARTHEST
from huying.places.models import Booking, Place
from huying.ui.widgets import Clock, Day


class BookingForm(forms.Form):
    """Half-open: who books until 16:00 leaves room for somebody from 16:00 on. Warnings want a second press."""

    CALLED = {"starts_at": "starts", "ends_at": "ends"}
    day = forms.DateField(label=_("哪一天"), widget=Day)
    starts = forms.TimeField(label=_("从几点"), widget=Clock)
    ends = forms.TimeField(label=_("到几点"), widget=Clock, help_text=_("到这个时间就空出来，别人可以接着用。"))
    purpose = forms.CharField(label=_("做什么用"), max_length=120, help_text=_("会显示在时间表上，请不要写个人情况。"))
    who = forms.CharField(label=_("谁用"), max_length=60, help_text=_("单位、队伍或姓名，只有管理员看得到。"))
    headcount = forms.IntegerField(label=_("大约多少人"), min_value=1, max_value=100_000, required=False)
    anyway = forms.BooleanField(label=_("知道了，仍然要订"), required=False)

    def __init__(self, data: Any, *, place: Place, booking: Booking | None = None, initial: dict[str, Any]):
        super().__init__(data, initial={**initial, **(values_of(booking) if booking else {})})
        self.place, self.warned = place, False
        if booking is not None:
            for name in ("purpose", "who", "headcount"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        if given["day"] > clock.today() + FARTHEST:
            self.add_error("day", _("一次最多订 31 天，最远订到一年以后。"))
            return given
        self.starts_at, self.ends_at = self.span()
        if self.ends_at <= self.starts_at:
            self.add_error("ends", _("结束时间要晚于开始时间。"))
            return given
        against = queries.warnings(self.place, self.starts_at, self.ends_at, given.get("headcount"))
        if against and not given["anyway"]:
            self.warned = True
            for sentence in against:
                self.add_error(None, str(sentence))
            self.add_error("anyway", _("如果确实需要，请勾选这一项再提交。"))
        return given

    def span(self) -> tuple[datetime, datetime]:
        """Both moments in China time; 00:00 as the end is the end of the day."""
        given = self.cleaned_data
        starts = datetime.combine(given["day"], given["starts"], tzinfo=clock.SHANGHAI)
        ends = datetime.combine(given["day"], given["ends"], tzinfo=clock.SHANGHAI)
        midnight = (ends.hour, ends.minute) == (0, 0)
        return starts, ends + timedelta(days=1) if midnight else ends

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(self.place, self.starts_at, self.ends_at, given["purpose"], given["who"], given.get("headcount"))


class WeekForm(forms.Form):
    """Which week of the timetable is looked at."""

    day = forms.DateField(required=False)


class CancelBookingForm(forms.Form):
    """Why a booking is taken back."""

    reason = forms.CharField(label=_("原因"), max_length=200, required=False, widget=forms.Textarea)


def values_of(booking: Booking) -> dict[str, Any]:
    starts, ends = clock.local(booking.starts_at), clock.local(booking.ends_at)
    return {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}

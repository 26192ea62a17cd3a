"""Rooms: the timetable of a week, asking for a time, and the page of one booking."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, signed_in
from huying.places import actions, forms, queries, rules
from huying.places.models import Booking
from huying.places.states import BookingState
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.ui.naming import named

both = require_http_methods(["GET", "HEAD", "POST"])
PAGE_SIZE = 20
TONES = {BookingState.HELD: "gui", BookingState.CONFIRMED: "pine", BookingState.CANCELLED: "ink"}


@require_safe
@never_cache
def timetable(request: Request, public_id: UUID) -> HttpResponse:
    """A week of a site and its rooms; everybody sees when it is taken and for what, keepers also by whom."""
    place = queries.by_public_id(public_id)
    form = forms.WeekForm(request.GET)
    day = (form.cleaned_data["day"] if form.is_valid() else None) or clock.today()
    title = str(_("{name}使用安排")).format(name=named(place))
    context = {
        "title": title,
        "lead": _("订到几点就空到几点，前后可以紧接着。"),
        "place": place,
        "days": queries.week_of(place, day),
        "before": (day - timedelta(days=7)).isoformat(),
        "after": (day + timedelta(days=7)).isoformat(),
        "keeps": rules.can_keep(request.actor, place),
        "rooms": [one for one in queries.bookable(place)[:40] if one.status == "open"],
        "crumbs": crumbs(place, _("使用安排")),
    }
    return show(request, "timetable", context)


@both
@never_cache
def book(request: Request, public_id: UUID) -> HttpResponse:
    """Ask for the place at a time."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_book(request.actor, place))
    form = forms.BookingForm(posted(request), place=place, initial={"day": request.GET.get("day") or clock.today()})
    made: list[Booking] = []

    def act() -> None:
        made.append(actions.book(actor=request.actor, wanted=form.wanted()))

    if request.method == "POST" and carried_out(form, act):
        kept = made[0].state == BookingState.CONFIRMED
        said = _("已订好。") if kept else _("已提交，阵地管理员会在 48 小时内答复。")
        return on_to(request, said, "booking", made[0].public_id)
    title = str(_("预订{name}")).format(name=named(place))
    back = reverse("places:timetable", args=[place.public_id])
    return form_page(request, form, title=title, label=_("预订"), place=place, back=back, template="book")


@both
@never_cache
def booking(request: Request, public_id: UUID) -> HttpResponse:
    """One booking: confirm, take back."""
    row = queries.booking(signed_in(request), public_id)
    form = forms.CancelBookingForm(posted(request))
    if request.method == "POST" and (answer := pressed(request, row, form)):
        return answer
    starts, ends = clock.local(row.starts_at), clock.local(row.ends_at)
    live = row.state != BookingState.CANCELLED
    context = {
        "title": _("预订"),
        "booking": row,
        "tone": TONES[BookingState(row.state)],
        "facts": [
            (_("地方"), named(row.place)),
            (_("时间"), f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}"),
            (_("用途"), row.purpose),
            (_("谁用"), row.who),
            (_("人数"), row.headcount),
            (_("原因"), row.reason),
        ],
        "form": form,
        "may_confirm": row.state == BookingState.HELD and rules.can_keep(request.actor, row.place),
        "may_cancel": live and rules.can_cancel_booking(request.actor, row),
        "crumbs": crumbs(row.place, _("预订")),
    }
    return show(request, "booking", context, status=422 if form.is_bound and form.errors else 200)


def pressed(request: Request, row: Booking, form: forms.CancelBookingForm) -> HttpResponse | None:
    """Carry out a press on the page of a booking; None when it was refused and the form says why."""
    if request.POST.get("act") == "confirm":
        actions.confirm_booking(actor=request.actor, booking=row)
        return on_to(request, _("已确认。"), "booking", row.public_id)

    def act() -> None:
        actions.cancel_booking(actor=request.actor, booking=row, reason=form.cleaned_data["reason"])

    if carried_out(form, act):
        return on_to(request, _("已取消，这段时间空出来了。"), "booking", row.public_id)
    return None


@both
@never_cache
def change_booking(request: Request, public_id: UUID) -> HttpResponse:
    """Another time for the same thing."""
    row = queries.booking(signed_in(request), public_id)
    if not rules.can_cancel_booking(request.actor, row):
        raise Forbidden
    form = forms.BookingForm(posted(request), place=row.place, booking=row, initial={})

    def act() -> None:
        actions.change_booking(actor=request.actor, booking=row, starts_at=form.starts_at, ends_at=form.ends_at)

    back = reverse("places:booking", args=[row.public_id])
    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("时间已改好。"), "booking", row.public_id)
    return form_page(request, form, title=_("改时间"), label=_("保存"), place=row.place, back=back, template="book")


@require_safe
@never_cache
def bookings(request: Request) -> HttpResponse:
    """My bookings, and for keepers what waits for their yes."""
    actor = signed_in(request)
    page = paging.page(queries.my_bookings(actor), ("-starts_at", "-id"), request.GET.get("cursor"), PAGE_SIZE)
    context: dict[str, Any] = {
        "title": _("场地预订"),
        "page": page,
        "waiting": queries.waiting_bookings(actor),
        "tones": TONES,
        "files": exports.addresses("places:bookings_file"),
    }
    return show(request, "bookings", context)


BOOKINGS: tuple[exports.Column[Booking], ...] = (
    exports.Column(_("地方"), lambda one: named(one.place), "place"),
    exports.Column(_("属于哪里"), lambda one: named(one.place.parent), "within"),
    exports.Column(_("开始"), "starts_at"),
    exports.Column(_("结束"), "ends_at"),
    exports.Column(_("用途"), "purpose"),
    exports.Column(_("状态"), lambda one: one.get_state_display(), "state"),
)
"""Who booked stays on the page of the one booking."""


@require_safe
@never_cache
def bookings_file(request: Request, form: str) -> HttpResponseBase:
    """What waits for my yes, next first, then what I booked, latest first."""
    actor = signed_in(request)
    waiting = queries.waiting_bookings(actor)
    mine = queries.my_bookings(actor).exclude(pk__in=[one.pk for one in waiting]).order_by("-starts_at", "-id")
    rows = chain(waiting, mine.iterator(chunk_size=exports.CHUNK))
    name = str(_("场地预订"))
    return exports.respond(actor=actor, name=name, kind=exports.kind_of(form), columns=BOOKINGS, rows=rows)

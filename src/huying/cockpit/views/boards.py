"""The board of a place: the page, the same again while it is open, and the switch of its order."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.cockpit import actions, queries, rules
from huying.cockpit.forms.boards import BoardForm, RankingForm
from huying.cockpit.queries.boards import BY_PLACE, Board
from huying.cockpit.rules.board_periods import Against, Span, Stretch, step
from huying.cockpit.rules.board_scenes import SCENES
from huying.cockpit.views import board_parts as parts
from huying.cockpit.views import board_words as words
from huying.figures.queries import Period
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui import when
from huying.ui.modes import YEAR, modes_of

KEEP = ("scene", "period", "on", "since", "until", "against", "colour", "screen")
LOOKS = ("night", "day")
LOOK = "huying_board"
SECONDS = 30


def reader(request: Request) -> Actor:
    """Who is signed in, if he has a board somewhere; Forbidden for others."""
    actor = signed_in(request)
    if not rules.sees_boards(actor):
        raise Forbidden(_("驾驶舱给能看数据的工作人员看，上面有不公开的小数。"))
    return actor


@require_safe
@never_cache
def home(request: Request) -> HttpResponse:
    """To the board of the highest place where the reader works."""
    actor = reader(request)
    place = place_queries.home_of(actor)
    if place is None or not rules.can_see_board(actor, place):
        raise NotFound
    return HttpResponseRedirect(reverse("cockpit:board", args=[place.public_id]), status=303)


@require_safe
@never_cache
def board(request: Request, public_id: UUID) -> HttpResponse:
    """The board as a page; ``look`` changes day and night, and is remembered."""
    actor = reader(request)
    place = queries.place_of(actor, public_id)
    form = asked_form(request)
    good = form.is_valid()
    context = {**matter(request, actor, place, form), **frame(request, actor, place, form)}
    answer = render(request, "cockpit/board.html", context, status=200 if good else 422)
    if request.GET.get("look") in LOOKS:
        answer.set_cookie(LOOK, request.GET["look"], max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@require_safe
def now(request: Request, public_id: UUID) -> HttpResponse:
    """The panels again, for the page that is open; 304 while nothing has changed."""
    actor = reader(request)
    place = queries.place_of(actor, public_id)
    form = asked_form(request)
    form.is_valid()
    setting = queries.setting_of(place)
    asked = (request.GET.urlencode(), actor.person_id, actor.roles, get_language(), modes_of(request))
    seen = f"{place.pk} {asked} {queries.stamp()} {setting and setting.set_at} {clock.today()}"
    etag = f'"{blake2b(seen.encode(), digest_size=12).hexdigest()}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = render(request, "cockpit/_board.html", matter(request, actor, place, form))
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


def asked_form(request: Request) -> BoardForm:
    """What the address asks for; what it leaves out is chosen as it is meant."""
    return BoardForm({"period": Stretch.MONTH.value, "against": Against.PREVIOUS.value} | request.GET.dict())


def kept(request: Request) -> dict[str, str]:
    """What the address asks for, but for the look."""
    return {name: request.GET[name] for name in KEEP if request.GET.get(name)}


def address(name: str, place: Place, asked: dict[str, str], **changed: str) -> str:
    """A page of a board with what this one asks for; ``changed`` replaces some, empty values drop out."""
    query = urlencode({key: value for key, value in {**asked, **changed}.items() if value})
    return reverse(name, args=[place.public_id]) + (f"?{query}" if query else "")


def matter(request: Request, actor: Actor, place: Place, form: BoardForm) -> dict[str, Any]:
    """All panels."""
    found: Board = queries.board(actor, place, form.span(), form.scene_asked())
    asked, colour = kept(request), found.metrics[form.colour_code()]
    query = f"?{urlencode(asked)}" if asked else ""
    picture = parts.area_map(found, colour)
    return {
        "place": place,
        "at": found.at,
        "poll": address("cockpit:now", place, asked),
        "seconds": SECONDS,
        "against": against_in_words(found.span),
        "span": span_in_words(found.span.shown),
        "tiles": words.tiles(found),
        "scene": found.scene,
        "clocks": words.clocks(actor, place, found.clocks),
        "curves": parts.curves(found),
        "curve_span": parts.days_in_short(found.span.trend),
        "kinds": parts.kinds(found),
        "hours": parts.hours(found),
        "picture": picture,
        "areas": parts.areas(found, picture, colour, query),
        "colour": colour,
        "colour_name": words.name_of(colour),
        "colour_unit": words.unit_of(colour),
        "colours": [
            {
                "label": words.name_of(found.metrics[code]),
                "url": address("cockpit:board", place, asked, colour=code) + "#p-map",
                "current": code == colour.pk,
            }
            for code in BY_PLACE
        ],
        "units": parts.units(found, colour, query),
        "sites": parts.sites(found),
        "latest": parts.latest(found),
        "coming": parts.coming(found),
    }


def frame(request: Request, actor: Actor, place: Place, form: BoardForm) -> dict[str, Any]:
    """What stands around the panels: the way up, periods, comparison, looks."""
    asked, span = kept(request), form.span()
    look = request.GET.get("look") or request.COOKIES.get(LOOK) or LOOKS[0]
    look = look if look in LOOKS else LOOKS[0]
    above = place.parent if place.parent and rules.can_see_board(actor, place.parent) else None
    on, today = span.shown.since, clock.today()
    moving = span.stretch != Stretch.CUSTOM
    later = moving and span.shown.until <= today
    stretches = [
        {
            "label": str(one.label),
            "url": address("cockpit:board", place, asked, period=one.value, on="", since="", until=""),
            "current": span.stretch == one,
        }
        for one in Stretch
        if one != Stretch.CUSTOM
    ]
    scenes = [
        {
            "label": str(one.name),
            "url": address("cockpit:board", place, asked, scene=one.code, colour=""),
            "current": form.scene_asked() == one,
        }
        for one in SCENES.values()
    ]
    return {
        "form": form,
        "scenes": scenes,
        "look": look,
        "other_look": address("cockpit:board", place, asked, look=LOOKS[1 - LOOKS.index(look)]),
        "screen": bool(asked.get("screen")),
        "big": address("cockpit:board", place, asked, screen="on"),
        "small": address("cockpit:board", place, asked, screen=""),
        "above": above,
        "above_href": address("cockpit:board", above, asked) if above else "",
        "may_set": rules.can_set_board(actor, place),
        "stretches": stretches,
        "custom": form.data.get("period") == Stretch.CUSTOM,
        "earlier": moving and address("cockpit:board", place, asked, on=step(span.stretch, on, -1).isoformat()),
        "later": later and address("cockpit:board", place, asked, on=step(span.stretch, on, 1).isoformat()),
        "hidden": {name: value for name, value in asked.items() if name in {"scene", "colour", "screen"}},
        "term": when.solar_term(today),
    }


def span_in_words(period: Period) -> str:
    """10月1日 周四 to 10月30日 周五, the last day included; the year where it is another one."""
    last = type(period.since).fromordinal(max(period.until.toordinal() - 1, period.since.toordinal()))
    year = {period.since.year, last.year} != {clock.today().year}
    if last == period.since:
        return when.day_text(last, year=year)
    since, until = when.day_text(period.since, year=year), when.day_text(last, year=year)
    return gettext("%(since)s至%(until)s") % {"since": since, "until": until}


def against_in_words(span: Span) -> str:
    """What the arrows compare with; "" where nothing is compared."""
    if span.before is None:
        return ""
    return gettext("箭头和%(span)s比") % {"span": span_in_words(span.before)}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ranking(request: Request, public_id: UUID) -> HttpResponse:
    """Switch the order of the units below a place on or off, with the reason."""
    actor = reader(request)
    place = queries.place_of(actor, public_id)
    if not rules.can_set_board(actor, place):
        raise Forbidden(_("给单位排序由业务管理员决定。"))
    setting = queries.setting_of(place)
    form = RankingForm(request.POST if request.method == "POST" else None, initial={"ranks": setting and setting.ranks})
    if form.is_bound and form.is_valid():
        try:
            actions.set_ranking(actor=actor, place=place, **form.cleaned_data)
        except DomainError as problem:
            for name, text in problem.fields.items():
                form.add_error(name if name in form.fields else None, str(text))
        else:
            messages.success(request, gettext("已保存，驾驶舱马上照新的显示。"))
            return HttpResponseRedirect(reverse("cockpit:board", args=[place.public_id]), status=303)
    context = {"place": place, "form": form, "setting": setting}
    return render(request, "cockpit/ranking.html", context, status=422 if form.is_bound else 200)

"""What everybody may see: the list by day, one activity, the map, calendars."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.activities import actions, forms, queries, rules
from huying.activities.models import Session
from huying.activities.queries import Story
from huying.activities.states import TOLD, Measure, SessionState, Source
from huying.activities.views import pages
from huying.kernel import attachments, clock, paging
from huying.kernel.requests import Request
from huying.places import queries as place_queries
from huying.places.queries import Spot
from huying.ui.naming import named
from huying.volunteers import rules as volunteer_rules

PAGE = 20
WIDTH, HEIGHT = 480, 400


@require_safe
@never_cache
def listing(request: Request) -> HttpResponse:
    """What is on, by day, under filters."""
    find = forms.FindForm(request.GET)
    sessions = queries.chosen(find.asked()).values("id", "starts_at")
    page = paging.page(sessions, ("starts_at", "id"), request.GET.get("cursor"), PAGE)
    kept = {key: value for key, value in request.GET.items() if key not in {"cursor", "q"} and value}
    return pages.show(
        request,
        "list",
        find=find,
        page=page,
        days=pages.by_day(
            pages.card(one, seats=seats) for one, seats in queries.lines_of(row["id"] for row in page.rows)
        ),
        place=find.place,
        q=find.got("q") or "",
        kept=kept,
        narrowed=bool(set(kept) - {"first", "last", "within"}),
        asked=bool(kept or find.got("q")),
        quick=quick(find),
        organiser=rules.is_organiser(request.actor),
        query=request.GET.urlencode(),
    )


def quick(find: forms.FindForm) -> list[dict[str, Any]]:
    """The narrowings people want most, as links: today, this weekend, next seven days."""
    today = clock.today()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    spans = [
        (_("今天"), today, today),
        (
            _("本周末"),
            saturday if today.weekday() < 6 else today,
            saturday + timedelta(days=1) if today.weekday() < 6 else today,
        ),
        (_("七天内"), today, today + timedelta(days=6)),
    ]
    now = (find.got("first"), find.got("last"))
    items = [
        {"label": label, "url": f"?first={first}&last={last}", "current": now == (first, last)}
        for label, first, last in spans
    ]
    large = bool(find.got("large"))
    every = {"label": _("全部"), "url": "?", "current": not any(now) and not large}
    return [every, *items, {"label": _("大型活动"), "url": "?large=on", "current": large and not any(now)}]


@require_safe
@never_cache
def activity(request: Request, public_id: UUID) -> HttpResponse:
    """One activity: what, when, where, who hosts, places left; the button to sign up."""
    story = queries.story(request.actor, public_id)
    found = story.activity
    lines = [session_line(request, story, one) for one in story.sessions]
    ahead = [one for one in lines if not one["over"]]
    return pages.show(
        request,
        "activity",
        story=story,
        activity=found,
        tone=pages.STATE_TONES[found.state],
        ahead=ahead,
        past=[one for one in reversed(lines) if one["over"]],
        facts=facts(story),
        dial=found.contact_phone,
        programme=[line for line in found.programme.splitlines() if line.strip()],
        shares=[(one.get_side_display(), one.name, f"{one.share / 100:g}%") for one in story.parties],
        results=result_lines(story),
        photos=photos(request, story),
        history=[history_line(one) for one in story.history],
        missing=[str(one) for one in actions.still_missing(found)]
        if story.may_write and found.state == "draft"
        else [],
        feed=request.build_absolute_uri(reverse("activities:ics", args=[found.public_id])),
        leads=any(one["open"] and not one["over"] for one in lines) and volunteer_rules.is_leader(request.actor),
    )


def session_line(request: Request, story: Story, session: Session) -> dict[str, Any]:
    """One session on the page of its activity, with what this reader can press."""
    mine = story.mine.get(session.pk)
    words, tone = pages.status(session, mine)
    open_now = actions.is_open(session)
    return {
        "session": session,
        "time": pages.time_of(session),
        "where": pages.where_of(session),
        "status": words,
        "tone": tone,
        "mine": mine,
        "open": open_now,
        "over": session.state != SessionState.PLANNED or session.ends_at <= clock.now(),
        "shifts": list(session.shifts.all()),
        "reason": session.reason,
    }


def facts(story: Story) -> list[tuple[str, Any]]:
    """What one must know, as name and value."""
    found = story.activity
    ages = [str(one) for one in (found.age_from, found.age_to) if one is not None]
    return [
        (_("哪里的活动"), named(found.place)),
        (_("欢迎谁来"), found.audience),
        (_("年龄"), "–".join(ages)),
        (_("要带什么"), found.bring),
        (_("可能的风险"), found.risks),
        (_("保障"), found.guarantees),
    ]


def result_lines(story: Story) -> list[tuple[str, str, str]]:
    """(measure, amount with its unit, where it comes from); each unit stands for itself."""
    lines = []
    for row in story.results:
        what = f"{Measure(row['measure']).label} {row['what']}".strip()
        amount = f"{row['total']:,.{row['unit__digits']}f} {row['unit__name']}"
        lines.append((what, amount, str(Source(row["source"]).label)))
    return lines


def photos(request: Request, story: Story) -> list[dict[str, Any]]:
    """Small and full pictures with short signed addresses."""
    return [
        {
            "photo": photo,
            "full": attachments.url(file, request.actor),
            "small": attachments.url(file, request.actor, small=True),
        }
        for photo, file in story.photos
    ]


def history_line(event: Any) -> dict[str, Any]:
    """One step for the organisers."""
    words = str(TOLD.get(event.verb, event.verb))
    given = {"reason": event.reason, "before": "", "after": ""}
    if event.verb == "move":
        given |= {"before": day_in(event.facts["before"]["starts_at"]), "after": day_in(event.facts["after"])}
    return {
        "title": words.format(**given),
        "at": event.at,
        "who": event.person.name if event.person else "",
        "tone": "pine",
    }


def day_in(text: str) -> str:
    return f"{clock.local(datetime.fromisoformat(text)):%m-%d %H:%M}"


@require_safe
@never_cache
def whole_map(request: Request) -> HttpResponse:
    """Where it is on, drawn on the server; the list beside it says the same."""
    find = forms.FindForm(request.GET)
    place = find.place or place_queries.home_of(request.actor) or place_queries.tops().first()
    sessions = queries.spots(find.asked())
    picture = None
    if place is not None:
        spots = [spot(one, at) for one in sessions if (at := queries.position(one))]
        picture = place_queries.map_of(place, width=WIDTH, height=HEIGHT, spots=spots)
    return pages.show(
        request, "map", find=find, picture=picture, days=pages.by_day(pages.card(one) for one in sessions), place=place
    )


def spot(session: Session, at: tuple[float, float]) -> Spot:
    address = reverse("activities:activity", args=[session.activity.public_id])
    return Spot(*at, session.activity.title, address)


@require_safe
def geojson(request: Request) -> HttpResponse:
    """The same as GeoJSON (RFC 7946): a point each session, longitude first, WGS 84 or CGCS 2000."""
    find = forms.FindForm(request.GET)
    features = [
        {
            "type": "Feature",
            "id": str(one.public_id),
            "geometry": {"type": "Point", "coordinates": list(at)},
            "properties": {
                "title": one.activity.title,
                "kind": one.activity.kind.code,
                "starts": one.starts_at.isoformat(),
                "ends": one.ends_at.isoformat(),
                "where": pages.where_of(one),
                "url": reverse("activities:activity", args=[one.activity.public_id]),
            },
        }
        for one in queries.spots(find.asked())
        if (at := queries.position(one))
    ]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Content-Type"] = "application/geo+json"
    return answer


def calendar_answer(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return answer


@require_safe
def ics(request: Request, public_id: UUID) -> HttpResponse:
    """One activity as a calendar, to add or to subscribe to."""
    found = queries.activity(request.actor, public_id)
    return calendar_answer(queries.calendar_of(found, pages.absolute(request)), str(found.public_id))


@require_safe
def calendar(request: Request) -> HttpResponse:
    """Everything that is on, under the filters of the list, as a calendar to subscribe to."""
    find = forms.FindForm(request.GET)
    name = _("%(place)s活动") % {"place": named(find.place)} if find.place else _("活动日历")
    return calendar_answer(queries.public_calendar(find.asked(), name, pages.absolute(request)), "huying")


@require_safe
@never_cache
def my_calendar(request: Request, token: str) -> HttpResponse:
    """What one person goes to; whoever holds the address reads it, so it can be renewed."""
    return calendar_answer(queries.mine_for(token, pages.absolute(request)), "mine")

"""The desk of a team's leader: what waits for him today, from every room."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.activities import queries as activity_queries
from huying.activities.models import Session, SignUp
from huying.activities.views import pages as activity_pages
from huying.calls import queries as call_queries
from huying.calls.states import OfferState
from huying.kernel import clock, exports
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, signed_in
from huying.ui import when
from huying.ui.naming import named
from huying.volunteers import queries, rules
from huying.volunteers.models import ServiceSession
from huying.volunteers.queries.leading import AHEAD
from huying.volunteers.states import SessionState

ENOUGH = 100


@require_safe
@never_cache
def desk(request: Request) -> HttpResponse:
    """Hours to confirm, roll-calls of today, rosters of what comes next, teams and exports."""
    actor = signed_in(request)
    if not rules.is_leader(actor):
        raise Forbidden
    found = queries.desk(actor)
    tomorrow = datetime.combine(clock.today(), time(), clock.SHANGHAI) + timedelta(days=1)
    runs = activity_queries.run_until(actor, tomorrow + AHEAD)
    gatherings = [(one, gathering_line(one)) for one in runs]
    offers = call_queries.my_offers(actor).filter(state=OfferState.OFFERED)
    ahead = [service_line(one) for one in found.ahead]
    ahead += [line for one, line in gatherings if one.starts_at >= tomorrow]
    ahead += [team_line(one) for one in activity_queries.teams_going(actor, tomorrow + AHEAD)]
    context = {
        "desk": found,
        "day": clock.today(),
        "waiting": queries.count_waiting(actor, ENOUGH),
        "offers": offers[:ENOUGH].count(),
        "today": sorted(
            [
                *(service_line(one) for one in found.today),
                *(line for one, line in gatherings if one.starts_at < tomorrow),
            ],
            key=lambda line: line["at"],
        ),
        "ahead": sorted(ahead, key=lambda line: line["at"]),
        "columns": [_("什么时候"), _("做什么"), _("地点"), _("名单")],
        "record_files": exports.addresses("volunteers:records_file"),
        "desk_files": {one.public_id: exports.addresses("volunteers:team_file", one.public_id) for one in found.teams},
    }
    return render(request, "config/leading.html", context)


def service_line(one: ServiceSession) -> dict[str, Any]:
    """A session of service: the roll, the code on the screen, the list as a file."""
    come = ngettext("已到 %(n)d 人", "已到 %(n)d 人", one.came) % {"n": one.came}  # type: ignore[attr-defined]
    line = {
        "at": one.starts_at,
        "when": f"{when.moment_text(one.starts_at, clock.now())}–{when.clock_text(one.ends_at)}",
        "title": one.title,
        "where": named(one.place),
        "url": reverse("volunteers:session", args=[one.public_id]),
        "list_url": reverse("volunteers:session_roll", args=[one.public_id]),
        "list_label": _("点名"),
        "come": come,
        "over": one.state != SessionState.OPEN,
    }
    return line | {"code_url": "" if line["over"] else reverse("volunteers:session_code", args=[one.public_id])}


def gathering_line(one: Session) -> dict[str, Any]:
    """A session of an activity that his team helps to run: the door, where names are ticked off."""
    door = reverse("activities:door", args=[one.public_id])
    return {
        "at": one.starts_at,
        "when": activity_pages.time_of(one),
        "title": one.activity.title,
        "where": activity_pages.where_of(one),
        "url": reverse("activities:activity", args=[one.activity.public_id]),
        "list_url": door,
        "list_label": _("签到和名单"),
        "come": "",
        "over": False,
        "code_url": "",
    }


def team_line(row: SignUp) -> dict[str, Any]:
    """A session to which one of his teams goes as a team."""
    coming = ngettext("%(team)s去 %(n)d 人", "%(team)s去 %(n)d 人", row.count)
    return gathering_line(row.session) | {
        "list_url": reverse("activities:sign_up", args=[row.public_id]),
        "list_label": coming % {"team": row.team, "n": row.count},
    }

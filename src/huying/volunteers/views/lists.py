"""Lists that are taken along as files: volunteers, teams and their members, sessions and who came, campaigns, counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel import clock, exports
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.requests import Request, fresh, signed_in
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers import queries, rules
from huying.volunteers.forms.joining import FindForm
from huying.volunteers.models import Campaign, Language, Membership, ServiceSession, Skill, Team, Volunteer
from huying.volunteers.queries import Counted, RollLine
from huying.volunteers.states import Measure
from huying.volunteers.templatetags.service import session_phase

MEMBERS = (
    exports.Column[Membership](gettext_lazy("姓名"), "volunteer.person.name", "name"),
    exports.Column[Membership](gettext_lazy("队长"), "is_leader", "is_leader"),
    exports.Column[Membership](gettext_lazy("社区"), lambda row: named(row.volunteer.base_place), "community"),
    exports.Column[Membership](gettext_lazy("会做什么"), lambda row: joined(row.volunteer.skills.all()), "skills"),
    exports.Column[Membership](
        gettext_lazy("会说什么话"), lambda row: joined(row.volunteer.languages.all()), "languages"
    ),
    exports.Column[Membership](gettext_lazy("入队时间"), "starts_at", "joined_at"),
    exports.Column[Membership](gettext_lazy("休息到"), lambda row: resting(row), "rests_until"),
)
ROSTER = (
    exports.Column[RollLine](gettext_lazy("姓名"), "volunteer.person.name", "name"),
    exports.Column[RollLine](gettext_lazy("签到"), lambda row: row.visit.in_at if row.visit else None, "in_at"),
    exports.Column[RollLine](gettext_lazy("签退"), lambda row: row.visit.out_at if row.visit else None, "out_at"),
    exports.Column[RollLine](
        gettext_lazy("怎样签到"), lambda row: row.visit.get_in_way_display() if row.visit else "", "in_way"
    ),
)
"""No numbers of telephones: a list that travels holds what is needed to call the roll."""
VOLUNTEERS = (
    exports.Column[Volunteer](gettext_lazy("姓名"), "person.name", "name"),
    exports.Column[Volunteer](gettext_lazy("社区"), lambda row: named(row.base_place), "community"),
    exports.Column[Volunteer](gettext_lazy("会做什么"), lambda row: joined(row.skills.all()), "skills"),
    exports.Column[Volunteer](gettext_lazy("会说什么话"), lambda row: joined(row.languages.all()), "languages"),
    exports.Column[Volunteer](gettext_lazy("登记时间"), "joined_at"),
    exports.Column[Volunteer](gettext_lazy("休息到"), "paused_until", "rests_until"),
)
TEAMS = (
    exports.Column[Team](gettext_lazy("队伍"), "name", "team"),
    exports.Column[Team](gettext_lazy("地点"), lambda row: named(row.place), "place"),
    exports.Column[Team](gettext_lazy("哪一种"), lambda row: named(row.kind), "kind"),
    exports.Column[Team](gettext_lazy("上级队伍"), lambda row: row.parent.name if row.parent else None, "parent"),
    exports.Column[Team](gettext_lazy("人数"), "members"),
    exports.Column[Team](gettext_lazy("接单中"), "active"),
)
SESSIONS = (
    exports.Column[ServiceSession](gettext_lazy("场次"), "title"),
    exports.Column[ServiceSession](gettext_lazy("开始"), "starts_at"),
    exports.Column[ServiceSession](gettext_lazy("结束"), "ends_at"),
    exports.Column[ServiceSession](gettext_lazy("地点"), lambda row: named(row.place), "place"),
    exports.Column[ServiceSession](gettext_lazy("队伍"), lambda row: row.team.name if row.team else None, "team"),
    exports.Column[ServiceSession](gettext_lazy("来了几人"), "came"),
    exports.Column[ServiceSession](gettext_lazy("状态"), session_phase, "state"),
)
CAMPAIGNS = (
    exports.Column[Campaign](gettext_lazy("招募"), "title"),
    exports.Column[Campaign](gettext_lazy("队伍"), "team.name", "team"),
    exports.Column[Campaign](gettext_lazy("地点"), lambda row: named(row.team.place), "place"),
    exports.Column[Campaign](gettext_lazy("应急"), "is_emergency"),
    exports.Column[Campaign](gettext_lazy("要几个人"), "wanted"),
    exports.Column[Campaign](gettext_lazy("已加入"), "joined"),
    exports.Column[Campaign](gettext_lazy("开始"), "opens_at"),
    exports.Column[Campaign](gettext_lazy("截止"), "closes_at"),
    exports.Column[Campaign](gettext_lazy("停止"), "stopped_at"),
)
COUNTS = (
    exports.Column[tuple[Place, Counted]](gettext_lazy("地方"), lambda row: named(row[0]), "place"),
    exports.Column[tuple[Place, Counted]](gettext_lazy("口径"), lambda row: str(row[1].measure.label), "measure"),
    exports.Column[tuple[Place, Counted]](gettext_lazy("本平台"), lambda row: row[1].own, "own"),
    exports.Column[tuple[Place, Counted]](gettext_lazy("外部报数"), lambda row: told(row[1], "value"), "reported"),
    exports.Column[tuple[Place, Counted]](gettext_lazy("来源"), lambda row: told(row[1], "source"), "source"),
    exports.Column[tuple[Place, Counted]](gettext_lazy("数据日期"), lambda row: told(row[1], "as_of_date"), "as_of"),
)


def told(counted: Counted, what: str) -> Any:
    """What another system reported, with its source and day; nothing where none did."""
    return getattr(counted.reported, what) if counted.reported else None


def joined(rows: Iterable[Skill | Language]) -> str:
    return _("、").join(named(one) for one in rows)


def resting(row: Membership) -> date | None:
    until = row.volunteer.paused_until
    return until if until and until >= clock.today() else None


@require_safe
@never_cache
@fresh
def members(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """The members of a team, for those who keep them."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if not story.keeps_members:
        raise Forbidden
    rows = queries.team_members(story.team).prefetch_related("volunteer__languages")
    name = _("%(team)s队员") % {"team": story.team.name}
    return exports.respond(actor=actor, name=name, kind=exports.kind_of(kind), columns=MEMBERS, rows=rows)


@require_safe
@never_cache
@fresh
def roster(request: Request, public_id: UUID, kind: str) -> HttpResponseBase:
    """Who is expected at a session and who came, for those who run it."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    found = queries.session_by_id(actor, public_id)
    rows, name = queries.roll(found), _("%(title)s名单") % {"title": found.title}
    return exports.respond(actor=actor, name=name, kind=exports.kind_of(kind), columns=ROSTER, rows=rows)


@require_safe
@never_cache
@fresh
def volunteers(request: Request, kind: str) -> HttpResponseBase:
    """Volunteers of the keeper's places under the filters of the page, by name."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    find = FindForm(request.GET)
    if not find.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in find.errors.values() for words in errors))
    rows = queries.listed(actor, **find.wanted())
    rows = rows.prefetch_related("skills", "languages").order_by("person__sort_key", "id")
    return exports.respond(actor=actor, name=_("志愿者"), kind=exports.kind_of(kind), columns=VOLUNTEERS, rows=rows)


@require_safe
@never_cache
def teams(request: Request, kind: str) -> HttpResponseBase:
    """Teams whose page the reader may read, under the words of the page; counts of people, never their names."""
    actor = signed_in(request)
    asked = FindForm(request.GET).wanted()
    active = asked["only"] == Measure.ACTIVE
    named = {"words": asked["words"], "within": asked["within"], "kind": request.GET.get("kind", "")[:40]}
    rows = queries.teams(actor, active=active, **named).order_by("name", "id")
    return exports.respond(actor=actor, name=_("志愿队伍"), kind=exports.kind_of(kind), columns=TEAMS, rows=rows)


@require_safe
@never_cache
def sessions(request: Request, kind: str) -> HttpResponseBase:
    """Sessions that the reader runs, the latest first."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    rows = queries.sessions(actor).order_by("-starts_at", "-id")
    return exports.respond(actor=actor, name=_("签到场次"), kind=exports.kind_of(kind), columns=SESSIONS, rows=rows)


@require_safe
@never_cache
def campaigns(request: Request, kind: str) -> HttpResponseBase:
    """Notices of teams that look for people, those that close first in front."""
    actor = signed_in(request)
    rows = queries.campaigns(actor).order_by("closes_at", "id")
    return exports.respond(actor=actor, name=_("招募志愿者"), kind=exports.kind_of(kind), columns=CAMPAIGNS, rows=rows)


@require_safe
@never_cache
def counts(request: Request, kind: str) -> HttpResponseBase:
    """Our own counts beside those of other systems, a line a measure; nothing is added up."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    rows = [(place, one) for place in queries.kept_places(actor) for one in queries.counts_of(place)]
    return exports.respond(actor=actor, name=_("志愿者人数"), kind=exports.kind_of(kind), columns=COUNTS, rows=rows)
